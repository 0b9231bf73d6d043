import type { MessageRef } from "../../../src/core/message.ts";

/** Where a message is: in a channel, or in the thread of that channel that `thread` names. */
export interface Place {
  readonly channel: string;
  readonly thread: string | null;
  readonly message: string;
}

const ID = String.raw`\d{17,20}`;
const MESSAGE = new RegExp(`^(?:(${ID})/)?(${ID})$`, "u");

/**
 * A message as anchors and `messageName` hold it: `ID`, or `THREAD/ID` for one in a thread, since a thread is a channel of
 * its own to Discord. Its channel is always the one the thread belongs to. A thread below a message has that message's
 * id. Null where it names none.
 */
export function readPlace({ channel, message }: Pick<MessageRef, "channel" | "message">): Place | null {
  const match = MESSAGE.exec(message);
  if (match === null || !new RegExp(`^${ID}$`, "u").test(channel)) return null;
  return { channel, thread: match[1] ?? null, message: match[2] as string };
}

export function writePlace({ thread, message }: Pick<Place, "thread" | "message">): string {
  return thread === null ? message : `${thread}/${message}`;
}

/** The channel that Discord's routes for this message name. */
export function routeChannel({ channel, thread }: Pick<Place, "channel" | "thread">): string {
  return thread ?? channel;
}

const EPOCH = 1_420_070_400_000;

/** The id a message would have that was written at this time, in milliseconds since 1970 UTC: later ones sort behind it. */
export function idAt(at: number): string {
  return String(BigInt(Math.max(0, Math.trunc(at) - EPOCH)) << 22n);
}
