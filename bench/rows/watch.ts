import type { Round } from "../child.ts";
import { startSide } from "../processes.ts";
import { type Measured, median, type Row, type Scale } from "../row.ts";

interface Size {
  readonly tasks: number;
  readonly inFlight: number;
  /** Runs a round: a small queue's are short, and only many of them tell. */
  readonly runs: number;
}

/** One whole run of the watch beside one bare scan of each table it reads; both by the same engine, in one process. */
async function watched({ tasks, inFlight, runs }: Size, { rounds }: Scale): Promise<Measured> {
  const side = await startSide({ file: "watch", name: "watches", options: { tasks, inFlight } });
  try {
    await side.run(runs);
    const seen: Round[] = [];
    for (let round = 0; round < rounds; round += 1) seen.push(await side.run(runs));
    const of = (name: string): readonly number[] => seen.map(({ figures }) => median(figures?.[name] ?? []));
    const [ours, limit] = [of("watch"), of("scans")];
    return {
      ours: median(ours),
      limit: median(limit),
      ratio: median(ours.map((one, round) => one / (limit[round] ?? Number.NaN))),
      note: `${tasks} tasks, ${inFlight} attempts open`,
    };
  } finally {
    await side.stop();
  }
}

export const watchRows: readonly Row[] = [
  {
    name: "autonomy-verify-watch, 44 tasks",
    unit: "ms",
    target: { atMost: 10 },
    measure: (scale) => watched({ tasks: 44, inFlight: 4, runs: 50 }, scale),
  },
  {
    name: "autonomy-verify-watch, deep queue",
    unit: "ms",
    target: { atMost: 10 },
    measure: (scale) =>
      watched(
        scale.quick
          ? { tasks: 50_000, inFlight: 500, runs: 1 }
          : { tasks: 1_000_000, inFlight: 10_000, runs: 1 },
        scale,
      ),
  },
];
