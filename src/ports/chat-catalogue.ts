import type { Role } from "../core/role.ts";
import type { Status } from "../core/task.ts";

/**
 * What a value is, so that a platform can offer its own field for it. Whatever the field, the value is written into the
 * line as text: a person by the platform's user id, a channel as `PLATFORM:CHANNEL`.
 *
 * - `text` stands for everything without a list of its own; `choice` and `priority` have `choices`.
 * - `list`: words between commas. `duration`: `30m`, `4h`, `2d`. `contradiction`: its number.
 * - `flag`: there or not, without a value.
 */
export type ArgumentType =
  | "text"
  | "list"
  | "choice"
  | "priority"
  | "integer"
  | "duration"
  | "flag"
  | "task"
  | "lane"
  | "agent"
  | "lane-or-agent"
  | "epic"
  | "person"
  | "channel"
  | "requirement"
  | "contradiction"
  | "verb";

/** One argument of a command. Its name is `--NAME` in a line, also where it has a place. */
export interface ArgumentEntry {
  /** 1 to 32 of `a-z`, `0-9`, `-` and `_`. */
  readonly name: string;
  /** In capitals, as usage writes it; empty for a flag. */
  readonly shown: string;
  /** 1 to 100 characters. */
  readonly about: string;
  readonly required: boolean;
  /** Its place among the words, from 1; `rest`: all words that are left; null: only as `--NAME`. */
  readonly place: number | "rest" | null;
  /** A flag without a value. */
  readonly bare: boolean;
  readonly type: ArgumentType;
  /** The words it is one of, at most 25; null where it is not. */
  readonly choices: readonly string[] | null;
  /** Of a task: those in these statuses are worth offering, in this order; null for other types. */
  readonly statuses: readonly Status[] | null;
  /** It may take several lines. */
  readonly long: boolean;
}

/** One `/gate` command as data: what a platform's registration, its forms and its help are made from. */
export interface CommandEntry {
  /** The word after `/gate`: 1 to 32 of `a-z` and `-`. */
  readonly path: string;
  /** 1 to 100 characters. */
  readonly summary: string;
  /** A whole line that is understood. */
  readonly example: string;
  /** `/gate unblock TASK ANSWER… [--version N]` */
  readonly usage: string;
  readonly role: Role;
  /** Who sees the answer; one for the caller alone takes `--share`. */
  readonly visibility: "caller" | "channel";
  /** `later` where it may take longer than the three seconds a platform waits. */
  readonly answers: "at-once" | "later";
  /** It may answer with a question first. */
  readonly confirms: boolean;
  /** The queue may be another afterwards. */
  readonly changes: boolean;
  /** At most 25, the required ones first. */
  readonly arguments: readonly ArgumentEntry[];
}

/**
 * The line a platform's form stands for, each value under its name: what is typed, what is picked and what is filled in go
 * through the same parser. `true` sets a flag; undefined and false are left out.
 */
export function writeLine(path: string, values: LineValues): string {
  return `/gate ${path}${writeValues(values)}`;
}

/** The part of such a line behind the verb: empty, or ` --NAME VALUE …`. */
export function writeValues(values: LineValues): string {
  const parts = Object.entries(values).map(([name, value]) => {
    if (value === undefined || value === false) return "";
    return value === true ? ` --${name}` : ` --${name} ${quote(String(value))}`;
  });
  return parts.join("");
}

export type LineValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** A value as one word of a line: what a quote or a backslash would change is quoted. */
function quote(text: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N}.,:/#@+_-]*$/u.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
