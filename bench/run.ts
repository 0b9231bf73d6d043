import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type Measured, met, type Row, type Scale, type Target } from "./row.ts";
import { chatRows } from "./rows/chat.ts";
import { discordRows } from "./rows/chat-discord.ts";
import { commandRows } from "./rows/commands.ts";
import { depthRows } from "./rows/depth.ts";
import { engineRows } from "./rows/engine.ts";
import { heartbeatRows } from "./rows/heartbeats.ts";
import { processRows } from "./rows/processes.ts";
import { productRows } from "./rows/product.ts";
import { verificationRows } from "./rows/verification.ts";
import { watchRows } from "./rows/watch.ts";

const ROWS: readonly Row[] = [
  ...engineRows,
  ...commandRows,
  ...processRows,
  ...depthRows,
  ...productRows,
  ...verificationRows,
  ...watchRows,
  ...heartbeatRows,
  ...chatRows,
  ...discordRows,
];

const USAGE = `npm run bench -- [--quick] [--json] [--check] [--only TEXT]
  --quick  little work a row and smaller queues: whether all of it runs, and roughly how fast
  --json   one JSON document instead of the table
  --check  exit status 1 where a target is missed or a row failed
  --only   rows whose name contains the text`;

interface Result extends Partial<Measured> {
  readonly name: string;
  readonly unit: string;
  readonly target: Target | null;
  /** Null where the row has no target. */
  readonly met: boolean | null;
  readonly error?: string;
}

async function measured(row: Row, scale: Scale): Promise<Result> {
  const { name, unit, target } = row;
  try {
    const found = await row.measure(scale);
    return { name, unit, ...found, target, met: met(target, found.ratio) };
  } catch (error) {
    return { name, unit, target, met: false, error: (error as Error).message };
  }
}

function cells(result: Result): readonly string[] {
  const { name, unit, ours, limit, ratio, cpuRatio, target, note, error } = result;
  const bound = target === null ? "" : "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  const verdict = result.met === null ? "told" : result.met ? "yes" : "no";
  const figures = [ours, limit].map((figure) => `${round(figure)} ${unit}`);
  if (error !== undefined) return [name, "", "", "", "", bound, "failed", error];
  return [name, ...figures, round(ratio), round(cpuRatio), bound, verdict, note ?? ""];
}

/** Three digits that count. */
function round(figure: number | undefined): string {
  if (figure === undefined) return "";
  return Math.abs(figure) >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
}

const HEAD = ["row", "ours", "limit", "ratio", "by CPU", "target", "met", ""];
const WIDTHS = [40, 16, 16, 7, 7, 7, 7, 0];

function line(row: readonly string[]): string {
  return row
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join(" ")
    .trimEnd();
}

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const rows = ROWS.filter(({ name, long }) => name.includes(values.only) && !(values.quick && long));
if (values.help || rows.length === 0) {
  console.log(`${USAGE}\n\nRows:\n${ROWS.map(({ name }) => `  ${name}`).join("\n")}`);
  process.exit(values.help ? 0 : 2);
}
const scale: Scale = { quick: values.quick, rounds: values.quick ? 3 : 5 };
const results: Result[] = [];
if (!values.json) console.log(line(HEAD));
for (const row of rows) {
  const result = await measured(row, scale);
  results.push(result);
  if (!values.json) console.log(line(cells(result)));
}
if (values.json) {
  const machine = { cores: cpus().length, node: process.version };
  console.log(JSON.stringify({ quick: scale.quick, rounds: scale.rounds, machine, rows: results }, null, 2));
}
process.exitCode = values.check && results.some((result) => result.met === false) ? 1 : 0;
