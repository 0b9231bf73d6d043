import type { ChatPlatform } from "../../../src/ports/chat.ts";
import type { Delivery } from "../../../src/ports/outbox.ts";
import type { SlackSettings } from "./client.ts";
import { Finder, noticeMetadata } from "./find.ts";
import { reactor } from "./reactions.ts";
import type { SlackText } from "./render/message.ts";
import { renderNotice } from "./render/notice.ts";
import { Threads } from "./threads.ts";
import { SlackTrouble } from "./trouble.ts";
import { SlackWeb } from "./web.ts";

/** The layout was refused; the words alone may still be taken. */
const LAYOUT = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_blocks_too_long",
  "invalid_attachments",
]);
/** What stands there cannot be changed any more: the notice is posted anew. */
const UNCHANGEABLE = new Set([
  "message_not_found",
  "edit_window_closed",
  "cant_update_message",
  "block_mismatch",
  "streaming_state_conflict",
]);

/**
 * Slack. An anchor is a message's `ts`. A message carries the notice's id in its metadata, by which it is found again after
 * a doubt; nothing else is in there, since the whole workspace can read it.
 */
export function slackPlatform(settings: SlackSettings, web: SlackWeb = new SlackWeb(settings)): ChatPlatform {
  const threads = new Threads(web);
  const finder = new Finder(web, settings.clock);
  const writer = new Writer(web, threads, finder, settings.timezone);
  return {
    name: "slack",
    post: (delivery) => writer.post(delivery, null),
    reply: async (to, delivery) => writer.post(delivery, await threads.headOf(to)),
    async edit(delivery) {
      try {
        return await writer.change(delivery);
      } catch (error) {
        if (!spoken(error, UNCHANGEABLE)) throw error;
      }
      // An earlier try may have posted it anew already, and died before it could say so.
      const head = await threads.placeOf(delivery);
      const anew = await finder.find(delivery, head, delivery.anchor);
      return anew === null ? writer.post(delivery, head) : writer.change({ ...delivery, anchor: anew });
    },
    react: reactor(web),
    find: async (delivery) => finder.find(delivery, await threads.placeOf(delivery), null),
  };
}

class Writer {
  readonly #web: SlackWeb;
  readonly #threads: Threads;
  readonly #finder: Finder;
  readonly #zone: string;

  constructor(web: SlackWeb, threads: Threads, finder: Finder, zone: string) {
    this.#web = web;
    this.#threads = threads;
    this.#finder = finder;
    this.#zone = zone;
  }

  /** `head`: below this message. Answers with the `ts`. */
  post(delivery: Delivery, head: string | null): Promise<string> {
    const { channel, platform, notice } = delivery;
    return this.#say(delivery, async ({ text, blocks }) => {
      this.#finder.trying(delivery);
      const { ts } = await this.#web.call(
        { method: "chat.postMessage", channel, who: String(notice), once: true },
        {
          channel,
          text,
          blocks,
          metadata: noticeMetadata(delivery),
          ...(head === null ? {} : { thread_ts: head }),
          unfurl_links: false,
          unfurl_media: false,
        },
      );
      if (typeof ts !== "string") {
        throw new SlackTrouble("doubtful", "Slack took it and did not say where it stands.", null);
      }
      this.#threads.keep({ platform, channel, message: ts }, head ?? ts);
      return ts;
    });
  }

  change(delivery: Delivery & { readonly anchor: string }): Promise<string> {
    const { channel, anchor, notice } = delivery;
    return this.#say(delivery, async ({ text, blocks }) => {
      await this.#web.call(
        { method: "chat.update", channel, who: String(notice) },
        // No blocks at all would leave the ones that stand there; an empty list takes them away.
        { channel, ts: anchor, text, blocks, metadata: noticeMetadata(delivery) },
      );
      return anchor;
    });
  }

  /** With its layout where Slack takes that, else the words alone. */
  async #say(delivery: Delivery, send: (content: SlackText) => Promise<string>): Promise<string> {
    const content = renderNotice(delivery, this.#zone);
    try {
      return await send(content);
    } catch (error) {
      if (!spoken(error, LAYOUT)) throw error;
      const words = `Slack did not take the layout of a ${delivery.kind} (${error.word}): it goes out in plain words.`;
      this.#web.complain(`layout of ${delivery.kind}`, words);
      return send({ ...content, blocks: [] });
    }
  }
}

/** Whether Slack itself refused, with one of these words. */
function spoken(error: unknown, words: ReadonlySet<string>): error is SlackTrouble {
  return error instanceof SlackTrouble && error.word !== null && words.has(error.word);
}
