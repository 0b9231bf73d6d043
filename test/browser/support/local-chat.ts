// The local chat as a newcomer has it: the bot as a process of its own, its page in a real browser. What agents do is done
// from this process, on the same database file, so everything a test sees has come from another process.
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import type { House } from "../../../src/commands/house.ts";
import { type GatehouseProcess, startGatehouse } from "../../support/gatehouse-process.ts";
import { openTestHouse, seedRoster } from "../../support/house.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface LocalChat {
  readonly house: House;
  readonly url: string;
  /** Opens the page in a browser context of its own and waits until it is live. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** Writes a file below the proof root of the bot. */
  proofFile(path: string, text: string): void;
  stopBot(): Promise<void>;
  /** On the address it had. */
  startBot(): Promise<void>;
  close(): Promise<void>;
}

export async function openLocalChat(): Promise<LocalChat> {
  const home = await openTestHouse();
  const { house, folder, url: database, proofs } = home;
  await seedRoster(house);
  let bot: GatehouseProcess;
  let url = "";
  const startBot = async (): Promise<void> => {
    const at = url === "" ? "127.0.0.1:0" : new URL(url).host;
    const env = { GATEHOUSE_DB_URL: database, GATEHOUSE_HTTP: at, GATEHOUSE_PROOF_ROOT: proofs };
    bot = startGatehouse(["serve"], { cwd: folder, env });
    url = await bot.ready();
  };
  const stopBot = async (): Promise<void> => {
    bot.child.kill("SIGTERM");
    const { status, err } = await bot.ended;
    if (status !== 0) throw new Error(`the bot ended with ${status}: ${err}`);
  };
  await startBot();
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  return {
    house,
    get url() {
      return url;
    },
    async visit(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 940 },
        locale: "en-GB",
        timezoneId: "UTC",
        ...options,
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => {
        throw error;
      });
      page.setDefaultTimeout(10_000);
      await page.goto(url);
      await live(page);
      return page;
    },
    proofFile(path, text) {
      mkdirSync(dirname(join(proofs, path)), { recursive: true });
      writeFileSync(join(proofs, path), text);
    },
    stopBot,
    startBot,
    async close() {
      await browser.close();
      if (bot.child.exitCode === null) {
        bot.child.kill("SIGTERM");
        await once(bot.child, "close");
      }
      await home.close();
    },
  };
}

export async function live(page: Page): Promise<void> {
  await page.getByText("Live", { exact: true }).waitFor();
}

export function commandLine(page: Page): Locator {
  return page.getByRole("combobox", { name: "Command line" });
}

/** The message of the channel about this task, of this kind. */
export function message(page: Page, kind: string, key: string): Locator {
  return page.locator(`#feed article[data-kind="${kind}"]`, { hasText: key });
}

export async function say(page: Page, line: string): Promise<void> {
  await commandLine(page).fill(line);
  await commandLine(page).press("Enter");
}
