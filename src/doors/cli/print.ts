import Table from "cli-table3";
import type { Outcome, Refusal } from "../../core/refusal.ts";
import { tidyLine } from "../../core/text.ts";
import type { Cli, ExitStatus } from "./cli.ts";

type Cell = string | number | null | undefined;

/** Borders say nothing that columns do not; without them a table is as good in a pipe as on a screen. */
const PLAIN = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  },
  style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
};

/** Aligned columns under their names. What agents and imports wrote may not steer the terminal: it is tidied. */
export function printTable(cli: Cli, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const table = new Table({ ...PLAIN, head: [...head] });
  for (const row of rows)
    table.push(row.map((cell) => tidyLine(cell === null || cell === undefined ? "-" : String(cell))));
  const lines = table.toString().split("\n");
  cli.host.terminal.out(`${lines.map((line) => line.trimEnd()).join("\n")}\n`);
}

export function printLine(cli: Cli, line: string): void {
  cli.host.terminal.out(`${line}\n`);
}

export function printJson(cli: Cli, value: unknown): void {
  cli.host.terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** A refusal on standard error, one fact a line: gate, code, field, what was expected, what came, what to do. */
export function printRefusal(cli: Cli, refusal: Refusal): ExitStatus {
  const facts: readonly (readonly [name: string, fact: string | undefined])[] = [
    ["field", refusal.field],
    ["expected", refusal.expected === undefined ? undefined : shown(refusal.expected)],
    ["got", refusal.got === undefined ? undefined : shown(refusal.got)],
    ["to do", refusal.hint],
  ];
  const lines = facts.flatMap(([name, fact]) =>
    fact === undefined ? [] : [`  ${name.padEnd(8)}  ${tidyLine(fact)}`],
  );
  cli.host.terminal.err(`${[`refused by ${refusal.gate}: ${refusal.code}`, ...lines].join("\n")}\n`);
  return 1;
}

/** Prints what a command answered, or its refusal. */
export function conclude<T>(cli: Cli, outcome: Outcome<T>, well: (value: T) => void): ExitStatus {
  if (!outcome.ok) return printRefusal(cli, outcome.refusal);
  well(outcome.value);
  return 0;
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(shown).join(", ");
  return value === null ? "nothing" : JSON.stringify(value);
}

/** A time as people and scripts read it: ISO 8601 in UTC. */
export function isoTime(ms: number): string;
export function isoTime(ms: number | null): string | null;
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** `15m`, `90s`, `1h`: the shortest exact way to say a length of time. */
export function duration(ms: number): string {
  for (const [unit, length] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}
