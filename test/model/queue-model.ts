// The queue as a person would explain it, written without looking at the code: what the model test holds the store to.
import type { Status } from "../../src/core/task.ts";

export const LEASE_MS = 60_000;

export interface ModelTask {
  readonly key: string;
  priority: number;
  status: Status;
  version: number;
  failures: number;
  lapses: number;
  notBefore: number;
  readySince: number;
  holder: string | null;
  leaseUntil: number;
  attempts: number;
  /** The verdict on the one proof of the open attempt; null where none is attached. */
  proof: "pending" | "passed" | "failed" | null;
  checkedAt: number;
  completions: number;
}

export class QueueModel {
  now: number;
  readonly tasks: ModelTask[] = [];
  readonly maxAttempts = 2;

  constructor(now: number) {
    this.now = now;
  }

  add(key: string, priority: number): void {
    this.tasks.push({
      key,
      priority,
      status: "queued",
      version: 1,
      failures: 0,
      lapses: 0,
      notBefore: 0,
      readySince: this.now,
      holder: null,
      leaseUntil: 0,
      attempts: 0,
      proof: null,
      checkedAt: 0,
      completions: 0,
    });
  }

  task(key: string): ModelTask {
    const task = this.tasks.find((one) => one.key === key);
    if (task === undefined) throw new Error(`the model has no ${key}`);
    return task;
  }

  /** The task a claim gets: the highest priority, then the longest runnable. */
  next(): ModelTask | null {
    const ready = this.tasks.filter((task) => task.status === "queued" && task.notBefore <= this.now);
    const order = (a: ModelTask, b: ModelTask) =>
      a.priority - b.priority ||
      Math.max(a.readySince, a.notBefore) - Math.max(b.readySince, b.notBefore) ||
      this.age(a) - this.age(b);
    return ready.toSorted(order)[0] ?? null;
  }

  held(session: string): ModelTask | null {
    return this.tasks.find((task) => task.holder === session) ?? null;
  }

  claim(task: ModelTask, session: string): void {
    this.change(task, "active");
    Object.assign(task, { holder: session, leaseUntil: this.now + LEASE_MS, proof: null });
    task.attempts += 1;
  }

  lives(task: ModelTask): boolean {
    return this.now < task.leaseUntil;
  }

  change(task: ModelTask, status: Status): void {
    task.status = status;
    task.version += 1;
  }

  /** The attempt is over without the task being done. */
  giveBack(task: ModelTask, counts: "failure" | "lapse"): void {
    if (counts === "failure") task.failures += 1;
    else task.lapses += 1;
    const dead = task.failures >= this.maxAttempts;
    this.change(task, dead ? "dead" : "queued");
    task.holder = null;
    task.readySince = this.now;
    task.notBefore = dead ? 0 : this.now + Math.min(1000 * 2 ** (task.failures + task.lapses - 1), 600_000);
  }

  requeue(task: ModelTask): void {
    this.change(task, "queued");
    Object.assign(task, { failures: 0, lapses: 0, notBefore: 0, readySince: this.now });
  }

  private age(task: ModelTask): number {
    return this.tasks.indexOf(task);
  }
}
