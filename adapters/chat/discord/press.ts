import { createHash } from "node:crypto";

/** What a button, select or form stands for, as its `custom_id` says it. */
export type Press = {
  /** What is done with what the person says, if they are asked at all. */
  readonly wants: Wants;
  readonly what: PressedLine | PressedAction;
};

/**
 * `nothing`: the press alone runs the line. `words`: the person is asked first, and `answeredLine` puts the words behind
 * the line. `choice`: a select, whose value is the line's last word. `yes`: it was asked already, so it runs confirmed.
 */
export type Wants = "nothing" | "words" | "choice" | "yes";

/** The whole `/gate` line. */
export interface PressedLine {
  readonly line: string;
}

/**
 * An action of a notice that was posted, by its place in `actionsOf(data)`. `check` is `lineCheck` of its line: the notice
 * may say something else by now, and then the press is stale and is refused.
 */
export interface PressedAction {
  readonly notice: number;
  readonly index: number;
  readonly check: string;
}

/** Discord's limit for a `custom_id`, in characters. */
const ID_MAX = 100;
/** Version 1 of this encoding. Messages live for ever, and so do their buttons. */
const PREFIX = "g1";
const GATE = "/gate ";
const SIGNS = { nothing: "!", words: "?", choice: "*", yes: "+" } as const satisfies Record<Wants, string>;
const ID = /^g1(?:\.\d{1,2})?:([!?*+])(?:#(\d{1,15})\.(\d{1,4})\.([A-Za-z0-9_-]{8})|([^#].*))$/su;

/**
 * The `custom_id` of one component. `again` tells components of one message that stand for the same line apart, since
 * Discord takes no id twice; 0 for the first. Null where a line is too long and no notice holds it: then there is
 * no such button.
 */
export function pressId({ wants, what }: Press, again = 0): string | null {
  const head = `${PREFIX}${again === 0 ? "" : `.${again}`}:${SIGNS[wants]}`;
  if ("notice" in what) return `${head}#${what.notice}.${what.index}.${what.check}`;
  const line = what.line.startsWith(GATE) ? what.line.slice(GATE.length) : what.line;
  const id = `${head}${line}`;
  return id.length <= ID_MAX && !line.startsWith("#") && line !== "" ? id : null;
}

/** Null where the id is not one of these. */
export function readPress(customId: string): Press | null {
  const match = ID.exec(customId);
  if (match === null) return null;
  const [, sign, notice, index, check, line] = match;
  const wants = (Object.keys(SIGNS) as Wants[]).find((each) => SIGNS[each] === sign);
  if (wants === undefined) return null;
  if (line !== undefined) return { wants, what: { line: `${GATE}${line}` } };
  return { wants, what: { notice: Number(notice), index: Number(index), check: check ?? "" } };
}

/** Eight characters by which a line is told from the one that stood in its place when the button was drawn. */
export function lineCheck(line: string): string {
  return createHash("sha256").update(line).digest("base64url").slice(0, 8);
}
