import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Audit, auditElsewhere } from "../race/audit.ts";
import { furnish } from "../race/lanes.ts";
import { startWorker } from "../race/processes.ts";
import { openTestHouse } from "../support/house.ts";
import type { KillJob } from "./kill-worker.ts";
import { seeded } from "./seeded.ts";

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  /** The sabotaged house, which says that a change is made before it is written. */
  readonly lying?: boolean;
  /** No more is begun after so many milliseconds. */
  readonly deadlineMs?: number;
  /** How many processes write side by side, each killed at moments of its own. */
  readonly sideBySide?: number;
  readonly log?: (line: string) => void;
}

export interface KillReport {
  readonly kills: number;
  /** Of the audits on the way: with something lost or broken, the first such; else the last. */
  readonly audit: Audit;
}

/** The most writes a process is left to acknowledge before it is killed. */
const LINES = 400;
/** Killed somewhere within so many milliseconds after the last of them. */
const AFTER_MS = 5;
/** Short, so that what the dead held is taken up again within the soak. */
const LEASE_MS = 1000;
const AUDIT_EVERY = 20;

/** Kills writing processes with SIGKILL at seeded moments and looks, from a process that wrote nothing, what is there. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const { kills, seed, lying = false, deadlineMs = 600_000, sideBySide = 2, log } = options;
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-kills-"));
  const url = `file:${join(folder, "queue.db")}`;
  const acks = join(folder, "acknowledged");
  const began = performance.now();
  try {
    const open = await openTestHouse({ url });
    await furnish(open.house, LEASE_MS);
    await open.close();
    appendFileSync(acks, "");
    for (let done = 0; ; ) {
      const round = Math.min(AUDIT_EVERY, kills - done);
      const shares = Array.from({ length: sideBySide }, (_, side) =>
        killInTurn(
          { url, acks, folder, lying, seed: seed + done * sideBySide + side },
          Math.floor(round / sideBySide) + (side < round % sideBySide ? 1 : 0),
        ),
      );
      await Promise.all(shares);
      done += round;
      const audit = await auditElsewhere(url, acks);
      log?.(
        `${done} kills: ${audit.acknowledged} writes acknowledged, ${audit.lost.length} lost, ` +
          `${audit.broken.length} rules broken; ${audit.tasks} tasks, ${audit.done} done`,
      );
      const over = done >= kills || performance.now() - began > deadlineMs;
      if (over || audit.lost.length > 0 || audit.broken.length > 0) return { kills: done, audit };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Side {
  readonly url: string;
  readonly acks: string;
  readonly folder: string;
  readonly lying: boolean;
  readonly seed: number;
}

async function killInTurn(side: Side, times: number): Promise<void> {
  const random = seeded(side.seed);
  for (let time = 1; time <= times; time += 1) await killOne(side, random, `${side.seed}.${time}`);
}

async function killOne(
  { url, acks, folder, lying }: Side,
  random: () => number,
  name: string,
): Promise<void> {
  const job: KillJob = { url, name, seed: Math.floor(random() * 2 ** 32), sessions: 8, lying };
  const worker = startWorker(join(import.meta.dirname, "kill-worker.ts"), job, folder);
  const lines = 1 + Math.floor(random() * LINES);
  const afterMs = random() * AFTER_MS;
  let heard = "";
  let count = 0;
  worker.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    heard += text;
    const before = count;
    count += text.split("\n").length - 1;
    if (before < lines && count >= lines) setTimeout(() => worker.child.kill("SIGKILL"), afterMs);
  });
  const { signal } = await worker.ended;
  if (signal !== "SIGKILL") throw new Error(`${name} ended by itself: ${worker.complaint()}`);
  // The last line may be cut off: then its write was never told.
  const whole = heard.slice(0, heard.lastIndexOf("\n") + 1).replace(/^ready\n/, "");
  appendFileSync(acks, whole);
}
