// A process that works and steers a queue through the real commands until it is killed. Each write it was told to be
// done becomes a line on its output, written after the promise resolved and not before.
import { addTask } from "../../src/commands/add-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import type { House } from "../../src/commands/house.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import type { Outcome } from "../../src/core/refusal.ts";
import type { Committed, TaskFacts } from "../../src/ports/queue.ts";
import type { Ack } from "../race/audit.ts";
import { RACE_CALLER, RACE_POLICY, RACE_ROUTE } from "../race/lanes.ts";
import { readJob } from "../race/processes.ts";
import { openTestHouse } from "../support/house.ts";
import { lyingHouse } from "./lying-house.ts";
import { seeded } from "./seeded.ts";

export interface KillJob {
  readonly url: string;
  /** Unique among all processes of a soak: its sessions bear it. */
  readonly name: string;
  readonly seed: number;
  readonly sessions: number;
  readonly lying: boolean;
}

const PERSON = { actor: "person:test:soak" };

const { url, name, seed, sessions, lying } = readJob() as KillJob;
const open = await openTestHouse({ url });
const house: House = lying ? lyingHouse(open.house) : open.house;
const random = seeded(seed);
const chance = (share: number): boolean => random() < share;

/** Standard output is a pipe, which this writes before it returns: what was told is told, whatever comes then. */
function tell(ack: Ack): void {
  process.stdout.write(`${JSON.stringify(ack)}\n`);
}

/** A change that was made is told; a refusal is an answer like any other, as others change the same tasks. */
function told(task: string, kind: string, outcome: Outcome<Committed>): void {
  if (outcome.ok) tell({ what: "event", task, version: outcome.value.version, kind });
}

const keys: string[] = [];

async function add(): Promise<void> {
  const waitsFor = chance(0.2) ? keys.at(-1) : undefined;
  const outcome = await addTask(
    house,
    {
      title: `Soak of ${name}`,
      body: "x".repeat(Math.floor(random() * 2000)),
      acceptance: "It stands",
      lane: "race",
      requirements: RACE_POLICY,
      dependsOn: waitsFor === undefined ? [] : [waitsFor],
    },
    PERSON,
  );
  if (!outcome.ok) return;
  tell({ what: "event", task: outcome.value, version: 1, kind: "task.added" });
  keys.push(outcome.value);
}

async function steer(): Promise<void> {
  const key = keys[Math.floor(random() * keys.length)];
  if (key === undefined) return;
  const what = random();
  if (what < 0.5) {
    const priority = chance(0.5) ? "P1" : "P3";
    told(key, "task.prioritized", await prioritizeTask(house, { key, priority }, PERSON));
  } else if (what < 0.9) {
    const words = { kind: "question", reason: "unclear", owner: "me", question: "Which?" };
    told(key, "task.blocked", await blockTask(house, { key, ...words }, PERSON));
    told(key, "task.unblocked", await unblockTask(house, { key, reason: "That one." }, PERSON));
  } else {
    told(key, "task.cancelled", await cancelTask(house, { key, reason: "no need" }, PERSON));
  }
}

async function pull(session: string): Promise<void> {
  const claim = await claimTask(house, { lane: "race", agent: "runner", session, route: RACE_ROUTE });
  if (!claim.ok || !("facts" in claim.value)) return;
  const { task, attempt } = claim.value.facts;
  if (attempt === null) return;
  tell({ what: "claim", attempt: attempt.id, session, version: task.version });
  const held = { attempt: attempt.id, epoch: attempt.epoch, agent: "runner" };
  if (chance(0.3)) await beats(task, held, session);
  const attached = await attachProof(house, { by: "holder", ...held, uri: "command:checks" }, RACE_CALLER);
  if (!attached.ok) return;
  tell({ what: "proof", id: attached.value.proof.id, task: task.key });
  if (chance(0.1)) {
    const reason = "shut down";
    const back = await releaseAttempt(house, { ...held, reason, fault: "infrastructure" }, RACE_CALLER);
    return told(task.key, "task.released", back);
  }
  told(task.key, "task.submitted", await submitAttempt(house, held, RACE_CALLER));
  const passed = chance(0.9);
  const settled = await settleProof(
    house,
    { proof: attached.value.proof, taskKey: task.key },
    passed
      ? { verdict: "passed", reason: "as the soak has it", evidence: `soak:${attempt.id}` }
      : { verdict: "failed", reason: "as the soak has it" },
  );
  if (settled.ok && settled.value === "completed") tell({ what: "completion", attempt: attempt.id });
}

async function beats(
  task: TaskFacts["task"],
  held: { readonly attempt: string; readonly epoch: number; readonly agent: string },
  session: string,
): Promise<void> {
  const words = { ...held, lane: "race", task: task.key, session, route: RACE_ROUTE };
  const renewed = await beat(house, words, RACE_CALLER);
  if (renewed.ok) tell({ what: "beat", attempt: held.attempt, expires: renewed.value.leaseExpiresAt });
}

async function deliver(): Promise<void> {
  for (const delivery of await house.outbox.takeDue(["local"], 8, 60_000)) {
    const anchor = `${name}:${delivery.notice}`;
    await house.outbox.sent(delivery, anchor);
    tell({ what: "delivery", notice: delivery.notice, anchor });
  }
}

let posted = 0;
async function post(): Promise<void> {
  posted += 1;
  const subject = `soak:${name}:${posted}`;
  await house.outbox.post({ kind: "digest", text: subject, data: {}, subject }, null);
  tell({ what: "notice", subject });
}

async function work(session: string): Promise<never> {
  for (;;) {
    await add();
    if (chance(0.5)) await steer();
    await pull(session);
    if (chance(0.05)) await reclaimLapsed(house);
    if (chance(0.3)) await post();
    if (chance(0.2)) await deliver();
  }
}

process.stdout.write("ready\n");
await Promise.all(Array.from({ length: sessions }, (_, index) => work(`${name}-${index}`)));
