// One interaction and what became of it, as the person who started it sees it.
import { type APIMessage, type InteractionResponseType, MessageFlags } from "discord-api-types/v10";
import type { FakeMessage, World } from "./world.ts";

export type ExchangeKind = "command" | "autocomplete" | "component" | "modal";

export interface FirstResponse {
  readonly type: InteractionResponseType;
  readonly data: { readonly [field: string]: unknown };
  /** From the event to the first response, in milliseconds of real time. */
  readonly latencyMs: number;
}

export class Exchange {
  readonly id: string;
  readonly token: string;
  readonly kind: ExchangeKind;
  readonly channel: string;
  readonly user: string;
  readonly startedAt: number;
  /** The message whose component it was, or null. */
  readonly source: FakeMessage | null;
  readonly #world: World;
  #first: FirstResponse | null = null;
  #original: FakeMessage | null = null;
  readonly #followUps: FakeMessage[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(
    world: World,
    facts: {
      readonly id: string;
      readonly token: string;
      readonly kind: ExchangeKind;
      readonly channel: string;
      readonly user: string;
      readonly source: FakeMessage | null;
    },
  ) {
    this.#world = world;
    this.id = facts.id;
    this.token = facts.token;
    this.kind = facts.kind;
    this.channel = facts.channel;
    this.user = facts.user;
    this.source = facts.source;
    this.startedAt = performance.now();
  }

  get answered(): boolean {
    return this.#first !== null;
  }

  get first(): FirstResponse {
    if (this.#first === null) throw new Error("The application did not respond.");
    return this.#first;
  }

  /** Whether only the one who asked sees the answer. */
  get ephemeral(): boolean {
    const flags = this.#original?.flags ?? Number(this.first.data["flags"] ?? 0);
    return (flags & MessageFlags.Ephemeral) !== 0;
  }

  /** True while the answer is only promised. */
  get loading(): boolean {
    return this.#original !== null && (this.#original.flags & MessageFlags.Loading) !== 0;
  }

  /** The answer as it stands now; null where there is none, as for an autocomplete or an opened modal. */
  get original(): APIMessage | null {
    return this.#original && this.#world.messageJson(this.#original);
  }

  get followUps(): readonly APIMessage[] {
    return this.#followUps.map((message) => this.#world.messageJson(message));
  }

  /** Resolves when the answer is there, not only promised; rejects after `ms`. */
  async settled(ms = 5000): Promise<APIMessage> {
    const until = performance.now() + ms;
    while (this.#original === null || this.loading) await this.changed(until - performance.now());
    return this.#world.messageJson(this.#original);
  }

  /** Resolves at the next answer, edit or follow-up; rejects after `ms`. */
  changed(ms = 5000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("The answer did not change in time.")),
        Math.max(0, ms),
      );
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  respond(
    type: InteractionResponseType,
    data: { readonly [field: string]: unknown },
    original: FakeMessage | null,
  ): void {
    this.#first = { type, data, latencyMs: performance.now() - this.startedAt };
    this.#original = original;
    this.tell();
  }

  originalMessage(): FakeMessage | null {
    return this.#original;
  }

  messageOf(id: string): FakeMessage | null {
    if (id === "@original") return this.#original;
    return this.#followUps.find((each) => each.id === id) ?? null;
  }

  drop(message: FakeMessage): void {
    if (this.#original === message) this.#original = null;
    const at = this.#followUps.indexOf(message);
    if (at >= 0) this.#followUps.splice(at, 1);
    this.tell();
  }

  follow(message: FakeMessage): void {
    this.#followUps.push(message);
    this.tell();
  }

  tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
