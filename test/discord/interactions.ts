// How an interaction is answered: the callback within three seconds and once, then the webhook for fifteen minutes.
import { randomBytes } from "node:crypto";
import { InteractionType, MessageFlags, InteractionResponseType as Type } from "discord-api-types/v10";

import { list, loose, only } from "./components.ts";
import { Exchange, type ExchangeKind } from "./exchange.ts";
import { type MessageContent, readEdited, readSent } from "./message-body.ts";
import { addMessage, inGuild, type Told } from "./messages.ts";
import { checkModal } from "./modal.ts";
import { Faults, refusals } from "./refusals.ts";
import type { Call, Route } from "./rest.ts";
import type { FakeMessage, World } from "./world.ts";

type Loose = { readonly [field: string]: unknown };

const TOKEN_MS = 900_000;
const ALLOWED: Readonly<Record<ExchangeKind, readonly Type[]>> = {
  command: [Type.ChannelMessageWithSource, Type.DeferredChannelMessageWithSource, Type.Modal],
  autocomplete: [Type.ApplicationCommandAutocompleteResult],
  component: [4, 5, 6, 7, 9],
  modal: [4, 5, 6, 7],
};
const KINDS: Readonly<Record<ExchangeKind, InteractionType>> = {
  command: InteractionType.ApplicationCommand,
  autocomplete: InteractionType.ApplicationCommandAutocomplete,
  component: InteractionType.MessageComponent,
  modal: InteractionType.ModalSubmit,
};

export interface Started {
  readonly kind: ExchangeKind;
  readonly user: string;
  readonly channel: string;
  readonly data: object;
  readonly source?: FakeMessage | null;
}

export class Interactions {
  readonly #world: World;
  readonly #told: Told;
  readonly #deadlineMs: number;
  readonly #open = new Map<string, Exchange>();
  readonly #startedAt = new Map<string, number>();
  /** Messages only one person sees, by id. */
  readonly #private = new Map<string, FakeMessage>();

  constructor(world: World, told: Told, deadlineMs: number) {
    this.#world = world;
    this.#told = told;
    this.#deadlineMs = deadlineMs;
  }

  /** Tells the application of it and resolves with the first response; rejects where none comes before the deadline. */
  async start({ kind, user, channel, data, source = null }: Started): Promise<Exchange> {
    const world = this.#world;
    const id = world.nextId();
    const token = `${kind}-${randomBytes(24).toString("base64url")}`;
    const exchange = new Exchange(world, { id, token, kind, channel, user, source });
    this.#open.set(token, exchange);
    this.#startedAt.set(token, world.now());
    this.#told.dispatch("INTERACTION_CREATE", this.#payload(exchange, data));
    const late = performance.now() + this.#deadlineMs;
    while (!exchange.answered) {
      const leftMs = late - performance.now();
      if (leftMs <= 0) throw new Error("The application did not respond.");
      await exchange.changed(leftMs).catch(() => undefined);
    }
    return exchange;
  }

  /** A message somebody sees: in its channel, or for them alone. */
  seen(channel: string, id: string): FakeMessage {
    const message = this.#world.channels.get(channel)?.messages.get(id) ?? this.#private.get(id);
    if (message === undefined) throw new Error(`Nobody sees a message ${id} in ${channel}.`);
    return message;
  }

