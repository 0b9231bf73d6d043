import { type Row, rates } from "../row.ts";

const CALLERS = 64;

/** Claim to completion by the engine alone, beside the limit's one claim and one completion as two commits. */
function cycle(name: string, side: string, atLeast: number, counts: { quick: number; whole: number }): Row {
  return {
    name,
    unit: "jobs/s",
    target: { atLeast },
    measure: ({ quick, rounds }) =>
      rates(
        {
          ours: { file: "engine", name: side, options: { callers: CALLERS } },
          limit: { file: "limit", name: "cycle" },
        },
        { rounds, count: quick ? counts.quick : counts.whole },
      ),
  };
}

function enqueue(name: string, side: string, atLeast: number, counts: { quick: number; whole: number }): Row {
  return {
    name,
    unit: "tasks/s",
    target: { atLeast },
    measure: ({ quick, rounds }) =>
      rates(
        { ours: { file: "engine", name: side }, limit: { file: "limit", name: side } },
        { rounds, count: quick ? counts.quick : counts.whole },
      ),
  };
}

export const engineRows: readonly Row[] = [
  cycle("engine, one at a time", "singly", 0.38, { quick: 2000, whole: 8000 }),
  cycle("engine, 64 callers coalesced", "coalesced", 2, { quick: 5000, whole: 30_000 }),
  cycle("engine, batches of 100", "inBatches", 5, { quick: 5000, whole: 30_000 }),
  enqueue("enqueue, one at a time", "insertSingly", 0.4, { quick: 2000, whole: 8000 }),
  enqueue("enqueue, in bulk", "insertInBulk", 0.55, { quick: 20_000, whole: 100_000 }),
  {
    name: "plainjob, one at a time",
    unit: "jobs/s",
    target: null,
    measure: ({ quick, rounds }) =>
      rates(
        { ours: { file: "plainjob", name: "cycle" }, limit: { file: "limit", name: "cycle" } },
        { rounds, count: quick ? 2000 : 8000 },
      ),
  },
];
