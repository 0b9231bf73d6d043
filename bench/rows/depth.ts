import { copyFileSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Round } from "../child.ts";
import { newFolder, type RunningSide, startSide } from "../processes.ts";
import { bounded, type Measured, median, type Row, type Scale } from "../row.ts";

const BACKLOG = fileURLToPath(new URL("../../../shared/data/beads-backlog.jsonl", import.meta.url));
const IMPORT_MS = 2000;

function depth({ quick }: Scale): number {
  return quick ? 50_000 : 1_000_000;
}

function figure(round: Round, name: string): readonly number[] {
  return round.figures?.[name] ?? [];
}

/** Runs a side by itself for its rounds, after one that is thrown away. */
async function roundsOf(side: RunningSide, rounds: number, count: number): Promise<readonly Round[]> {
  const seen: Round[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await side.prepare(count);
    const told = await side.run(count);
    if (round > 0) seen.push(told);
  }
  return seen;
}

/** Both queues are ours: the row asks whether a claim knows how deep its queue is. */
async function deepClaims(scale: Scale): Promise<Measured> {
  const side = await startSide({ file: "queue", name: "claims", options: { tasks: depth(scale) } });
  try {
    const rounds = await roundsOf(side, scale.rounds, 40);
    const p50 = (name: string): readonly number[] => rounds.map((round) => median(figure(round, name)));
    const [deep, small] = [p50("deep"), p50("small")];
    return {
      ours: median(deep),
      limit: median(small),
      ratio: median(deep.map((one, round) => one / (small[round] ?? Number.NaN))),
      note: `${depth(scale)} tasks beside 1000`,
    };
  } finally {
    await side.stop();
  }
}

/** The limit scans the tasks of a copy of our own file; validation walks their attempts, proofs and events as well. */
async function validation(scale: Scale): Promise<Measured> {
  const [ourFolder, limitFolder] = [newFolder(), newFolder()];
  const sides: RunningSide[] = [];
  try {
    const options = { folder: ourFolder, tasks: depth(scale) };
    sides.push(await startSide({ file: "queue", name: "validation", options }));
    copyFileSync(`${ourFolder}/queue.db`, `${limitFolder}/queue.db`);
    rmSync(`${ourFolder}/queue.db`);
    sides.push(await startSide({ file: "limit", name: "scan", options: { folder: limitFolder } }));
    const [ours = [], limit = []] = await interleaved(sides, scale.rounds);
    const ratio = (name: "wallMs" | "cpuMs"): number =>
      median(ours.map((one, round) => one[name] / (limit[round]?.[name] ?? Number.NaN)));
    return {
      ours: median(ours.map(({ wallMs }) => wallMs)),
      limit: median(limit.map(({ wallMs }) => wallMs)),
      ratio: ratio("wallMs"),
      cpuRatio: ratio("cpuMs"),
      note: `${depth(scale)} tasks`,
    };
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    for (const folder of [ourFolder, limitFolder]) rmSync(folder, { recursive: true, force: true });
  }
}

async function interleaved(sides: readonly RunningSide[], rounds: number): Promise<readonly Round[][]> {
  const seen: Round[][] = sides.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const told = await side.run(1);
      if (round > 0) seen[index]?.push(told);
    }
  }
  return seen;
}

async function imports(scale: Scale): Promise<Measured> {
  if (!existsSync(BACKLOG)) throw new Error(`there is no ${BACKLOG}`);
  const side = await startSide({
    file: "queue",
    name: "imports",
    options: { backlog: BACKLOG, synchronous: "full" },
  });
  try {
    const rounds = await roundsOf(side, scale.rounds, 1);
    const values = rounds.map(({ wallMs }) => wallMs);
    return { ...bounded(values, IMPORT_MS), note: `${rounds[0]?.done} tasks came in` };
  } finally {
    await side.stop();
  }
}

export const depthRows: readonly Row[] = [
  { name: "claim on a deep queue, p50", unit: "ms", target: { atMost: 1.2 }, measure: deepClaims },
  { name: "queue-validate", unit: "ms", target: { atMost: 10 }, measure: validation },
  { name: "import of the shared backlog", unit: "ms", target: { atMost: 1 }, measure: imports },
];
