import {
  type APIInteraction,
  ApplicationCommandType,
  InteractionResponseType,
  InteractionType,
} from "discord-api-types/v10";
import { takeAttach, takeAttachForm } from "./attach.ts";
import { offer, takeCommand } from "./commands.ts";
import { type Incoming, readIncoming } from "./incoming.ts";
import type { Receiving } from "./line.ts";
import { takeForm, takePress } from "./pressed.ts";

/** So many interactions are remembered, against their being handed over twice. */
const REMEMBERED = 10_000;
/** The same press by the same person within this time is a finger that slipped, in milliseconds. */
const DOUBLE_MS = 2_000;

/** Takes interactions as the gateway hands them over: each once, however often it comes. */
export class Interactions {
  readonly #receiving: Receiving;
  readonly #guild: string;
  readonly #broke: (error: unknown) => void;
  readonly #seen = new Set<string>();
  readonly #presses = new Map<string, number>();

  /** `broke` is told of what could not be answered at all: Discord is away, or no longer waits. */
  constructor(receiving: Receiving, guild: string, broke: (error: unknown) => void) {
    this.#receiving = receiving;
    this.#guild = guild;
    this.#broke = broke;
  }

  /** Never rejects. */
  async take(raw: APIInteraction): Promise<void> {
    if (this.#seen.has(raw.id)) return;
    this.#seen.add(raw.id);
    const [oldest = raw.id] = this.#seen;
    if (this.#seen.size > REMEMBERED) this.#seen.delete(oldest);
    const incoming = readIncoming(raw, this.#guild, Date.now());
    if (incoming === null) return;
    try {
      await this.#route(raw, incoming);
    } catch (error) {
      this.#broke(error);
    }
  }

  async #route(raw: APIInteraction, incoming: Incoming): Promise<void> {
    const receiving = this.#receiving;
    switch (raw.type) {
      case InteractionType.Ping:
        return;
      case InteractionType.ApplicationCommandAutocomplete:
        return offer(receiving, incoming, raw);
      case InteractionType.ApplicationCommand:
        if (raw.data.type === ApplicationCommandType.ChatInput)
          return takeCommand(receiving, incoming, { ...raw, data: raw.data });
        if (raw.data.type === ApplicationCommandType.Message)
          return takeAttach(receiving, incoming, { ...raw, data: raw.data });
        return;
      case InteractionType.MessageComponent:
        if (this.#isDouble(raw.message.id, raw.data.custom_id, incoming))
          return receiving.answers.respond(raw, { type: InteractionResponseType.DeferredMessageUpdate });
        return takePress(receiving, incoming, raw);
      case InteractionType.ModalSubmit:
        return takeAttachForm(receiving, incoming, raw) ?? takeForm(receiving, incoming, raw);
    }
  }

  #isDouble(message: string, customId: string, { person, at }: Incoming): boolean {
    for (const [press, when] of this.#presses) if (when + DOUBLE_MS <= at) this.#presses.delete(press);
    const press = `${message} ${customId} ${person.id}`;
    const double = this.#presses.has(press);
    if (!double) this.#presses.set(press, at);
    return double;
  }
}
