import type { APIMessage } from "discord.js";
import type { DiscordApi } from "./api.ts";
import { isMarked } from "./body.ts";
import { idAt } from "./place.ts";
import { DiscordTrouble } from "./trouble.ts";

/** Discord's clock and the database's may differ by so much; both are kept by the network's time. */
const SKEW_MS = 120_000;
const PAGE = 100;
/** How many pages one look reads. A busier channel is read on where it stopped when it is looked at again. */
const PAGES_MAX = 20;
const READ_ON_MS = 1000;

interface Wanted {
  readonly notice: number;
  /** Read up to this message, by id: what is older was looked through. */
  after: string;
  found: string | null;
}

/**
 * Finds what doubtful sends became, by reading the channel from when they were tried. Those who wait for the same channel
 * at once are served by one reading; what a reading has come to is kept, so that one cut off by a limit goes on there.
 */
export class Lookup {
  readonly #api: Pick<DiscordApi, "call" | "self">;
  readonly #wanted = new Map<string, Map<number, Wanted>>();
  readonly #reading = new Map<string, Promise<void>>();

  constructor(api: Pick<DiscordApi, "call" | "self">) {
    this.#api = api;
  }

  /** The message's id, or null where it does not stand in the channel. `since`: milliseconds since 1970 UTC. */
  async find(channel: string, notice: number, since: number): Promise<string | null> {
    const all = this.#wanted.get(channel) ?? new Map<number, Wanted>();
    this.#wanted.set(channel, all);
    const wanted = all.get(notice) ?? { notice, after: idAt(since - SKEW_MS), found: null };
    all.set(notice, wanted);
    // A reading under way began before this was asked; the next one looks for all that came meanwhile.
    await this.#reading.get(channel)?.catch(() => undefined);
    if (wanted.found === null) await this.#read(channel, all);
    all.delete(notice);
    if (all.size === 0) this.#wanted.delete(channel);
    return wanted.found;
  }

  #read(channel: string, all: ReadonlyMap<number, Wanted>): Promise<void> {
    const under = this.#reading.get(channel);
    if (under !== undefined) return under;
    const reading = this.#pages(channel, all).finally(() => this.#reading.delete(channel));
    this.#reading.set(channel, reading);
    return reading;
  }

  async #pages(channel: string, all: ReadonlyMap<number, Wanted>): Promise<void> {
    const self = await this.#api.self();
    // Only for those who asked before it begins.
    const wanted = [...all.values()].filter(({ found }) => found === null);
    let after = wanted.map((each) => each.after).reduce(older);
    for (let pages = 0; ; pages += 1) {
      const messages = await this.#page(channel, after);
      for (const message of messages) {
        if (message.author.id !== self) continue;
        const each = wanted.find(({ notice }) => isMarked(message, notice));
        // The first one: were there two, the later would be the doubt's own child.
        if (each !== undefined) each.found ??= message.id;
      }
      after = messages.at(-1)?.id ?? after;
      for (const each of wanted) each.after = newer(each.after, after);
      if (messages.length < PAGE || wanted.every(({ found }) => found !== null)) return;
      if (pages >= PAGES_MAX)
        throw new DiscordTrouble("rate-limited", `There is more to read in ${channel}.`, {
          retryAfterMs: READ_ON_MS,
        });
    }
  }

  /** Oldest first. */
  async #page(channel: string, after: string): Promise<readonly APIMessage[]> {
    const what = `looking for a message in ${channel}`;
    const query = { limit: String(PAGE), after };
    const messages = await this.#api.call<APIMessage[]>("GET", `/channels/${channel}/messages`, {
      query,
      what,
    });
    return messages.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  }
}

function older(a: string, b: string): string {
  return BigInt(a) < BigInt(b) ? a : b;
}

function newer(a: string, b: string): string {
  return BigInt(a) > BigInt(b) ? a : b;
}
