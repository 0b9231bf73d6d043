import type { Button } from "../../../../src/core/button.ts";
import type { Json } from "../../../../src/core/json.ts";
import { actionsOf } from "../../../../src/core/notice-actions.ts";
import {
  actions,
  type Block,
  BUTTON_VALUE_MAX,
  button,
  type Element,
  OPTION_VALUE_MAX,
  type Option,
  OVERFLOW_MAX,
  option,
  overflow,
  select,
} from "./blocks.ts";
import { plain } from "./text.ts";

/**
 * How a person's press comes back. The id is `gate:VERB`, with `:N` behind it where one block has several of a verb,
 * `gate:more` for a menu, `gate:snooze` for the one of ends, `gate:confirm` for what was asked first, and `gate:attach` for
 * the form that takes a proof. The value, of the button or of the option chosen, is one of
 *
 * - `/gate unblock CLIP-12 --version 3 "Paris"`: the whole line;
 * - the line, a line end, and the question to ask first: its answer goes behind the line;
 * - `#NOTICE:INDEX` where the line is longer than Slack takes: `ChatDesk.actionLine` has it;
 * - the task's key, for `gate:attach`.
 */
export type Pressed =
  /** `confirmed`: the person was asked by what the button stood below, and said yes. */
  | { readonly kind: "line"; readonly line: string; readonly confirmed: boolean }
  | { readonly kind: "ask"; readonly line: string; readonly question: string }
  | { readonly kind: "long"; readonly notice: number; readonly index: number }
  | { readonly kind: "attach"; readonly task: string };

const ATTACH = "gate:attach";
const CONFIRM = "gate:confirm";
const MENU = "gate:more";
const SNOOZE = "gate:snooze";
/** What `action_id`s of this app look like, for listeners. */
export const ACTION_ID = /^gate:/;

/** What a press means; null where it is not one of this app's. */
export function readPress(actionId: string, value: string): Pressed | null {
  if (!ACTION_ID.test(actionId)) return null;
  const attach = /^attach ([A-Z][A-Z0-9]*-[1-9]\d*)$/.exec(value)?.[1];
  if (actionId === ATTACH || attach !== undefined) return { kind: "attach", task: attach ?? value };
  const long = /^#(\d{1,15}):(\d{1,4})$/.exec(value);
  if (long !== null) return { kind: "long", notice: Number(long[1]), index: Number(long[2]) };
  if (!value.startsWith("/gate ")) return null;
  const [line = "", ...question] = value.split("\n");
  return question.length === 0
    ? { kind: "line", line, confirmed: actionId === CONFIRM }
    : { kind: "ask", line, question: question.join(" ") };
}

/** Where the buttons stand, so that a line that is too long can be named instead. */
export interface Origin {
  readonly notice: number;
  readonly data: Json;
}

/** How many buttons stand open; what else can be done is in a menu behind them. */
const OPEN = 2;
/** How many answers to a question stand open: each is one of the choices somebody thought of. */
const CHOICES_MAX = 20;

function verbOf({ line }: Pick<Button, "line">): string {
  return /^\/gate ([a-z-]+)/.exec(line)?.[1] ?? "other";
}

/** The value of a button within `max` characters; null where there is none that fits. */
function lineValue(one: Button, max: number, origin: Origin | null): string | null {
  const { label, line, asks } = one;
  if (asks !== null) {
    const room = max - line.length - 1;
    // A question may be cut, a line may not.
    return room < 20 ? null : `${line}\n${plain(asks, room)}`;
  }
  if (line.length <= max) return line;
  if (origin === null) return null;
  const index = actionsOf(origin.data).findIndex((known) => known.label === label && known.line === line);
  return index < 0 ? null : `#${origin.notice}:${index}`;
}

const proves = (one: Button): string | null =>
  one.asks === null ? null : (/^\/gate prove ([A-Z][A-Z0-9]*-[1-9]\d*)$/.exec(one.line)?.[1] ?? null);

function toElement(one: Button, index: number, origin: Origin | null): Element | null {
  const task = proves(one);
  if (task !== null) return button(one.label, { actionId: ATTACH, value: task });
  const value = lineValue(one, BUTTON_VALUE_MAX, origin);
  if (value === null) return null;
  const verb = verbOf(one);
  const style = verb === "cancel" ? "danger" : verb === "approve" ? "primary" : undefined;
  const actionId = index === 0 ? `gate:${verb}` : `gate:${verb}:${index}`;
  return button(one.label, { actionId, value, ...(style === undefined ? {} : { style }) });
}

function toOption(one: Button, origin: Origin | null): Option | null {
  const task = proves(one);
  const value = task === null ? lineValue(one, OPTION_VALUE_MAX, origin) : `attach ${task}`;
  return value === null ? null : option(one.label, value);
}

/** Two buttons and a menu of the rest; `more` elements, such as a select, stand between them. */
export function buttonRow(
  buttons: readonly Button[],
  origin: Origin | null,
  more: readonly Element[] = [],
): readonly Block[] {
  // A menu of one would only hide it.
  const open = buttons.length === OPEN + 1 ? OPEN + 1 : OPEN;
  const shown = numbered(buttons.slice(0, open), origin);
  const options = buttons.slice(open).flatMap((one) => toOption(one, origin) ?? []);
  const distinct = [...new Map(options.map((one) => [one.value, one])).values()].slice(0, OVERFLOW_MAX);
  const menu = distinct.length === 0 ? [] : [overflow(MENU, distinct)];
  return actions([...shown, ...more, ...menu]);
}

/** How long a contradiction may be silent; every silence has an end. */
const SPELLS: readonly (readonly [words: string, time: string])[] = [
  ["1 hour", "1h"],
  ["4 hours", "4h"],
  ["1 day", "1d"],
  ["3 days", "3d"],
  ["1 week", "7d"],
];

/** A menu of ends for a silence, in place of the one button that offers four hours. */
export function snoozeMenu(contradiction: number): Element {
  return select(
    SNOOZE,
    "Silent for…",
    SPELLS.map(([words, time]) => option(words, `/gate snooze ${contradiction} ${time}`)),
  );
}

/** The button that does what was asked about; null where the line is too long for it. */
export function confirmButton(line: string): Element | null {
  return line.length > BUTTON_VALUE_MAX
    ? null
    : button("Yes, do it", { actionId: CONFIRM, value: line, style: "danger" });
}

/** Whether a button is the usual one for four hours of silence. */
export function isSnooze(one: Button): boolean {
  return verbOf(one) === "snooze";
}

/** Whether a button answers a blocked task's question. */
export function isAnswer(one: Button): boolean {
  return verbOf(one) === "unblock";
}

/** Every one of the buttons beside each other: the choices of a question. */
export function choiceRow(buttons: readonly Button[], origin: Origin | null): readonly Block[] {
  return actions(numbered(buttons.slice(0, CHOICES_MAX), origin));
}

/** Ids within a block differ: the second of a verb is told apart by its number. */
function numbered(buttons: readonly Button[], origin: Origin | null): readonly Element[] {
  const seen = new Map<string, number>();
  return buttons.flatMap((one) => {
    const verb = proves(one) === null ? verbOf(one) : ATTACH;
    const index = seen.get(verb) ?? 0;
    seen.set(verb, index + 1);
    return toElement(one, index, origin) ?? [];
  });
}
