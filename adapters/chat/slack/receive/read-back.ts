import type { WebClient } from "@slack/web-api";
import type { Json } from "../../../../src/core/json.ts";
import type { AnchoredThread, ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import { pause } from "../../pause.ts";
import { arrivalsOf } from "./events.ts";
import { type Fields, fieldsOf, listOf, textOf } from "./payload.ts";
import { slackRefusal } from "./web.ts";

/** Who we are: events tell it, what is read back does not. */
export interface Self {
  readonly user: string;
  readonly app: string | null;
}

/** How many threads are read, the newest first: the others are too old for anybody to wait. */
const THREADS = 100;
const PAGE = 200;
/** Read a little further than it was away: clocks differ, and what is known already is known by its name. */
const MARGIN_MS = 10 * 60_000;
/** Names of what was received are kept for two days: what is older could be taken twice. */
const FAR_MS = 40 * 3_600_000;
const WAIT_MAX_MS = 60_000;

/**
 * Reads the threads below the bot's own messages since it last heard anything, and receives what stands there as if it had
 * been told: under the same names, so nothing is taken twice. Without the history scopes there is nothing to read.
 */
export async function readBack(
  { client, desk, self, signal }: ReadBack,
  { since, now }: { readonly since: number; readonly now: number },
): Promise<number> {
  const from = Math.max(since - MARGIN_MS, now - FAR_MS);
  let fresh = 0;
  for (const thread of await desk.threads(THREADS)) {
    if (signal.aborted) break;
    try {
      for await (const message of messagesOf(client, thread, from, signal)) {
        for (const arrival of arrivalsOfMessage(thread, message, self, from))
          if (await desk.receive(arrival)) fresh += 1;
      }
    } catch (error) {
      const refused = slackRefusal(error);
      if (refused === null || refused.error === "missing_scope") return fresh;
      // This channel or thread is gone, or the bot was put out of it: the others are not.
    }
  }
  return fresh;
}

interface ReadBack {
  readonly client: WebClient;
  readonly desk: Pick<ChatDesk, "threads" | "receive">;
  readonly self: Self;
  readonly signal: AbortSignal;
}

async function* messagesOf(
  client: WebClient,
  { channel, anchor }: AnchoredThread,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Fields> {
  let cursor = "";
  do {
    const oldest = (from / 1000).toFixed(6);
    const asked = { channel, ts: anchor, oldest, limit: PAGE, ...(cursor === "" ? {} : { cursor }) };
    const page = fieldsOf(
      (await patiently(() => client.conversations.replies(asked), signal)) as unknown as Json,
    );
    for (const message of listOf(page["messages"])) if (message["ts"] !== anchor) yield message;
    cursor = textOf(fieldsOf(page["response_metadata"])["next_cursor"]) ?? "";
  } while (cursor !== "" && !signal.aborted);
}

/** Waits where Slack asks to, and not for ever. */
async function patiently<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const { retryAfter } = error as { readonly retryAfter?: unknown };
      const ms = typeof retryAfter === "number" ? retryAfter * 1000 : Number.POSITIVE_INFINITY;
      if (ms > WAIT_MAX_MS || signal.aborted) throw error;
      await pause(ms, signal);
    }
  }
}

/** The message, and its edit where that is what was missed: of a message heard before, only the edit is news. */
function arrivalsOfMessage({ channel }: AnchoredThread, message: Fields, self: Self, from: number) {
  const told = (event: { readonly [field: string]: Json }) =>
    arrivalsOf({
      event: { channel, ...event },
      authorizations: [{ user_id: self.user, is_bot: true }],
      ...(self.app === null ? {} : { api_app_id: self.app }),
    });
  const { subtype, ...plain } = message as { readonly [field: string]: Json };
  const editedAt = Number(textOf(fieldsOf(message["edited"])["ts"]) ?? 0) * 1000;
  return [
    ...told({ ...plain, ...(subtype === undefined ? {} : { subtype }), type: "message" }),
    ...(editedAt < from
      ? []
      : told({
          type: "message",
          subtype: "message_changed",
          message: message as Json,
          previous_message: {},
        })),
  ];
}
