import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addTask } from "../../src/commands/add-task.ts";
import { openTestHouse } from "../support/house.ts";
import { well } from "../support/story.ts";
import { type Audit, auditElsewhere } from "./audit.ts";
import type { ClaimJob, ClaimReport } from "./claim-worker.ts";
import { furnish, RACE_POLICY } from "./lanes.ts";
import { startWorker } from "./processes.ts";

export interface RaceOptions {
  readonly tasks: number;
  readonly processes: number;
  readonly sessions: number;
}

export interface RaceReport {
  readonly reports: readonly ClaimReport[];
  readonly audit: Audit;
  /** From the starting signal until the last process was done. */
  readonly ms: number;
}

/** Processes that start at the same moment and work the same queue empty. */
export async function runRace({ tasks, processes, sessions }: RaceOptions): Promise<RaceReport> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-race-"));
  const url = `file:${join(folder, "queue.db")}`;
  await fill(url, tasks);
  const workers = Array.from({ length: processes }, (_, index) =>
    startWorker(join(import.meta.dirname, "claim-worker.ts"), {
      url,
      name: `p${index}`,
      sessions,
    } satisfies ClaimJob),
  );
  try {
    const hearing = workers.map((worker) => worker.lines()[Symbol.asyncIterator]());
    const hear = async (index: number): Promise<string> => {
      const { value, done } = (await hearing[index]?.next()) ?? { done: true, value: "" };
      if (done === true) throw new Error(`a racer ended early: ${workers[index]?.complaint()}`);
      return value;
    };
    await Promise.all(workers.map((_, index) => hear(index)));
    const began = performance.now();
    for (const { child } of workers) child.stdin?.write("go\n");
    const reports = await Promise.all(
      workers.map(async (_, index) => JSON.parse(await hear(index)) as ClaimReport),
    );
    const ms = performance.now() - began;
    await Promise.all(workers.map(({ ended }) => ended));
    return { reports, audit: await auditElsewhere(url), ms };
  } finally {
    for (const { child } of workers) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(url: string, tasks: number): Promise<void> {
  const open = await openTestHouse({ url });
  const { house } = open;
  await furnish(house);
  const input = { title: "Run", acceptance: "It ran", lane: "race", requirements: RACE_POLICY };
  for (let added = 0; added < tasks; added += 250) {
    const count = Math.min(250, tasks - added);
    const adding = Array.from({ length: count }, () => addTask(house, input, { actor: "person:test:race" }));
    for (const outcome of await Promise.all(adding)) well(outcome);
  }
  await open.close();
}
