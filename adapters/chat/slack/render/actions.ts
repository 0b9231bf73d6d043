import type { Button } from "../../../../src/core/button.ts";
import type { Json } from "../../../../src/core/json.ts";
import { actionsOf } from "../../../../src/core/notice-actions.ts";
import { pressable, questionPresses } from "../press.ts";
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

const MENU = "gate:more";
const SNOOZE = "gate:snooze";

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

/** The value of a button or an option, as `press.ts` reads it back, within `max` characters; null where there is none that fits. */
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

function toElement(one: Button, number: number, origin: Origin | null): Element | null {
  const press = pressable(one, number);
  const value = press === null ? lineValue(one, BUTTON_VALUE_MAX, origin) : press.value;
  if (value === null) return null;
  const verb = verbOf(one);
  const style = verb === "cancel" ? "danger" : verb === "approve" ? "primary" : undefined;
  return button(one.label, {
    actionId: press?.action_id ?? `gate:${verb}:${number}`,
    value,
    ...(style === undefined ? {} : { style }),
  });
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

/** Yes and no to a question; none where the line is too long for a button. `below`: the message the question came from. */
export function questionRow(line: string, below: string | null): readonly Block[] {
  const presses = questionPresses(line, below);
  if (presses === null) return [];
  const { yes, no } = presses;
  return actions([
    button("Confirm", { actionId: yes.action_id, value: yes.value, style: "danger" }),
    button("Cancel", { actionId: no.action_id, value: no.value }),
  ]);
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

/** Ids within a block differ by the button's number. */
function numbered(buttons: readonly Button[], origin: Origin | null): readonly Element[] {
  return buttons.flatMap((one, number) => toElement(one, number, origin) ?? []);
}
