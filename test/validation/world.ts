// A healthy queue with tasks in every state, made by the real commands alone; and copies of it to be damaged by hand.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import type { House } from "../../src/commands/house.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { reopenTask } from "../../src/commands/requeue-task.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  completed,
  holder,
  OPERATOR,
  proved,
  submitted,
  TRUE_COMMAND,
  well,
} from "../support/story.ts";

export const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR_MS = 3_600_000;

/** Keys of tasks by what they are. */
export interface World {
  readonly path: string;
  readonly keys: Readonly<Record<Role, string>>;
  close(): void;
}

export type Role =
  | "done"
  | "reopened"
  | "attested"
  | "active"
  | "active2"
  | "verifying"
  | "queued"
  | "urgent"
  | "waiting"
  | "later"
  | "draft"
  | "blocked"
  | "dead"
  | "cancelled";

/** One file in the temporary folder, closed, to be copied. */
export async function healthyWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-world-"));
  const path = join(folder, "world.db");
  const open = await openTestHouse({ url: `file:${path}`, startAt: NOW });
  const keys = await populate(open.house);
  await open.close();
  const raw = await openRaw(`file:${path}`);
  await raw.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
  await raw.close();
  return { path, keys, close: () => rmSync(folder, { recursive: true, force: true }) };
}

async function populate(house: House): Promise<World["keys"]> {
  await seedRoster(house, { capacity: 10 });
  await seedRoster(house, { lane: "ops", agent: "bob", capacity: 2 });
  const done = await added(house, { title: "Done" });
  await completed(house, "s-done");
  const reopened = await added(house, { title: "Done twice" });
  await completed(house, "s-first");
  well(await reopenTask(house, { key: reopened, reason: "It was not" }, OPERATOR));
  await completed(house, "s-second");
  const attested = await attest(house);
  const dead = await added(house, { title: "Dead", limits: { maxAttempts: 1 } });
  const held = await claimed(house, "s-dead");
  well(await releaseAttempt(house, { ...holder(held), reason: "I cannot" }, { actor: "agent:ada" }));
  const blocked = await added(house, { title: "Blocked" });
  const asked = { key: blocked, kind: "question", reason: "Two ways", question: "Which one?" };
  well(await blockTask(house, asked, OPERATOR));
  const cancelled = await added(house, { title: "Cancelled" });
  well(await cancelTask(house, { key: cancelled, reason: "No longer wanted" }, OPERATOR));
  const active = await added(house, { title: "Active" });
  await claimed(house, "s-active");
  const active2 = await added(house, { title: "Active too" });
  await claimed(house, "s-active2");
  const checks = [TRUE_COMMAND, { ...TRUE_COMMAND, name: "again" }];
  const verifying = await added(house, { title: "Verifying", requirements: checks });
  const judged = await claimed(house, "s-verifying");
  await proved(house, judged);
  await proved(house, judged, "command:again");
  await submitted(house, judged);
  const queued = await added(house, { title: "Queued" });
  const urgent = await added(house, { title: "Urgent", priority: "P0", lane: "ops" });
  const waiting = await added(house, { title: "Waiting", dependsOn: [queued, done] });
  const later = await added(house, { title: "Later", notBefore: NOW + HOUR_MS });
  const draft = await added(house, { title: "Draft", draft: true });
  return {
    done,
    reopened,
    attested,
    active,
    active2,
    verifying,
    queued,
    urgent,
    waiting,
    later,
    draft,
    blocked,
    dead,
    cancelled,
  };
}

/** As an import takes over what a person vouches for. */
async function attest(house: House): Promise<string> {
  const key = await house.queue.add({
    epic: "GATE",
    lane: null,
    priority: "P3",
    status: "done",
    title: "Attested",
    body: "",
    acceptance: "",
    requirements: [],
    policyHash: "",
    dependencies: [],
    notBefore: null,
    limits: { maxAttempts: 3, maxLapses: 10 },
    event: { kind: "task.imported", actor: "person:test:operator" },
  });
  if (typeof key !== "string") throw new Error(key.hint);
  return key;
}

/** A copy of the world in a file of its own, opened at the same moment. */
export async function copyOf(world: World): Promise<TestHouse & { remove(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-copy-"));
  const path = join(folder, "world.db");
  copyFileSync(world.path, path);
  const open = await openTestHouse({ url: `file:${path}`, startAt: NOW });
  return {
    ...open,
    async remove() {
      await open.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
