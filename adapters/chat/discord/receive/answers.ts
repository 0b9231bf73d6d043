import { DiscordAPIError, RateLimitError, type REST } from "discord.js";
import {
  type APIInteractionResponse,
  type APIMessage,
  type APIMessageTopLevelComponent,
  InteractionResponseType,
  MessageFlags,
  RESTJSONErrorCodes,
  Routes,
} from "discord-api-types/v10";
import { Trouble } from "../../../../src/ports/trouble.ts";
import type { Reply } from "./kept.ts";
import { plainMessage } from "./plain-message.ts";

/** Where the answer is not there by then it is promised: Discord waits three seconds for the first response. */
const PROMISE_AFTER_MS = 1_500;
/** A first response later than this is not tried any more. */
const FIRST_MS = 2_800;
/** So long Discord takes answers under the token, with a margin. */
const TOKEN_MS = 880_000;

/** What is shown as an answer. */
export interface Shown {
  readonly components: readonly APIMessageTopLevelComponent[];
  readonly visibility: "caller" | "channel";
}

interface Open {
  /** Null while nothing was said yet. */
  promised: Promise<void> | null;
  /** Runs out when it has to be promised, and when Discord takes no answer any more. */
  readonly late: NodeJS.Timeout;
  readonly over: NodeJS.Timeout;
}

/** First responses to interactions, and the answers after them. */
export class Answers {
  readonly #rest: REST;
  readonly #open = new Map<string, Open>();

  constructor(rest: REST) {
    this.#rest = rest;
  }

  /** The answer is on its way: it is promised where it takes too long. */
  expect(reply: Reply): void {
    const untilLate = Math.max(0, reply.at + PROMISE_AFTER_MS - Date.now());
    this.#open.set(reply.id, {
      promised: null,
      late: setTimeout(() => void this.promise(reply), untilLate),
      over: setTimeout(() => this.#open.delete(reply.id), TOKEN_MS).unref(),
    });
  }

  /** Says that the answer takes longer. */
  async promise(reply: Reply): Promise<void> {
    const open = this.#open.get(reply.id);
    if (open === undefined) return;
    clearTimeout(open.late);
    open.promised ??= this.#promise(reply);
    await open.promised;
  }

  /** The same came before: whoever took it then answers it. */
  forget(reply: Reply): void {
    this.#take(reply);
  }

  /** Nothing is promised any more: the process ends, and what is left is answered by the next one. */
  close(): void {
    for (const { late, over } of this.#open.values()) {
      clearTimeout(late);
      clearTimeout(over);
    }
    this.#open.clear();
  }

  /** A first response that is none of an answer: a form, offers. What Discord no longer takes is lost to nobody's harm. */
  async respond({ id, token }: Pick<Reply, "id" | "token">, response: APIInteractionResponse): Promise<void> {
    await this.#callback(id, token, response);
  }

  /** Shows the answer: as the first response, or in place of what was promised. Rejects with a Trouble. */
  async answer(reply: Reply, shown: Shown): Promise<void> {
    const open = this.#take(reply);
    try {
      if (open === undefined) return await this.#answerLater(reply, shown);
      if (open.promised === null) return await this.#answerFirst(reply, shown);
      await open.promised;
      await this.#answerPromised(reply, shown);
    } catch (error) {
      throw troubleOf(error);
    }
  }

  #take({ id }: Reply): Open | undefined {
    const open = this.#open.get(id);
    this.#open.delete(id);
    clearTimeout(open?.late);
    clearTimeout(open?.over);
    return open;
  }

  async #answerFirst(reply: Reply, { components, visibility }: Shown): Promise<void> {
    const here = reply.shows === "here";
    const laidOut = { flags: MessageFlags.IsComponentsV2, components: [...components] };
    const type = here
      ? InteractionResponseType.UpdateMessage
      : InteractionResponseType.ChannelMessageWithSource;
    const hidden = !here && visibility === "caller" ? MessageFlags.Ephemeral : 0;
    const data =
      here && !reply.laidOut ? plainMessage(components) : { ...laidOut, flags: laidOut.flags | hidden };
    await this.#callback(reply.id, reply.token, { type, data } as APIInteractionResponse);
  }

  /** What was promised cannot be laid out in components any more: it is said in words. */
  async #answerPromised(reply: Reply, { components }: Shown): Promise<void> {
    const body =
      reply.shows === "here" && reply.laidOut
        ? { flags: MessageFlags.IsComponentsV2, components }
        : plainMessage(components);
    await this.#rest.patch(original(reply), { auth: false, body });
  }

  /** Another process took it in, or this one tried before: what the person sees tells how far that came. */
  async #answerLater(reply: Reply, shown: Shown): Promise<void> {
    const age = Date.now() - reply.at;
    if (age > TOKEN_MS) throw new Trouble("rejected", "Discord takes no answer to it any more.");
    const seen = (await this.#rest.get(original(reply), { auth: false }).catch((error: unknown) => {
      if (isCode(error, RESTJSONErrorCodes.UnknownWebhook, RESTJSONErrorCodes.UnknownMessage)) return null;
      throw error;
    })) as APIMessage | null;
    if (seen === null) {
      if (age < FIRST_MS) return this.#answerFirst(reply, shown);
      throw new Trouble("rejected", "It was never acknowledged, so Discord takes no answer to it.");
    }
    const promised = ((seen.flags ?? 0) & MessageFlags.Loading) !== 0;
    if (promised || reply.shows === "here") await this.#answerPromised(reply, shown);
  }

  async #promise({ id, token, shows, visibility }: Reply): Promise<void> {
    const response: APIInteractionResponse =
      shows === "here"
        ? { type: InteractionResponseType.DeferredMessageUpdate }
        : {
            type: InteractionResponseType.DeferredChannelMessageWithSource,
            data: visibility === "caller" ? { flags: MessageFlags.Ephemeral } : {},
          };
    // Where Discord did not take it, the answer finds out by itself.
    await this.#callback(id, token, response).catch(() => undefined);
  }

  async #callback(id: string, token: string, body: APIInteractionResponse): Promise<void> {
    await this.#rest
      .post(Routes.interactionCallback(id, token), { auth: false, body })
      .catch((error: unknown) => {
        // A first try got through, or the same event came twice.
        if (!isCode(error, RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged)) throw error;
      });
  }
}

function original({ application, token }: Reply): `/${string}` {
  return Routes.webhookMessage(application, token, "@original");
}

function isCode(error: unknown, ...codes: readonly RESTJSONErrorCodes[]): boolean {
  return error instanceof DiscordAPIError && codes.includes(error.code as RESTJSONErrorCodes);
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  if (error instanceof RateLimitError)
    return new Trouble("rate-limited", "Discord asks to wait.", error.retryAfter);
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof DiscordAPIError && error.status < 500)
    return new Trouble("rejected", `Discord does not take the answer: ${words}`);
  return new Trouble("unreachable", `Discord cannot be reached: ${words}`);
}
