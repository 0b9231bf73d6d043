import { type Row, rates } from "../row.ts";

/** The bare engine's rate at updating a row a commit, of which heartbeats keep so much. */
const SHARE = 0.25;

function heartbeats(name: string, callers: number): Row {
  return {
    name,
    unit: "beats/s",
    target: { atLeast: SHARE },
    async measure({ quick, rounds }) {
      const options = { tasks: quick ? 50_000 : 1_000_000, inFlight: 10_000 };
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
  heartbeats("heartbeats, one at a time", 1),
  heartbeats("heartbeats, 64 callers", 64),
];
