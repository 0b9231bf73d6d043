import type { SideCall } from "../processes.ts";
import { type Row, rates } from "../row.ts";

const CALLERS = 64;

interface Setting {
  readonly synchronous: "normal" | "full";
  /** Of the same rows: who writes them. */
  readonly engine?: "better-sqlite3" | "libsql";
  readonly target: Row["target"];
}

/** The real commands, claim to completion, beside the limit's two bare commits under the same promise to the disk. */
function jobs(
  file: "commands" | "same-rows",
  name: string,
  { synchronous, target, ...engine }: Setting,
): Row {
  const ours: SideCall = { file, name: "jobs", options: { synchronous, callers: CALLERS, ...engine } };
  return {
    name,
    unit: "jobs/s",
    target,
    measure: ({ quick, rounds }) =>
      rates(
        { ours, limit: { file: "limit", name: "cycle", options: { synchronous } } },
        // A bot runs for months: what is asked is how fast it is once it is warm, which takes some 20,000 jobs.
        quick ? { rounds, count: 1280, warmUps: 15 } : { rounds: rounds + 4, count: 6400, warmUps: 3 },
      ),
  };
}

export const commandRows: readonly Row[] = [
  jobs("commands", "commands, power-cut safe (FULL)", { synchronous: "full", target: { atLeast: 0.5 } }),
  jobs("commands", "commands, kill safe (NORMAL)", { synchronous: "normal", target: { atLeast: 0.5 } }),
  jobs("same-rows", "same rows by the limit's engine, NORMAL", {
    synchronous: "normal",
    target: null,
    engine: "better-sqlite3",
  }),
  jobs("same-rows", "same rows by our engine alone, NORMAL", {
    synchronous: "normal",
    target: null,
    engine: "libsql",
  }),
  {
    name: "adding tasks by command",
    unit: "tasks/s",
    target: null,
    measure: ({ quick, rounds }) =>
      rates(
        { ours: { file: "commands", name: "adds" }, limit: { file: "limit", name: "insertSingly" } },
        { rounds, count: quick ? 1000 : 5000 },
      ),
  },
];
