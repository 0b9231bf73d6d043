import type { Page } from "playwright-core";

export interface PoorContrast {
  readonly text: string;
  readonly ratio: number;
  readonly color: string;
  readonly background: string;
}

/**
 * Every text the page shows, against what is painted behind it, by the formula of WCAG 2.2: less than 4.5 to 1, or 3 to 1
 * where it is large. Runs in the page, so it is text here.
 */
const LOOK = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    const layers = [];
    for (let one = element; one !== null; one = one.parentElement) layers.push(parse(getComputedStyle(one).backgroundColor));
    layers.push({ r: 255, g: 255, b: 255, a: 1 });
    return layers.reduceRight((below, top) => over(top, below));
  };
  const poor = [];
  let looked = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    const text = node.textContent.trim();
    const element = node.parentElement;
    if (text === "" || element.closest(".hidden, .disc, script") !== null || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const background = behind(element);
    const color = over(parse(style.color), background);
    const [a, b] = [light(color), light(background)].toSorted((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    looked += 1;
    if (ratio < (large ? 3 : 4.5)) poor.push({ text: text.slice(0, 60), ratio: Math.round(ratio * 100) / 100, color: style.color, background: JSON.stringify(background) });
  }
  return { looked, poor };
})()`;

/** What is too faint to read. `looked` says at how many texts it was measured. */
export async function poorContrast(
  page: Page,
): Promise<{ readonly looked: number; readonly poor: readonly PoorContrast[] }> {
  return page.evaluate(LOOK);
}
