import {
  type APIMessage,
  RESTJSONErrorCodes as Code,
  type RESTPostAPIChannelMessageJSONBody,
} from "discord.js";
import { type MessageRef, messageName, parseMessageName } from "../../../src/core/message.ts";
import type { ChatPlatform } from "../../../src/ports/chat.ts";
import type { Delivery } from "../../../src/ports/outbox.ts";
import { apiFor, type DiscordApi } from "./api.ts";
import type { Body } from "./body.ts";
import { plain } from "./escape.ts";
import { Lookup } from "./lookup.ts";
import { type Place, readPlace, routeChannel, writePlace } from "./place.ts";
import { react } from "./react.ts";
import { noticeBody } from "./render/notice.ts";
import type { DiscordSettings } from "./settings.ts";
import { Threads } from "./threads.ts";
import { ARCHIVED, DiscordTrouble } from "./trouble.ts";

export type Outgoing = Omit<ChatPlatform, "name">;

/** How notices get to Discord. `docs/discord.md` says what is posted where, and how a doubtful send is settled. */
export function outgoingFor(settings: DiscordSettings): Outgoing {
  const api = apiFor(settings);
  const threads = new Threads(api);
  const sender = new Sender(api, threads, new Lookup(api));
  return {
    async post(delivery) {
      return sender.settled(
        delivery,
        await sender.send(delivery, { channel: delivery.channel, thread: null }),
      );
    },
    reply: (to, delivery) => sender.reply(to, delivery),
    edit: (delivery) => sender.edit(delivery),
    react: (to, reaction) => react(api, placeOf(to), reaction),
    find: (delivery) => sender.find(delivery),
  };
}

class Sender {
  readonly #api: DiscordApi;
  readonly #threads: Threads;
  readonly #lookup: Lookup;

  constructor(api: DiscordApi, threads: Threads, lookup: Lookup) {
    this.#api = api;
    this.#threads = threads;
    this.#lookup = lookup;
  }

