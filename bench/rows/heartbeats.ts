import { type Row, rates } from "../row.ts";

/** The bare engine's rate at updating a row a commit, of which heartbeats keep so much. */
const SHARE = 0.25;

interface Fleet {
  readonly tasks: number;
  readonly inFlight: number;
  /** How many beat at the same time. */
  readonly callers: number;
}

/** A full run's queue is a million deep; what a quick one says of it is about a twentieth of that. */
const deep = (callers: number, quick: boolean): Fleet => ({
  tasks: quick ? 50_000 : 1_000_000,
  inFlight: 10_000,
  callers,
});

function heartbeats(name: string, target: Row["target"], fleet: (quick: boolean) => Fleet): Row {
  return {
    name,
    unit: "beats/s",
    target,
    async measure({ quick, rounds }) {
      const { callers, ...options } = fleet(quick);
      const measured = await rates(
        {
          ours: { file: "beats", name: "beats", options: { ...options, callers } },
          limit: { file: "limit", name: "touches", options },
        },
        { rounds, count: quick ? 10_000 : 30_000 },
      );
      return { ...measured, note: `${options.tasks} tasks, ${options.inFlight} attempts open` };
    },
  };
}

/** Both sides commit at NORMAL, as everything here that is not said to be safe in a power cut. */
export const heartbeatRows: readonly Row[] = [
  heartbeats("heartbeats, 44 tasks", { atLeast: SHARE }, () => ({ tasks: 44, inFlight: 4, callers: 4 })),
  heartbeats("heartbeats, one at a time", { atLeast: SHARE }, (quick) => deep(1, quick)),
  heartbeats("heartbeats, 64 callers", { atLeast: SHARE }, (quick) => deep(64, quick)),
];
