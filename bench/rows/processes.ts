import { rmSync } from "node:fs";
import { newFolder, type RunningSide, type SideCall, startSide } from "../processes.ts";
import { type Measured, median, type Row, type Scale } from "../row.ts";

const PROCESSES = 4;
const CALLERS = 64;

interface Shared {
  readonly sides: readonly RunningSide[];
  readonly folder: string;
}

/** So many processes on one file, each with its own callers. */
async function share(processes: number): Promise<Shared> {
  const folder = newFolder();
  const sides: RunningSide[] = [];
  for (let n = 0; n < processes; n += 1) {
    const options: SideCall["options"] = {
      folder,
      callers: CALLERS,
      session: `process-${n}`,
      tells: "keys",
      synchronous: "full",
    };
    sides.push(await startSide({ file: "commands", name: "jobs", options }));
  }
  return { sides, folder };
}

/** Jobs a second by all of them together, from the first start to the last end. Nothing may be done twice. */
async function together({ sides }: Shared, count: number): Promise<number> {
  await sides[0]?.prepare(count);
  const start = performance.now();
  const told = await Promise.all(sides.map((side) => side.run(count / sides.length)));
  const wallMs = performance.now() - start;
  const keys = told.flatMap((one) => one.keys ?? []);
  if (keys.length !== count) throw new Error(`${keys.length} of ${count} were completed`);
  const twice = keys.length - new Set(keys).size;
  if (twice > 0) throw new Error(`${twice} tasks were claimed twice`);
  return (count / wallMs) * 1000;
}

async function fourOnOneFile({ quick, rounds }: Scale): Promise<Measured> {
  const count = quick ? 1280 : 6400;
  const places = [await share(1), await share(PROCESSES)];
  try {
    const seen: number[][] = places.map(() => []);
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, place] of places.entries()) {
        const rate = await together(place, count);
        if (round > 0) seen[index]?.push(rate);
      }
    }
    const [one = [], four = []] = seen;
    return {
      ours: median(four),
      limit: median(one),
      ratio: median(four.map((rate, round) => rate / (one[round] ?? Number.NaN))),
      note: `no task twice among ${count * (rounds + 1)}`,
    };
  } finally {
    for (const { sides, folder } of places) {
      await Promise.all(sides.map((side) => side.stop()));
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

export const processRows: readonly Row[] = [
  {
    name: "four processes on one file, beside one",
    unit: "jobs/s",
    target: { atLeast: 0.7 },
    measure: fourOnOneFile,
  },
];
