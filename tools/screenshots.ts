// Makes the pictures of the local chat that the README shows: node tools/screenshots.ts [FOLDER]
// Nothing in them is drawn: a real house is opened, lives through a morning, and is looked at with a real browser.
import { mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { chromium, type Page } from "playwright-core";
import { localReceiver } from "../adapters/chat/all.ts";
import { dashboardApp } from "../src/doors/dashboard/app.ts";
import { listen } from "../src/listen.ts";
import { openStoryHouse, tellMorning } from "./story.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
];
const SIZE = { width: 1440, height: 940 };

const folder = process.argv[2] ?? join(import.meta.dirname, "../docs/images");
mkdirSync(folder, { recursive: true });

const story = await openStoryHouse(new Date().setUTCHours(9, 13, 0, 0));
const key = await tellMorning(story);
const stop = new AbortController();
const { house, nudge } = story;
const speech = localReceiver(house.localChat);
const quiet = {
  info: () => undefined,
  error: (facts: object) => process.stderr.write(`${JSON.stringify(facts)}\n`),
};
const listening = listen({ house, receivers: [speech], nudge, log: quiet, signal: stop.signal });
const app = dashboardApp({ house, speech, nudge, signal: stop.signal });
const server = createAdaptorServer({ fetch: app.fetch });
await new Promise<void>((resolve) => {
  server.listen(0, "127.0.0.1", resolve);
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [...ARGS, "--disable-component-update", "--disable-sync"],
});
try {
  const context = await browser.newContext({
    viewport: SIZE,
    colorScheme: "light",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator("#link[data-state=live]").waitFor();
  await type(page, "/gate prioritize CLIP-5 P1 the announcement goes out at noon");
  await page.locator(".command").waitFor();
  await page
    .locator(".card", { hasText: key })
    .locator("xpath=..")
    .getByRole("button", { name: "Attach proof" })
    .click();
  await reply(page, "Ran it on the labelled set: file:reports/recall.txt");
  await page.getByRole("img", { name: "being checked" }).first().waitFor();
  while ((await house.inbox.dueInMs(["local"])) !== null) await page.waitForTimeout(5);
  await story.settle();
  await page.locator(".replies").getByRole("img", { name: "the proof holds" }).waitFor();
  await page.mouse.move(0, 0);
  await page.evaluate("document.activeElement.blur()");
  await settled(page);
  await page.screenshot({ path: join(folder, "local-chat-light.png") });

  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "Close the thread" }).click();
  await page.keyboard.press("/");
  await page.keyboard.type("gate unblock ");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await settled(page);
  await page.screenshot({ path: join(folder, "local-chat-dark.png") });
} finally {
  await browser.close();
  stop.abort();
  await listening;
  server.close();
  await story.close();
}

async function type(page: Page, line: string): Promise<void> {
  const field = page.getByRole("combobox", { name: "Command line" });
  await field.fill(line);
  await field.press("Enter");
}

async function reply(page: Page, text: string): Promise<void> {
  const field = page.getByLabel("Reply in this thread");
  await field.fill(text);
  await field.press("Enter");
}

/** Animations are over and everything is drawn. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    "Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => null)",
  );
}
