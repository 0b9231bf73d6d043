import type { WebClient } from "@slack/web-api";
import type { ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import { personOf } from "../receive/events.ts";
import { slackRefusal } from "../receive/web.ts";
import { homeView } from "./view.ts";

/** Whoever opened the page within the hour may still look at it. */
const OPEN_MS = 3_600_000;
/** One person's page changes no more often. */
const EVERY_MS = 5000;
/** All pages together: Slack takes about a hundred a minute. */
const A_MINUTE = 60;
/** The most pages that are kept up to date; whoever opened his least recently falls out. */
const PEOPLE_MAX = 500;

interface Page {
  channel: string | null;
  seenAt: number;
  publishedAt: number;
  /** What stands there: the same again is not sent. */
  shown: string;
  timer: NodeJS.Timeout | null;
}

export interface HomeOptions {
  readonly client: WebClient;
  readonly desk: Pick<ChatDesk, "overview" | "onChange" | "broke">;
  readonly everyMs?: number;
}

/**
 * People's pages in Slack: drawn when they are opened, and drawn anew when something changed, for those who may still look
 * at them. Changes that come together make one; each person's page waits a few seconds after the last, and all pages
 * together stay below what Slack takes.
 */
export class Home {
  readonly #options: HomeOptions;
  readonly #everyMs: number;
  readonly #pages = new Map<string, Page>();
  readonly #sent: number[] = [];
  readonly #unhang: () => void;

  constructor(options: HomeOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? EVERY_MS;
    this.#unhang = options.desk.onChange(() => this.#changed());
  }

  /** `channel`: the person's conversation with the bot. */
  opened(user: string, channel: string | null): void {
    const known = this.#pages.get(user);
    const page = known ?? { channel, seenAt: 0, publishedAt: 0, shown: "", timer: null };
    page.channel = channel ?? page.channel;
    page.seenAt = Date.now();
    // Back to the end: the map is in the order in which pages were opened.
    this.#pages.delete(user);
    this.#pages.set(user, page);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > PEOPLE_MAX && oldest !== undefined) this.#forget(oldest);
    page.shown = "";
    this.#draw(user, page, 0);
  }

  close(): void {
    this.#unhang();
    for (const user of this.#pages.keys()) this.#forget(user);
  }

  #changed(): void {
    const now = Date.now();
    for (const [user, page] of this.#pages) {
      if (now - page.seenAt > OPEN_MS) this.#forget(user);
      else if (page.timer === null)
        this.#draw(user, page, Math.max(0, page.publishedAt + this.#everyMs - now));
    }
  }

  #forget(user: string): void {
    const timer = this.#pages.get(user)?.timer ?? null;
    if (timer !== null) clearTimeout(timer);
    this.#pages.delete(user);
  }

  #draw(user: string, page: Page, afterMs: number): void {
    if (page.timer !== null) clearTimeout(page.timer);
    const timer = setTimeout(() => {
      page.timer = null;
      this.#publish(user, page).catch((error: unknown) => this.#failed(user, page, error));
    }, afterMs);
    timer.unref();
    page.timer = timer;
  }

  async #publish(user: string, page: Page): Promise<void> {
    const now = Date.now();
    while ((this.#sent[0] ?? now) <= now - 60_000) this.#sent.shift();
    if (this.#sent.length >= A_MINUTE) {
      this.#draw(user, page, (this.#sent[0] ?? now) + 60_000 - now);
      return;
    }
    this.#sent.push(now);
    page.publishedAt = now;
    const view = homeView(await this.#options.desk.overview(personOf(user)), page.channel);
    const shown = JSON.stringify(view);
    if (shown === page.shown) return;
    await this.#options.client.views.publish({ user_id: user, view: view as never });
    page.shown = shown;
  }

  #failed(user: string, page: Page, error: unknown): void {
    if (!this.#pages.has(user)) return;
    const { retryAfter } = error as { readonly retryAfter?: unknown };
    if (typeof retryAfter === "number") this.#draw(user, page, retryAfter * 1000);
    // What Slack refuses it refuses again; whatever else it was, the next change draws the page anew.
    else if (slackRefusal(error) !== null)
      this.#options.desk.broke("a person's page could not be drawn", error);
  }
}
