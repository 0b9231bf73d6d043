import { z } from "zod";
import { nearest } from "../../core/nearest.ts";
import { inOrder, usageOf } from "./help.ts";
import type { Verb } from "./verb.ts";
import { splitWords, type Word } from "./words.ts";

/** The longest line, in UTF-16 code units: what platforms let people type at the most. */
export const LINE_MAX = 4000;

export type Parsed =
  | { readonly verb: Verb; readonly input: object }
  | {
      readonly fault: string;
      readonly suggestions: readonly string[];
      readonly usage: string | null;
      /** The argument that does not fit, by name; absent where the line as a whole does not. */
      readonly argument?: string;
    };

/** Phones and desktops turn two hyphens into a dash while somebody types. */
const FLAG = /^(?:--|—|–)(\p{L}[\p{L}-]*)(?:=(.*))?$/su;

/** Reads `/gate VERB …`. A bare `/gate` asks for help. Never throws for what was typed. */
export function parseLine(verbs: readonly Verb[], line: string): Parsed {
  if (line.length > LINE_MAX) return fault(`A line has at most ${LINE_MAX} characters.`);
  const [command, name, ...rest] = splitWords(line);
  if (command === undefined || command.text.toLowerCase() !== "/gate") return noCommand(verbs, line, command);
  const path = name?.text.toLowerCase() ?? "help";
  const verb = verbs.find((one) => one.path === path);
  if (verb !== undefined) return readArguments(verb, rest);
  const meant = nearest(
    path,
    verbs.map((one) => one.path),
  );
  const after = name === undefined ? "" : line.slice(name.end);
  return fault(
    `There is no \`/gate ${path}\`.`,
    meant === null ? ["/gate help"] : [`/gate ${meant}${after}`],
  );
}

function noCommand(verbs: readonly Verb[], line: string, word: Word | undefined): Parsed {
  const first = word?.text.replace(/^\//u, "").toLowerCase() ?? "";
  if (verbs.some(({ path }) => path === first)) {
    return fault("Commands begin with `/gate`.", [`/gate ${line.trim().replace(/^\//u, "")}`]);
  }
  return fault("Commands begin with `/gate`.", ["/gate help"]);
}

/** What was typed, by the argument's name: text, or true for a flag that takes no value. */
type Typed = Map<string, string | true>;

function readArguments(verb: Verb, words: readonly Word[]): Parsed {
  const open = words.find((word) => word.open);
  if (open !== undefined)
    return fault(`The quote that begins at “${open.text.slice(0, 20)}” is never closed.`, [], verb);
  const typed: Typed = new Map();
  const placed: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const flag = word.quoted ? null : FLAG.exec(word.text);
    if (!word.quoted && word.text === "--") placed.push(...left.splice(0).map(({ text }) => text));
    else if (flag === null) placed.push(word.text);
    else {
      const name = nameOf(verb, flag[1] as string);
      if (name === null) return unknownFlag(verb, flag[1] as string);
      if (typed.has(name)) return fault(`\`--${name}\` is given twice.`, [], verb);
      const value = verb.arguments[name]?.type === "flag" ? true : (flag[2] ?? left.shift()?.text);
      if (value === undefined) {
        return fault(`\`--${name}\` needs a value: ${verb.arguments[name]?.about ?? ""}.`, [], verb);
      }
      typed.set(name, value);
    }
  }
  return place(verb, placed, typed) ?? check(verb, typed);
}

function nameOf(verb: Verb, flag: string): string | null {
  return Object.keys(verb.arguments).find((name) => name === flag.toLowerCase()) ?? null;
}

function unknownFlag(verb: Verb, flag: string): Parsed {
  const meant = nearest(flag, Object.keys(verb.arguments));
  const hint =
    meant === null ? "Put text in quotes if it begins with two hyphens." : `Did you mean \`--${meant}\`?`;
  return fault(`\`/gate ${verb.path}\` knows no \`--${flag}\`. ${hint}`, [], verb);
}

/** Gives the words their arguments, in order; null where all found one. */
function place(verb: Verb, placed: readonly string[], typed: Typed): Parsed | null {
  let left = [...placed];
  for (const [name, argument] of inOrder(verb)) {
    if (typed.has(name) || left.length === 0) continue;
    const taken = argument.place === "rest" ? left.splice(0) : left.splice(0, 1);
    typed.set(name, taken.join(" "));
  }
  if (left.length === 0) return null;
  left = left.slice(0, 3);
  return fault(`\`/gate ${verb.path}\` does not know what to do with “${left.join(" ")}”.`, [], verb);
}

function check(verb: Verb, typed: Typed): Parsed {
  const shape = Object.fromEntries(
    Object.entries(verb.arguments).map(([name, { schema }]) => [name, schema]),
  );
  const result = z.strictObject(shape).safeParse(Object.fromEntries(typed));
  if (result.success) return { verb, input: result.data };
  const [issue] = result.error.issues;
  const name = String(issue?.path[0] ?? "");
  const argument = verb.arguments[name];
  if (argument === undefined) return fault(issue?.message ?? "That does not fit.", [], verb);
  const value = typed.get(name);
  if (value === undefined)
    return { ...fault(`${argument.shown} is missing: ${argument.about}.`, [], verb), argument: name };
  const meant = nearest(String(value), argument.choices ?? []);
  const hint = meant === null ? `It is ${argument.about}.` : `Did you mean \`${meant}\`?`;
  return { ...fault(`“${String(value)}” is no ${argument.shown}. ${hint}`, [], verb), argument: name };
}

function fault(
  text: string,
  suggestions: readonly string[] = [],
  verb?: Verb,
): Extract<Parsed, { readonly fault: string }> {
  return { fault: text, suggestions, usage: verb === undefined ? null : usageOf(verb) };
}
