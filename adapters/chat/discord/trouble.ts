import { RESTJSONErrorCodes as Code, DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import type { ChatTroubleCode } from "../../../src/ports/chat.ts";
import { Trouble } from "../../../src/ports/trouble.ts";

/** A Trouble that still knows Discord's own code for it, for those who can do something about it. */
export class DiscordTrouble extends Trouble {
  declare readonly code: ChatTroubleCode;
  /** As in `RESTJSONErrorCodes`; 0 where Discord named none. */
  readonly discord: number;
  /** At what distance those who wait for the same limit should come back, in milliseconds. */
  readonly spacingMs: number;

  constructor(
    code: ChatTroubleCode,
    message: string,
    more: { retryAfterMs?: number; discord?: number; spacingMs?: number } = {},
  ) {
    // The outbox counts whole milliseconds.
    super(code, message, more.retryAfterMs === undefined ? undefined : Math.ceil(more.retryAfterMs));
    this.discord = more.discord ?? 0;
    this.spacingMs = more.spacingMs ?? 0;
  }

  is(code: Code): boolean {
    return this.discord === (code as number);
  }
}

/** The network failed under a request. `sent`: the request may have reached Discord. */
export class NetworkFailure extends Error {
  override readonly name = "NetworkFailure";
  readonly sent: boolean;

  constructor(cause: unknown, sent: boolean) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.sent = sent;
  }
}

/** How long whoever is locked out rests before anybody tries again, in milliseconds. */
const LOCKED_OUT_MS = 300_000;
const EMPTY_QUEUE_MS = 1000;

const TOKEN =
  "Discord does not take DISCORD_TOKEN (401). Reset the token in the Developer Portal under Bot, and set it.";
/** The thread was put away. It is taken out again, unless it is locked. */
export const ARCHIVED = 50_083;
/** What a person has to mend, in words. */
const WORDS: Readonly<Record<number, string>> = {
  [Code.MissingAccess]:
    "The bot does not see this channel: give its role View Channel there, or unsubscribe the channel.",
  [Code.MissingPermissions]:
    "The bot lacks a permission in this channel: its role needs View Channel, Send Messages, Send Messages in Threads, Create Public Threads, Read Message History and Add Reactions.",
  [Code.UnknownChannel]: "The channel was deleted, or was never there: unsubscribe it.",
  [Code.UnknownMessage]: "The message was deleted.",
  [ARCHIVED]: "The thread is archived and locked: a moderator must unlock it.",
  [Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached]:
    "Discord throttles edits of messages older than an hour.",
};

/** Until a person has mended it the same will be answered; any other refusal is about the one message. */
const LOCKS: readonly number[] = [Code.MissingAccess, Code.MissingPermissions, ARCHIVED];

export function tokenRefused(): DiscordTrouble {
  return new DiscordTrouble("locked-out", TOKEN, { retryAfterMs: LOCKED_OUT_MS });
}

/** A thread that is put away and cannot be taken out again. */
export function threadLocked(): DiscordTrouble {
  const more = { retryAfterMs: LOCKED_OUT_MS, discord: ARCHIVED };
  return new DiscordTrouble("locked-out", WORDS[ARCHIVED] ?? "", more);
}

/** `limit`: how many the route takes in one stretch of time, so that those who wait come back at that pace. */
export function toldToWait(what: string, retryAfterMs: number, limit: number): DiscordTrouble {
  const restMs = Math.max(1, Math.ceil(retryAfterMs));
  const spacingMs = restMs / Math.max(1, Math.min(limit, 50));
  return new DiscordTrouble("rate-limited", `Discord asks to wait ${restMs} ms before ${what}.`, {
    retryAfterMs: restMs,
    spacingMs,
  });
}

/**
 * What became of a failed call, for the outbox. `repeatable`: doing it twice is as good as once, so that no doubt is
 * left where nobody answered; posting is not.
 */
export function troubleOf(error: unknown, what: string, repeatable: boolean): DiscordTrouble {
  const unknown: ChatTroubleCode = repeatable ? "unreachable" : "doubtful";
  if (error instanceof DiscordTrouble) return error;
  if (error instanceof RateLimitError)
    return toldToWait(error.global ? "anything more" : what, error.retryAfter, error.limit);
  if (error instanceof NetworkFailure) {
    const code = error.sent ? unknown : "unreachable";
    return new DiscordTrouble(code, `Discord was not reached, ${what}: ${error.message}.`);
  }
  if (error instanceof HTTPError)
    return new DiscordTrouble(unknown, `Discord answered ${error.status}, ${what}.`);
  if (error instanceof DiscordAPIError) return refused(error, what, unknown);
  // The REST client lets go of whoever waits in a route's queue for too long: nothing was sent.
  if (error instanceof Error && error.name === "AbortError")
    return new DiscordTrouble("rate-limited", `Discord was too slow for its turn to come, ${what}.`, {
      retryAfterMs: EMPTY_QUEUE_MS,
    });
  return new DiscordTrouble(unknown, `Discord was not understood, ${what}: ${String(error)}.`);
}

function refused(
  { status, code, message }: DiscordAPIError,
  what: string,
  unknown: ChatTroubleCode,
): DiscordTrouble {
  const discord = Number(code);
  const said = WORDS[discord] ?? `Discord refuses ${what}: ${message.replaceAll("\n", " ")} (${code}).`;
  if (status === 401) return tokenRefused();
  if (LOCKS.includes(discord) || (status === 403 && discord === 0))
    return new DiscordTrouble("locked-out", said, { retryAfterMs: LOCKED_OUT_MS, discord });
  // Without a code of Discord's it comes from what stands before it.
  if (status === 408 || (status === 404 && discord === 0))
    return new DiscordTrouble(unknown, said, { discord });
  return new DiscordTrouble("rejected", said, { discord });
}
