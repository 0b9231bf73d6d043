import type { MessageRef } from "../../../src/core/message.ts";
import type { ChatDesk, Heard } from "../../../src/ports/chat-receiver.ts";
import type { LocalChatStore, LocalMessage } from "../../../src/ports/local-chat.ts";
import { keep, LOCAL, ME, OPERATOR } from "./kept.ts";

/** How many threads are read, the newest first, and how much of each. */
const THREADS = 100;
const PAGE = 200;
/** A message stands a moment before it is received. What is known already is known by its name. */
const MARGIN_MS = 10_000;

/**
 * Reads what people wrote below the bot's messages since anything was received: a process may have been killed between the
 * message and its being received. Where nothing ever was there is nothing to read.
 */
export async function readBack(
  store: LocalChatStore,
  desk: Pick<ChatDesk, "lastReceived" | "threads" | "receive">,
): Promise<void> {
  const since = await desk.lastReceived();
  if (since === null) return;
  for (const { channel, anchor } of await desk.threads(THREADS)) {
    for (const message of await store.thread(channel, Number(anchor), PAGE)) {
      const isNew = message.changedAt >= since - MARGIN_MS;
      if (!isNew || message.kind !== "said" || message.author !== `person:${LOCAL}:${OPERATOR}`) continue;
      for (const [event, heard] of toldOf(message, since - MARGIN_MS)) {
        const { message: head, channel: of } = heard.head ?? heard.message;
        const payload = keep({ sort: "message", heard });
        await desk.receive({ platform: LOCAL, event, thread: `${head}@${of}`, payload });
      }
    }
  }
}

type Told = readonly [event: string, heard: Extract<Heard, { kind: "message" | "edited" }>];

/** The message, and what became of it: of one that was heard before only that is news. */
function toldOf(
  { id, change, channel, thread, text, at, data }: LocalMessage,
  from: number,
): readonly Told[] {
  const ref = (message: number): MessageRef => ({ platform: LOCAL, channel, message: String(message) });
  const place = { message: ref(id), head: thread === null ? null : ref(thread) };
  if (data["deletedAt"] !== undefined)
    return [[`deleted:${channel}:${id}`, { kind: "edited", person: ME, ...place, text: null }]];
  const said = { kind: "message", person: ME, ...place, text, addressed: false } as const;
  return [
    ...(at < from ? [] : [[`message:${channel}:${id}`, said] as const]),
    ...(data["editedAt"] !== undefined
      ? [[`edited:${channel}:${id}:${change}`, { kind: "edited", person: ME, ...place, text }] as const]
      : []),
  ];
}
