// Makes the pictures of every kind of notice on Slack and Discord: node tools/notice-pictures.ts [FOLDER]
// The notices come from a real house, the payloads from the adapters' own renderers; what is drawn is read out of the
// payloads alone. Wants a font with emoji, and has the platforms' look where Lato and Inter are installed.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { noticeBody } from "../adapters/chat/discord/render/notice.ts";
import { renderNotice } from "../adapters/chat/slack/render/notice.ts";
import { discordHtml } from "./pictures/discord.ts";
import { escaped, tag, timeOf } from "./pictures/html.ts";
import { morningNotices, type Shown } from "./pictures/notices.ts";
import { slackHtml } from "./pictures/slack.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const WIDTH = 1200;
/** Pixels of the picture for one of the page: small enough to be loaded beside a page of text. */
const SCALE = 0.875;
/** A gate. */
const AVATAR =
  '<span class="avatar"><svg viewBox="0 0 24 24"><path d="M4 20V9a8 8 0 0 1 16 0v11M4 20h16M9 20v-9M15 20v-9M12 20v-9"/></svg></span>';

/** Moves what stands last in the first column over until both are about as high. */
const BALANCE = `{
  const [first, second] = document.querySelectorAll(".column");
  const height = (column) => [...column.children].reduce((sum, one) => sum + one.offsetHeight + 20, 0);
  for (;;) {
    const last = first.lastElementChild;
    if (height(second) + last.offsetHeight > height(first)) break;
    second.prepend(last);
  }
}`;

type Draw = (shown: Shown, now: number) => string;

const PLATFORMS: readonly (readonly [name: string, draw: Draw])[] = [
  ["slack", ({ delivery }, now) => slackHtml(renderNotice(delivery, "UTC"), now)],
  ["discord", ({ delivery }, now) => discordHtml(noticeBody(delivery).components, now)],
];

const folder = process.argv[2] ?? join(import.meta.dirname, "../docs/images");
mkdirSync(folder, { recursive: true });
const { shown, now } = await morningNotices();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
try {
  for (const [name, draw] of PLATFORMS) {
    const messages = shown.map((one) => messageHtml(one, draw(one, now)));
    await picture(browser, pageHtml(name, messages), join(folder, `${name}-notices.png`));
  }
} finally {
  await browser.close();
}

/** One message as a chat shows it, below the kind of notice it is. */
function messageHtml({ caption, at }: Shown, body: string): string {
  const who = `<span class="name">Gatehouse</span><span class="badge">APP</span><span class="when">${timeOf(at)}</span>`;
  const message = AVATAR + tag("div", "said", tag("div", "who", who) + body);
  return tag("section", "", tag("div", "caption", escaped(caption)) + tag("div", "message", message));
}

/** Everything stands in the first of two columns until it is balanced. */
function pageHtml(platform: string, messages: readonly string[]): string {
  const style = (file: string): string =>
    readFileSync(join(import.meta.dirname, "pictures", `${file}.css`), "utf8");
  const columns = tag("div", "column", messages.join("")) + tag("div", "column", "");
  return `<!doctype html><meta charset="utf-8"><style>${style("frame")}${style(platform)}</style>${tag("main", "", columns)}`;
}

async function picture(within: Browser, html: string, path: string): Promise<void> {
  const viewport = { width: WIDTH, height: 600 };
  const page = await within.newPage({ viewport, deviceScaleFactor: SCALE, locale: "en-GB" });
  await page.setContent(html);
  await page.evaluate(BALANCE);
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
