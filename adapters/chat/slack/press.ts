import type { Button } from "../../../src/core/button.ts";

/** How long a button's `value` may be. */
const VALUE_MAX = 2000;

/** What stands on something that is pressed: all of it travels with the message, so it works after a restart. */
export interface Pressable {
  readonly action_id: string;
  readonly value: string;
}

/** What somebody pressed or chose. */
export type Press =
  | { readonly do: "line"; readonly line: string }
  /** The line lacks its last words: they are the answer to the question. */
  | { readonly do: "ask"; readonly line: string; readonly question: string }
  | { readonly do: "attach"; readonly task: string }
  /** The line is longer than a button: it stands with the notice, `ChatDesk.actionLine`. */
  | { readonly do: "look-up"; readonly notice: number; readonly index: number }
  /** `below`: the message the question came from. */
  | { readonly do: "confirm"; readonly line: string; readonly below: string | null }
  | { readonly do: "dismiss" }
  /** A form for a line, of one command where it is named. */
  | { readonly do: "form"; readonly path: string | null };

const ATTACH = "gate:attach";
const CONFIRM = "gate:confirm";
const DISMISS = "gate:dismiss";
const FORM = "gate:form";
const ANY = "any";

/** `number` tells buttons of one block apart. Null where the line is too long for a button. */
export function pressable({ line, asks }: Button, number: number): Pressable | null {
  const task = asks === null ? null : (/^\/gate prove (\S+)$/u.exec(line)?.[1] ?? null);
  if (task !== null) return { action_id: `${ATTACH}:${number}`, value: task };
  const value = asks === null ? line : `${line}\n${asks}`;
  const verb = /^\/gate ([a-z-]+)/u.exec(line)?.[1] ?? "line";
  return value.length > VALUE_MAX ? null : { action_id: `gate:${verb}:${number}`, value };
}

/** Reads `action_id` and `value` back; null where they are none of the bot's. */
export function readPress(actionId: string, value: string): Press | null {
  const is = (name: string): boolean => actionId === name || actionId.startsWith(`${name}:`);
  if (is(DISMISS)) return { do: "dismiss" };
  if (is(FORM)) return { do: "form", path: value === "" || value === ANY ? null : value };
  const attach = /^(?:attach )?([A-Z][A-Z0-9]*-[1-9]\d*)$/u.exec(value)?.[1];
  if (attach !== undefined) return { do: "attach", task: attach };
  const held = /^#(\d{1,15}):(\d{1,4})$/u.exec(value);
  if (held !== null) return { do: "look-up", notice: Number(held[1]), index: Number(held[2]) };
  if (!value.startsWith("/gate ")) return null;
  const [line = "", ...rest] = value.split("\n");
  if (is(CONFIRM)) return { do: "confirm", line, below: rest[0] ?? null };
  return rest.length === 0 ? { do: "line", line } : { do: "ask", line, question: rest.join(" ") };
}

/** The two buttons below a question; null where the line is too long for one. */
export function questionPresses(
  line: string,
  below: string | null,
): { readonly yes: Pressable; readonly no: Pressable } | null {
  const value = below === null ? line : `${line}\n${below}`;
  if (value.length > VALUE_MAX || line.includes("\n")) return null;
  return { yes: { action_id: CONFIRM, value }, no: { action_id: DISMISS, value: "no" } };
}

/** Opens the form of one command, or of any. */
export function formPress(path: string | null, number: number): Pressable {
  return { action_id: `${FORM}:${number}`, value: path ?? ANY };
}