  /** `answers`: the message it is a reply to, where no thread is to be had. */
  async send(
    delivery: Delivery,
    where: Pick<Place, "channel" | "thread">,
    answers?: string,
  ): Promise<string> {
    const body: RESTPostAPIChannelMessageJSONBody = {
      ...noticeBody(delivery),
      nonce: nonceOf(delivery),
      enforce_nonce: true,
      ...(answers === undefined
        ? {}
        : { message_reference: { message_id: answers, fail_if_not_exists: true } }),
    };
    const channel = routeChannel(where);
    const what = `posting in ${delivery.channel}`;
    const { id } = await this.#reported(where, () =>
      this.#api.call<APIMessage>("POST", `/channels/${channel}/messages`, { body, what }),
    );
    return writePlace({ thread: where.thread, message: id });
  }

  /**
   * After a doubt Discord may answer with the message of the earlier try, which came late and says what was true then:
   * it is made to say what is true now. The message stands whatever becomes of that, so a failure leaves the doubt.
   */
  async settled(delivery: Delivery, anchor: string): Promise<string> {
    if (!delivery.doubtful) return anchor;
    try {
      return await this.edit({ ...delivery, anchor });
    } catch (error) {
      if (!(error instanceof DiscordTrouble)) throw error;
      const { message, retryAfterMs } = error;
      throw new DiscordTrouble("doubtful", message, retryAfterMs === undefined ? {} : { retryAfterMs });
    }
  }

  /** In the thread of the message it answers, or of the head of that. */
  async reply(to: MessageRef, delivery: Delivery): Promise<string> {
    const place = placeOf(to);
    const thread = place.thread ?? (await this.#threads.below(place, nameOf(delivery)));
    if (thread === null) {
      const { channel, message } = place;
      return this.settled(delivery, await this.send(delivery, { channel, thread: null }, message));
    }
    try {
      return await this.settled(delivery, await this.send(delivery, { channel: place.channel, thread }));
    } catch (error) {
      if (!isGone(error) || place.thread !== null) throw error;
      // Somebody deleted the thread; the head still stands.
      this.#threads.forget(thread);
      const again = await this.#threads.below(place, nameOf(delivery));
      if (again === null) throw error;
      return this.settled(delivery, await this.send(delivery, { channel: place.channel, thread: again }));
    }
  }

  async edit(delivery: Delivery & { readonly anchor: string }): Promise<string> {
    const { channel, anchor: message } = delivery;
    const place = placeOf({ platform: "discord", channel, message });
    try {
      await this.#patch(place, noticeBody(delivery));
      return delivery.anchor;
    } catch (error) {
      if (!isGone(error) && !(error instanceof DiscordTrouble && error.is(Code.UnknownMessage))) throw error;
      return this.#anew(delivery, error);
    }
  }

  /** Somebody deleted the message. It is posted anew, unless an earlier try of that got through. */
  async #anew(delivery: Delivery & { readonly anchor: string }, gone: unknown): Promise<string> {
    const found = await this.find(delivery);
    if (found !== null && found !== delivery.anchor) return this.edit({ ...delivery, anchor: found });
    const head = headOf(delivery);
    if (head !== null) return this.reply(head, delivery);
    // The channel itself is gone, and nothing to post in.
    if (isGone(gone)) throw gone;
    return this.send(delivery, { channel: delivery.channel, thread: null });
  }

  async #patch(place: Place, { components, flags, allowed_mentions }: Body): Promise<void> {
    const channel = routeChannel(place);
    const route = `/channels/${channel}/messages/${place.message}` as const;
    const options = { body: { components, flags, allowed_mentions }, what: `editing in ${place.channel}` };
    await this.#reported(place, async () => {
      try {
        await this.#api.call("PATCH", route, options);
      } catch (error) {
        if (place.thread === null || !(error instanceof DiscordTrouble && error.discord === ARCHIVED))
          throw error;
        await this.#threads.open(place.thread);
        await this.#api.call("PATCH", route, options);
      }
    });
  }

  /** A thread that is locked and a channel that was deleted are told of once, whoever comes. */
  async #reported<T>(
    { channel, thread }: Pick<Place, "channel" | "thread">,
    call: () => Promise<T>,
  ): Promise<T> {
    const place = thread === null ? `channel ${channel}` : `thread ${thread}`;
    try {
      const done = await call();
      this.#api.mended(place);
      return done;
    } catch (error) {
      const told =
        thread === null ? isGone(error) : error instanceof DiscordTrouble && error.discord === ARCHIVED;
      if (told) this.#api.report(place, error as DiscordTrouble);
      throw error;
    }
  }

  async find(delivery: Delivery): Promise<string | null> {
    const { channel, notice, triedSince = 0 } = delivery;
    const head = headOf(delivery);
    if (head !== null) {
      const place = placeOf(head);
      const thread = place.thread ?? place.message;
      const found = await this.#lookup.find(thread, notice, triedSince).catch((error: unknown) => {
        if (isGone(error)) return null;
        throw error;
      });
      if (found !== null) return writePlace({ thread, message: found });
    }
    return this.#lookup.find(channel, notice, triedSince);
  }
}

const NAME_MAX = 90;

/** The message a notice stands below: what it answers, or the notice that `data.under` names. */
function headOf({ platform, channel, under, data }: Delivery): MessageRef | null {
  const { replyTo } = data;
  const answered = typeof replyTo === "string" ? parseMessageName(replyTo) : null;
  return answered ?? (under == null ? null : { platform, channel, message: under });
}

function placeOf(ref: MessageRef): Place {
  const place = readPlace(ref);
  if (place === null) throw new DiscordTrouble("rejected", `${messageName(ref)} is no message of Discord's.`);
  return place;
}

function isGone(error: unknown): boolean {
  return error instanceof DiscordTrouble && error.is(Code.UnknownChannel);
}

/**
 * At most 25 characters. The same for every try that a doubt joins to the first one, and for no other, also where the
 * database begins anew: Discord then answers a second try with the first one's message, for some minutes.
 */
function nonceOf({ notice, channelId, triedSince = 0 }: Delivery): string {
  return [notice, channelId, triedSince].map((part) => part.toString(36)).join(".");
}

/** What a thread below a notice is called. */
function nameOf({ task, data }: Delivery): string {
  const { title } = data;
  return plain([task ?? "Gatehouse", typeof title === "string" ? title : ""].join(" "), NAME_MAX);
}
