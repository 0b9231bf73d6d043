import { answeredLine } from "../../../../src/core/button.ts";
import { decodeText } from "./decode.ts";
import { type Fields, fieldsOf, type KeptLine, listOf, type Place, textOf } from "./payload.ts";

/** A line with the name it is kept under: handed over again, it is the same. */
export interface NamedLine {
  readonly event: string;
  readonly line: KeptLine;
}

/** What was typed behind the command; null where nothing was: a form is opened then. */
export function typedLine(body: Fields): NamedLine | null {
  const text = decodeText(textOf(body["text"]) ?? "", "line").trim();
  const user = textOf(body["user_id"]);
  if (text === "" || user === null) return null;
  return {
    event: `command:${textOf(body["trigger_id"]) ?? `${user}:${text}`}`,
    line: { kind: "line", user, line: `/gate ${text}`, confirmed: false, ...typedAt(body) },
  };
}

/** Where a command was typed. */
export function typedAt(body: Fields): Place {
  return {
    channel: textOf(body["channel_id"]),
    url: textOf(body["response_url"]),
    thread: textOf(body["thread_ts"]),
    message: null,
    asked: false,
  };
}

/** Where something was pressed or chosen: in a message, or in a view that carries its place along. */
export function pressedAt(body: Fields): Place {
  const view = fieldsOf(body["view"]);
  const carried = readCarried(textOf(view["private_metadata"]));
  if (carried !== null) return carried;
  const container = fieldsOf(body["container"]);
  const message = fieldsOf(body["message"]);
  const channel = textOf(fieldsOf(body["channel"])["id"]) ?? textOf(container["channel_id"]);
  const thread = textOf(message["thread_ts"]) ?? textOf(container["thread_ts"]);
  const ts = textOf(container["message_ts"]) ?? textOf(message["ts"]) ?? textOf(body["message_ts"]);
  const hidden = container["is_ephemeral"] === true;
  return {
    channel,
    url: textOf(body["response_url"]),
    thread: thread === ts ? null : thread,
    message: hidden ? null : ts,
    asked: hidden,
  };
}

/** A view's `private_metadata`, as the bot wrote it. Only the app sees it. */
export interface Carried extends Place {
  /** The line that a form completes, and what it asked. */
  readonly line?: string;
  readonly path?: string;
}

export function readCarried(metadata: string | null): Carried | null {
  if (metadata === null) return null;
  try {
    const held = JSON.parse(metadata) as Fields;
    const line = textOf(held["line"]);
    const path = textOf(held["path"]);
    return {
      channel: textOf(held["channel"]),
      url: textOf(held["url"]),
      thread: textOf(held["thread"]),
      message: textOf(held["message"]),
      asked: held["asked"] === true,
      ...(line === null ? {} : { line }),
      ...(path === null ? {} : { path }),
    };
  } catch {
    return null;
  }
}

/** What a press is kept under: Slack gives it no id of its own. A question is answered once, however often it is pressed. */
export function pressEvent(body: Fields): string {
  const user = userOf(body);
  const team = textOf(fieldsOf(body["team"])["id"]) ?? "";
  const container = fieldsOf(body["container"]);
  const [action = {}] = listOf(body["actions"]);
  if (
    container["is_ephemeral"] === true &&
    /^gate:(?:confirm|dismiss)/u.test(textOf(action["action_id"]) ?? "")
  )
    return `answered:${team}:${user}:${textOf(container["message_ts"]) ?? ""}`;
  const id = textOf(body["trigger_id"]) ?? textOf(action["action_ts"]) ?? textOf(body["action_ts"]) ?? "";
  return `press:${team}:${user}:${id}`;
}

/** A view is submitted once in each of its states. */
export function submitEvent(view: Fields): string {
  return `view:${textOf(view["id"]) ?? ""}:${textOf(view["hash"]) ?? ""}`;
}

export function userOf(body: Fields): string {
  return textOf(fieldsOf(body["user"])["id"]) ?? textOf(body["user_id"]) ?? "";
}

/** The first action of a press: what it is, and the value that stands on it. */
export function pressed(body: Fields): { readonly id: string; readonly value: string } {
  const [action = {}] = listOf(body["actions"]);
  const chosen = textOf(fieldsOf(action["selected_option"])["value"]);
  return { id: textOf(action["action_id"]) ?? "", value: chosen ?? textOf(action["value"]) ?? "" };
}

/** A line that lacked its last words. */
export function completed(line: string, words: string): string {
  return answeredLine({ line }, words);
}
