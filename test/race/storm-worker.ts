// One of several processes that write to one file as fast as they can, without ever waiting for its lock.
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { openStore } from "../../db/store.ts";
import type { NewTask } from "../../src/ports/queue.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import type { Ack } from "./audit.ts";
import { RACE_POLICY } from "./lanes.ts";
import { readJob } from "./processes.ts";

export interface StormJob {
  readonly url: string;
  readonly name: string;
  readonly ms: number;
  /** The sabotage: goes on with the connection that met BUSY. */
  readonly reconnect: boolean;
}

export interface StormReport {
  readonly acknowledged: number;
  /** Writes that were answered with trouble, and the codes. */
  readonly refused: number;
  readonly codes: readonly string[];
  /** The most files this process had open at once; null where the system does not say. */
  readonly files: number | null;
}

const SIDE_BY_SIDE = 4;

const { url, name, ms, reconnect } = readJob() as StormJob;
const store = await openStore({
  url,
  synchronous: "normal",
  busyTimeoutMs: 0,
  busyDeadlineMs: reconnect ? 30_000 : 200,
  reconnectAfterBusy: reconnect,
});
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.pause();

const task: NewTask = {
  epic: "GATE",
  lane: null,
  priority: "P2",
  status: "draft",
  title: "In the storm",
  body: "",
  acceptance: "",
  requirements: RACE_POLICY,
  policyHash: "p",
  dependencies: [],
  notBefore: null,
  limits: { maxAttempts: 3, maxLapses: 10 },
  event: { kind: "task.added", actor: `person:storm:${name}` },
};
let acknowledged = 0;
let refused = 0;
let files = 0;
const codes = new Set<string>();
const tell = (ack: Ack): void => {
  acknowledged += 1;
  process.stdout.write(`${JSON.stringify(ack)}\n`);
};
const openFiles = (): number =>
  process.platform === "linux" ? readdirSync("/proc/self/fd").length : Number.NaN;

async function write(until: number, writer: number): Promise<void> {
  for (let count = 1; performance.now() < until; count += 1) {
    try {
      const key = await store.queue.add(task);
      if (typeof key !== "string") throw new Error(key.hint);
      tell({ what: "event", task: key, version: 1, kind: "task.added" });
      const facts = await store.queue.task(key);
      // Its own write must be there for its own reading.
      if (facts === null) throw new Error(`${key} was acknowledged and cannot be read`);
      const committed = await store.queue.commit({
        task: facts.task.id,
        version: 1,
        set: { priority: "P1" },
        event: { kind: "task.prioritized", actor: `person:storm:${name}`, data: {} },
      });
      if (committed === null || "gate" in committed) throw new Error(`${key}: ${JSON.stringify(committed)}`);
      tell({ what: "event", task: key, version: 2, kind: "task.prioritized" });
      const subject = `storm:${name}:${writer}:${count}`;
      await store.outbox.post({ kind: "digest", text: subject, data: {}, subject }, null);
      tell({ what: "notice", subject });
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      refused += 1;
      codes.add(error.code);
    }
    files = Math.max(files, openFiles());
  }
}

const until = performance.now() + ms;
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, writer) => write(until, writer)));
await store.close();
const report: StormReport = {
  acknowledged,
  refused,
  codes: [...codes],
  files: Number.isNaN(files) ? null : files,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
