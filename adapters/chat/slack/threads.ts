import { type MessageRef, messageName, parseMessageName } from "../../../src/core/message.ts";
import type { Delivery } from "../../../src/ports/outbox.ts";
import { Remembered } from "./remembered.ts";
import type { SlackWeb } from "./web.ts";

/** Which message heads the thread another one stands in. Threads are one deep: what answers a reply stands below the head. */
export class Threads {
  readonly #web: SlackWeb;
  readonly #heads = new Remembered<string>();

  constructor(web: SlackWeb) {
    this.#web = web;
  }

  keep(message: MessageRef, head: string): void {
    this.#heads.keep(messageName(message), head);
  }

  /** The message itself, where it stands in the channel. Its permalink says so, and takes no right to read the channel. */
  async headOf(to: MessageRef): Promise<string> {
    const known = this.#heads.get(messageName(to));
    if (known !== undefined) return known;
    const { channel, message } = to;
    const asked = { method: "chat.getPermalink", channel, who: message };
    const { permalink } = await this.#web.call(asked, { channel, message_ts: message });
    const link = typeof permalink === "string" && URL.canParse(permalink) ? new URL(permalink) : null;
    const head = link?.searchParams.get("thread_ts") ?? message;
    this.keep(to, head);
    return head;
  }

  /** The head of the thread a delivery belongs in; null for the channel itself. */
  async placeOf({ platform, channel, under, data }: Delivery): Promise<string | null> {
    const { replyTo } = data;
    const to = typeof replyTo === "string" ? parseMessageName(replyTo) : null;
    if (to !== null) return this.headOf(to);
    return under == null ? null : this.headOf({ platform, channel, message: under });
  }
}