  routes(): readonly Route[] {
    const hook = "/webhooks/:application/:token";
    return [
      {
        method: "POST",
        path: "/interactions/:id/:token/callback",
        open: true,
        run: (call) => this.#callback(call),
      },
      { method: "POST", path: hook, open: true, run: (call) => this.#followUp(call) },
      {
        method: "GET",
        path: `${hook}/messages/:message`,
        open: true,
        run: (call) => this.#world.messageJson(this.#message(call)),
      },
      { method: "PATCH", path: `${hook}/messages/:message`, open: true, run: (call) => this.#edit(call) },
      {
        method: "DELETE",
        path: `${hook}/messages/:message`,
        open: true,
        run: (call) => {
          const message = this.#message(call);
          this.#world.channels.get(message.channel)?.messages.delete(message.id);
          this.#private.delete(message.id);
          this.#exchange(call).drop(message);
          return null;
        },
      },
    ];
  }

  #payload({ id, token, kind, channel: channelId, user, source }: Exchange, data: object): object {
    const world = this.#world;
    const channel = world.channels.get(channelId);
    const member = world.members.get(user);
    if (channel === undefined || member === undefined)
      throw new Error(`There is no ${user} in ${channelId}.`);
    const own = String(world.permissions(world.bot.id, channel));
    const permissions = String(world.permissions(user, channel));
    const who =
      channel.guild === null
        ? { user: member.user, context: 1 }
        : {
            guild_id: channel.guild,
            guild_locale: "en-US",
            member: { ...world.memberJson(member), permissions },
            context: 0,
          };
    return {
      id,
      application_id: world.application,
      type: KINDS[kind],
      data,
      token,
      version: 1,
      channel_id: channelId,
      channel: { ...world.channelJson(channel), permissions },
      app_permissions: own,
      locale: "en-US",
      entitlements: [],
      authorizing_integration_owners: { 0: world.guild.id },
      attachment_size_limit: 10_485_760,
      ...who,
      ...(source === null ? {} : { message: world.messageJson(source) }),
    };
  }

  #callback({ params, body, query }: Call): unknown {
    const token = params["token"] ?? "";
    const exchange = this.#open.get(token);
    const startedAt = this.#startedAt.get(token) ?? 0;
    if (exchange === undefined || exchange.id !== params["id"]) throw refusals.unknownInteraction();
    if (exchange.answered) throw refusals.acknowledged();
    if (
      this.#world.now() - startedAt > this.#deadlineMs ||
      performance.now() - exchange.startedAt > this.#deadlineMs
    )
      throw refusals.unknownInteraction();
    const type = Number(body["type"]) as Type;
    const data = loose(body["data"]);
    const faults = new Faults();
    only(faults, [], body, ["type", "data"]);
    if (
      !ALLOWED[exchange.kind].includes(type) ||
      (exchange.source === null && [Type.DeferredMessageUpdate, Type.UpdateMessage].includes(type))
    )
      faults.add(["type"], "INTERACTION_RESPONSE_TYPE_INVALID", `A ${exchange.kind} is not answered so.`);
    faults.throwIfAny();
    const original = this.#respond(exchange, type, data);
    exchange.respond(type, data, original);
    if (query.get("with_response") !== "true") return null;
    const message =
      original === null ? {} : { resource: { type, message: this.#world.messageJson(original) } };
    return { interaction: { id: exchange.id, type: KINDS[exchange.kind] }, ...message };
  }

  #respond(exchange: Exchange, type: Type, data: Loose): FakeMessage | null {
    const faults = new Faults();
    switch (type) {
      case Type.ChannelMessageWithSource:
        return this.#show(exchange, readSent(data, true, ["data"]));
      case Type.DeferredChannelMessageWithSource: {
        const flags = Number(data["flags"] ?? 0);
        if ((flags & ~MessageFlags.Ephemeral) !== 0)
          faults.add(
            ["data", "flags"],
            "BITWISE_TYPE_INVALID",
            "Only EPHEMERAL can be set on a deferred response.",
          );
        faults.throwIfAny();
        const loading = flags | MessageFlags.Loading;
        return this.#show(exchange, { content: "", components: [], embeds: [], pinged: [], flags: loading });
      }
      case Type.UpdateMessage:
        if (exchange.source !== null) this.#change(exchange.source, data);
        return exchange.source;
      case Type.DeferredMessageUpdate:
        return exchange.source;
      case Type.ApplicationCommandAutocompleteResult: {
        const choices = list(data["choices"]);
        if (!Array.isArray(data["choices"]))
          faults.add(["data", "choices"], "BASE_TYPE_REQUIRED", "Required");
        if (choices.length > 25)
          faults.add(["data", "choices"], "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
        choices.forEach((choice, index) => {
          const at = ["data", "choices", index];
          only(faults, at, choice, ["name", "name_localizations", "value"]);
          faults.text([...at, "name"], choice["name"], 1, 100);
          if (typeof choice["value"] !== "number") faults.text([...at, "value"], choice["value"], 1, 100);
        });
        faults.throwIfAny();
        return null;
      }
      case Type.Modal:
        checkModal(faults, data);
        faults.throwIfAny();
        return null;
      case Type.Pong:
      case Type.LaunchActivity:
        return null;
      default:
        throw refusals.noRoute();
    }
  }

  #show(exchange: Exchange, content: MessageContent): FakeMessage {
    const channel = this.#world.channels.get(exchange.channel);
    if (channel === undefined) throw refusals.unknownChannel();
    const facts = { ...content, embeds: [...content.embeds], author: this.#world.bot };
    if ((content.flags & MessageFlags.Ephemeral) === 0)
      return addMessage(this.#world, this.#told, channel, facts);
    const message: FakeMessage = {
      ...facts,
      id: this.#world.nextId(),
      channel: channel.id,
      at: this.#world.now(),
      editedAt: null,
      lateEdits: 0,
      nonce: null,
      repliesTo: null,
      reactions: new Map(),
      thread: null,
    };
    this.#private.set(message.id, message);
    return message;
  }

  #followUp(call: Call): unknown {
    const exchange = this.#exchange(call);
    const content = readSent(call.body, true);
    const promised = exchange.originalMessage();
    if (promised !== null && exchange.loading) {
      this.#change(promised, call.body);
      exchange.tell();
      return this.#world.messageJson(promised);
    }
    const message = this.#show(exchange, content);
    exchange.follow(message);
    return this.#world.messageJson(message);
  }

  #edit(call: Call): unknown {
    const message = this.#message(call);
    this.#change(message, call.body);
    this.#exchange(call).tell();
    return this.#world.messageJson(message);
  }

  #change(message: FakeMessage, body: Loose): void {
    const loading = (message.flags & MessageFlags.Loading) !== 0;
    const { flags: given, ...rest } = body;
    const settable = given === undefined ? {} : { flags: Number(given) & ~MessageFlags.Ephemeral };
    const before = { ...message, flags: message.flags & ~MessageFlags.Loading };
    const after = readEdited({ ...rest, ...settable }, before);
    Object.assign(message, {
      ...after,
      pinged: loading ? after.pinged : message.pinged,
      editedAt: this.#world.now(),
    });
    const channel = this.#world.channels.get(message.channel);
    if (channel === undefined || !channel.messages.has(message.id)) return;
    const shown = {
      ...this.#world.messageJson(message),
      ...inGuild(this.#world, channel, message.author.id),
    };
    this.#told.dispatch("MESSAGE_UPDATE", shown);
  }

  /** Only once it was answered, and for fifteen minutes. */
  #exchange({ params }: Call): Exchange {
    const token = params["token"] ?? "";
    const exchange = this.#open.get(token);
    const age = this.#world.now() - (this.#startedAt.get(token) ?? 0);
    if (
      exchange === undefined ||
      !exchange.answered ||
      age > TOKEN_MS ||
      params["application"] !== this.#world.application
    )
      throw refusals.unknownWebhook();
    return exchange;
  }

  #message(call: Call): FakeMessage {
    const message = this.#exchange(call).messageOf(call.params["message"] ?? "");
    if (message === null) throw refusals.unknownMessage();
    return message;
  }
}
