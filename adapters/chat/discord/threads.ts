import { RESTJSONErrorCodes as Code } from "discord.js";
import type { DiscordApi } from "./api.ts";
import type { Place } from "./place.ts";
import { DiscordTrouble, threadLocked } from "./trouble.ts";

/** Minutes without a word until Discord puts a thread away; writing in it brings it back. */
const ARCHIVE_AFTER_MINUTES = 1440;
const KNOWN_MAX = 5000;
/** Where a channel has no threads, or the bot may not start one. */
const NONE: readonly number[] = [Code.CannotExecuteActionOnThisChannelType, Code.MissingPermissions];

/** The threads below messages. A message's thread has the message's own id, so there is nothing to keep but that it exists. */
export class Threads {
  readonly #api: Pick<DiscordApi, "call">;
  readonly #known = new Set<string>();

  constructor(api: Pick<DiscordApi, "call">) {
    this.#api = api;
  }

  /** The thread below a message of a channel, started where there is none; null where there can be none. */
  async below(
    { channel, message }: Pick<Place, "channel" | "message">,
    name: string,
  ): Promise<string | null> {
    if (this.#known.has(message)) return message;
    const body = { name, auto_archive_duration: ARCHIVE_AFTER_MINUTES };
    const route = `/channels/${channel}/messages/${message}/threads` as const;
    try {
      await this.#api.call("POST", route, {
        body,
        repeatable: true,
        what: `starting a thread in ${channel}`,
      });
    } catch (error) {
      if (!(error instanceof DiscordTrouble)) throw error;
      if (NONE.includes(error.discord)) return null;
      if (!error.is(Code.ThreadAlreadyCreatedForMessage)) throw error;
    }
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.add(message);
    return message;
  }

  forget(thread: string): void {
    this.#known.delete(thread);
  }

  /** Takes a thread that was put away out again: what stands in one cannot be edited. Only a moderator opens a locked one. */
  async open(thread: string): Promise<void> {
    const body = { archived: false };
    try {
      await this.#api.call("PATCH", `/channels/${thread}`, {
        body,
        what: "opening a thread",
        unreported: true,
      });
    } catch (error) {
      throw error instanceof DiscordTrouble && error.code === "locked-out" && error.discord !== 0
        ? threadLocked()
        : error;
    }
  }
}
