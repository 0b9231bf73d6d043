import type { Clock } from "../../../src/ports/clock.ts";
import type { Delivery } from "../../../src/ports/outbox.ts";
import { Remembered } from "./remembered.ts";
import { SlackTrouble } from "./trouble.ts";
import type { SlackWeb } from "./web.ts";

const EVENT_TYPE = "gatehouse_notice";
/** Slack's clock and ours may differ by so much, in milliseconds. */
const CLOCKS_MS = 5 * 60_000;
const PAGE = 200;
/** In a channel where more was written since, nobody can tell. */
const PAGES_MAX = 20;
/** Looks that begin near each other read the same stretch. */
const SHARED_MS = 10 * 60_000;
/** Shorter than the rest after a doubt: whatever is looked for was sent before this was read, or never. */
const FRESH_MS = 50_000;

/** What a message is known by again. Everybody in the workspace may read it. */
export function noticeMetadata({ notice, revision }: Pick<Delivery, "notice" | "revision">): object {
  return { event_type: EVENT_TYPE, event_payload: { notice, revision } };
}

/** A channel's messages, or a thread's, read back so far: the newest first, down to `oldest`. */
interface Stretch {
  readonly readAt: number;
  readonly oldest: number;
  /** By notice, the `ts` of every message that is one. */
  readonly notices: Map<string, string[]>;
  cursor: string;
  pages: number;
  whole: boolean;
  reading: Promise<void> | null;
}

/**
 * Looks for what may have been sent. After a process died dozens are looked for at once: what was read of a channel serves
 * all of them, and goes on where Slack made it wait.
 */
export class Finder {
  readonly #web: SlackWeb;
  readonly #clock: Pick<Clock, "now">;
  readonly #stretches = new Remembered<Stretch>(1000);
  /** When this process last tried to post a notice to a channel: only what was read after that tells of it. */
  readonly #tried = new Remembered<number>();
  #self: string | null = null;

  constructor(web: SlackWeb, clock: Pick<Clock, "now">) {
    this.#web = web;
    this.#clock = clock;
  }

  /**
   * The `ts` of the message that a delivery became, in the thread of `head` or in the channel itself; null where it does not
   * stand there. `but`: not this one. Rejects with `doubtful` where the whole stretch since the first try cannot be read.
   */
  async find(delivery: Delivery, head: string | null, but: string | null): Promise<string | null> {
    const { channel, notice, triedSince = 0 } = delivery;
    const oldest = Math.floor(Math.max(0, triedSince - CLOCKS_MS) / SHARED_MS) * SHARED_MS;
    const tried = this.#tried.get(`${channel} ${notice}`) ?? 0;
    const stretch = this.#stretch(`${channel} ${head ?? ""}`, oldest, tried);
    for (;;) {
      const found = stretch.notices.get(String(notice))?.find((ts) => ts !== but);
      if (found !== undefined) return found;
      if (stretch.whole) return null;
      if (stretch.pages === PAGES_MAX) throw flooded(channel);
      stretch.reading ??= this.#read(stretch, channel, head).finally(() => {
        stretch.reading = null;
      });
      await stretch.reading;
    }
  }

  /** To be told before each try. */
  trying({ channel, notice }: Delivery): void {
    this.#tried.keep(`${channel} ${notice}`, this.#clock.now());
  }

  #stretch(name: string, oldest: number, after: number): Stretch {
    const now = this.#clock.now();
    const known = this.#stretches.get(name);
    const fresh = known !== undefined && known.readAt > after && now - known.readAt < FRESH_MS;
    if (fresh && known.oldest <= oldest) return known;
    const begun: Stretch = {
      readAt: now,
      oldest,
      notices: new Map(),
      cursor: "",
      pages: 0,
      whole: false,
      reading: null,
    };
    this.#stretches.keep(name, begun);
    return begun;
  }

  async #read(stretch: Stretch, channel: string, head: string | null): Promise<void> {
    this.#self ??= await this.#whoAmI();
    const method = head === null ? "conversations.history" : "conversations.replies";
    const page = {
      channel,
      oldest: (stretch.oldest / 1000).toFixed(6),
      limit: PAGE,
      include_all_metadata: true,
      ...(head === null ? {} : { ts: head }),
      ...(stretch.cursor === "" ? {} : { cursor: stretch.cursor }),
    };
    const asked = { method, channel, who: `look ${channel} ${head ?? ""}` };
    const { messages, response_metadata: next } = (await this.#web.call(asked, page)) as HistoryPage;
    for (const one of messages ?? []) {
      const notice = noticeOf(one, this.#self);
      if (notice !== null) stretch.notices.set(notice, [...(stretch.notices.get(notice) ?? []), one.ts]);
    }
    stretch.pages += 1;
    stretch.cursor = next?.next_cursor ?? "";
    stretch.whole = stretch.cursor === "";
  }

  async #whoAmI(): Promise<string> {
    const { user_id: user } = await this.#web.call({ method: "auth.test", channel: "", who: "" }, {});
    if (typeof user === "string") return user;
    throw new SlackTrouble("unreachable", "Slack did not say who the bot is.", null);
  }
}

function flooded(channel: string): SlackTrouble {
  const words = `More than ${PAGE * PAGES_MAX} messages were written in ${channel} since it may have been sent.`;
  return new SlackTrouble("doubtful", words, null);
}

interface HistoryPage {
  readonly messages?: readonly PostedMessage[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

interface PostedMessage {
  readonly ts: string;
  readonly user?: string;
  readonly metadata?: {
    readonly event_type?: string;
    readonly event_payload?: { readonly notice?: string | number };
  };
}

/** The notice a message of the bot's own is, by id; null where it is none. */
function noticeOf({ user, metadata }: PostedMessage, self: string): string | null {
  const notice = metadata?.event_type === EVENT_TYPE ? metadata.event_payload?.notice : undefined;
  return user === self && notice !== undefined ? String(notice) : null;
}
