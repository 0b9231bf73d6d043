import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { newFolder, startSide } from "../processes.ts";
import { bounded, type Measured, median, type Row, type Scale } from "../row.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const READY_MS = 2000;
const FLAT_MB = 20;
const MEGABYTE = 1_048_576;
/** Measured after as many for a warm-up: until then the engine's heap still finds its size. */
const OPERATIONS = 300_000;
/** How many of the last and the first looks the growth is taken from. */
const LOOKS = 5;

/** From the start of the process to the line that says it is ready, on an empty database. */
async function startOnce(): Promise<number> {
  const folder = newFolder();
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, "serve"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      GATEHOUSE_DB_URL: `file:${folder}/gatehouse.db`,
      GATEHOUSE_HTTP: "127.0.0.1:0",
      GATEHOUSE_LOG: "fatal",
    },
  });
  const gone = once(child, "exit");
  let readyMs = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("Gatehouse is ready at ")) continue;
    readyMs = performance.now() - start;
    child.kill("SIGTERM");
  }
  await gone;
  rmSync(folder, { recursive: true, force: true });
  if (Number.isNaN(readyMs)) throw new Error("the bot ended before it was ready");
  return readyMs;
}

async function ready({ rounds }: Scale): Promise<Measured> {
  // The first start fills the compile cache, as an installation's first start does.
  const first = await startOnce();
  const later: number[] = [];
  for (let round = 0; round < rounds; round += 1) later.push(await startOnce());
  return { ...bounded(later, READY_MS), note: `first start ${Math.round(first)} ms` };
}

/** After a warm-up, the last looks at resident memory beside the first ones. */
async function flatMemory(): Promise<Measured> {
  const options = { stretch: OPERATIONS / 100, callers: 64 };
  const side = await startSide({ file: "commands", name: "memory", options });
  try {
    await side.run(OPERATIONS);
    const { figures } = await side.run(OPERATIONS);
    const resident = (figures?.["resident"] ?? []).map((bytes) => bytes / MEGABYTE);
    const growth = median(resident.slice(-LOOKS)) - median(resident.slice(0, LOOKS));
    const range = `${Math.round(Math.min(...resident))} to ${Math.round(Math.max(...resident))} MB`;
    return {
      ours: growth,
      limit: FLAT_MB,
      ratio: Math.max(growth, 0) / FLAT_MB,
      note: `${range} over ${OPERATIONS} operations`,
    };
  } finally {
    await side.stop();
  }
}

export const productRows: readonly Row[] = [
  { name: "resident memory, growth", unit: "MB", target: { atMost: 1 }, long: true, measure: flatMemory },
  { name: "start to ready", unit: "ms", target: { atMost: 1 }, measure: ready },
];
