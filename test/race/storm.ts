import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "../../db/connection.ts";
import { openStore } from "../../db/store.ts";
import { type Audit, auditElsewhere } from "./audit.ts";
import { startWorker, type Worker } from "./processes.ts";
import type { StormJob, StormReport } from "./storm-worker.ts";

export interface StormOptions {
  readonly processes: number;
  readonly ms: number;
  /** False: the sabotaged store, which goes on with a connection that met BUSY. */
  readonly reconnect: boolean;
}

export interface StormOutcome {
  readonly reports: readonly StormReport[];
  readonly audit: Audit;
  /** What the storm itself wrote, counted in the database. */
  readonly stored: number;
}

/** Writing processes with a busy time-out of 0 on one file, and what a process that took no part finds afterwards. */
export async function runStorm({ processes, ms, reconnect }: StormOptions): Promise<StormOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-storm-"));
  const url = `file:${join(folder, "queue.db")}`;
  const acks = join(folder, "acknowledged");
  await (await openStore({ url, synchronous: "normal" })).close();
  const workers = Array.from({ length: processes }, (_, index) =>
    startWorker(join(import.meta.dirname, "storm-worker.ts"), {
      url,
      name: `w${index}`,
      ms,
      reconnect,
    } satisfies StormJob),
  );
  try {
    const file = createWriteStream(acks);
    const ready = workers.map(() => Promise.withResolvers<void>());
    const hearing = workers.map((worker, index) => hear(worker, file, () => ready[index]?.resolve()));
    await Promise.race([Promise.all(ready.map(({ promise }) => promise)), Promise.all(hearing)]);
    for (const { child } of workers) child.stdin?.write("go\n");
    const reports = await Promise.all(hearing);
    await new Promise<void>((resolve) => {
      file.end(resolve);
    });
    return { reports, audit: await auditElsewhere(url, acks), stored: await countStored(url) };
  } finally {
    for (const { child } of workers) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Keeps what a worker acknowledges; its last line is its report. */
async function hear(worker: Worker, acks: NodeJS.WritableStream, ready: () => void): Promise<StormReport> {
  let last = "";
  for await (const line of worker.lines()) {
    if (line === "ready") ready();
    else if (line.startsWith('{"what"')) acks.write(`${line}\n`);
    last = line;
  }
  const { status } = await worker.ended;
  if (status !== 0) throw new Error(`a writer ended with ${status}: ${worker.complaint()}`);
  return JSON.parse(last) as StormReport;
}

async function countStored(url: string): Promise<number> {
  const connection = await Connection.open({ url, synchronous: "normal" });
  const [rows = []] = await connection.read([
    {
      sql: `SELECT (SELECT count(*) FROM events WHERE actor GLOB 'person:storm:*') +
        (SELECT count(*) FROM notices WHERE subject GLOB 'storm:*') AS stored`,
    },
  ]);
  await connection.close();
  return Number(rows[0]?.["stored"]);
}
