import type { House } from "../../commands/house.ts";
import { inOrder, usageOf } from "./help.ts";
import { fitting, offersOf } from "./offers.ts";
import { hasRole, type Speaker } from "./role.ts";
import type { Argument, Verb } from "./verb.ts";
import { splitWords, type Word } from "./words.ts";

export interface Suggestion {
  /** What takes the place of the word under the cursor. */
  readonly text: string;
  readonly about: string;
}

export interface Completion {
  /** The part of the line that a suggestion replaces, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  readonly suggestions: readonly Suggestion[];
  /** How the verb is written, once there is one. */
  readonly usage: string | null;
}

const SHOWN = 25;
/** A task takes two lines. */
const TASKS_SHOWN = 8;

interface Cursor {
  readonly house: House;
  readonly verbs: readonly Verb[];
  /** Words that are complete, the verb and `/gate` included. */
  readonly before: readonly Word[];
  /** What is typed of the word under the cursor so far. */
  readonly typed: string;
}

/** What may come next in a line that somebody is typing, with the cursor at its end. */
export async function complete(
  context: { readonly house: House; readonly speaker: Speaker; readonly verbs: readonly Verb[] },
  line: string,
): Promise<Completion> {
  const words = splitWords(line);
  const last = words.at(-1);
  const touching =
    last !== undefined && last.end === line.length && (last.open || !/\s$/u.test(line)) ? last : null;
  const verbs = context.verbs.filter((verb) => hasRole(context.speaker, verb.role));
  const cursor: Cursor = {
    house: context.house,
    verbs,
    before: touching === null ? words : words.slice(0, -1),
    typed: touching?.text ?? "",
  };
  const verb = verbs.find(({ path }) => path === cursor.before[1]?.text.toLowerCase());
  return {
    from: touching?.start ?? line.length,
    to: line.length,
    suggestions: await suggest(cursor, verb),
    usage: verb === undefined ? null : usageOf(verb),
  };
}

async function suggest(cursor: Cursor, verb: Verb | undefined): Promise<readonly Suggestion[]> {
  const { before, typed } = cursor;
  if (before.length === 0) return beginning(typed, [{ text: "/gate", about: "a command" }]);
  if (before[0]?.text.toLowerCase() !== "/gate") return [];
  if (before.length === 1)
    return beginning(
      typed,
      cursor.verbs.map(({ path, summary }) => ({ text: path, about: summary })),
    );
  if (verb === undefined) return [];
  const flag = /^--([a-z-]+)=(.*)$/su.exec(typed);
  if (flag !== null) {
    const values = await valuesOf({ ...cursor, typed: flag[2] as string }, verb.arguments[flag[1] as string]);
    return values.map(({ text, about }) => ({ text: `--${flag[1]}=${text}`, about }));
  }
  if (typed.startsWith("-")) return beginning(typed, unusedFlags(verb, before));
  const argument = atCursor(verb, before);
  return valuesOf(cursor, argument);
}

function beginning(typed: string, suggestions: readonly Suggestion[]): readonly Suggestion[] {
  return fitting({ typed, limit: SHOWN }, suggestions);
}

function unusedFlags(verb: Verb, before: readonly Word[]): readonly Suggestion[] {
  return Object.entries(verb.arguments)
    .filter(
      ([name, { place }]) => place === undefined && !before.some(({ text }) => text.startsWith(`--${name}`)),
    )
    .map(([name, { about }]) => ({ text: `--${name}`, about }));
}

/** The argument whose value stands under the cursor: a flag's, or the next place. */
function atCursor(verb: Verb, before: readonly Word[]): Argument | undefined {
  let placed = 0;
  let waiting: Argument | undefined;
  for (const { text } of before.slice(2)) {
    if (waiting !== undefined) waiting = undefined;
    else if (/^--[a-z-]+$/u.test(text)) {
      const named = verb.arguments[text.slice(2)];
      waiting = named?.type === "flag" ? undefined : named;
    } else if (!/^--[a-z-]+=/u.test(text)) placed += 1;
  }
  return waiting ?? inOrder(verb)[placed]?.[1];
}

/** A value as one word of a line. */
async function valuesOf(cursor: Cursor, argument: Argument | undefined): Promise<readonly Suggestion[]> {
  const { house, verbs, typed, before } = cursor;
  const limit = argument?.type === "task" ? TASKS_SHOWN : SHOWN;
  const asked = { house, verbs, typed, task: before[2]?.text.toUpperCase(), limit };
  const offers = await offersOf(argument, asked);
  return offers.map(({ text, about }) => ({ text: /\s/u.test(text) ? `"${text}"` : text, about }));
}
