import { decodeMessage } from "./decode.ts";
import { type Fields, fieldsOf, textOf } from "./payload.ts";

/** A message somebody wants to attach as proof. */
export interface ShownProof {
  readonly channel: string;
  readonly ts: string;
  /** The message it stands below; itself where it stands in the channel. */
  readonly head: string;
  /** As Slack wrote it. */
  readonly text: string;
  /** Its first link. */
  readonly link: string | null;
  /** The bot wrote it: what is linked there is no proof of anything. */
  readonly own: boolean;
}

const LINK = /(?:https?:\/\/|file:|command:)[^\s<>"']+/iu;

/** The message under a message shortcut; null where the payload shows none. */
export function proofOf(body: Fields): ShownProof | null {
  const message = fieldsOf(body["message"]);
  const channel = textOf(fieldsOf(body["channel"])["id"]);
  const ts = textOf(message["ts"]) ?? textOf(body["message_ts"]);
  if (channel === null || ts === null) return null;
  const text = textOf(message["text"]) ?? "";
  const link = LINK.exec(decodeMessage(text, "talk"))?.[0] ?? null;
  const own = message["app_id"] !== undefined && message["app_id"] === body["api_app_id"];
  return { channel, ts, head: textOf(message["thread_ts"]) ?? ts, text, link: own ? null : link, own };
}
