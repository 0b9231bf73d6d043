import * as fc from "fast-check";
import { expect, test } from "vitest";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { reopenTask, requeueTask } from "../../src/commands/requeue-task.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import type { Outcome } from "../../src/core/refusal.ts";
import { PRIORITIES, type Priority } from "../../src/core/task.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection } from "../support/raw.ts";
import { added, OPERATOR, ROUTE } from "../support/story.ts";
import { LEASE_MS, type ModelTask, QueueModel } from "./queue-model.ts";

interface Real {
  readonly open: TestHouse;
  readonly raw: RawConnection;
  /** Attempt ids and epochs by session, as the claim answered: what an agent remembers, right or wrong. */
  readonly memory: Map<string, { attempt: string; epoch: number; task: string }>;
}

type Step = fc.AsyncCommand<QueueModel, Real>;

const SESSIONS = ["s-1", "s-2", "s-3"] as const;
const AGENT = { actor: "agent:ada" };

function step(
  name: string,
  run: (model: QueueModel, real: Real) => Promise<void>,
  check: (model: QueueModel) => boolean = () => true,
): Step {
  return {
    check,
    async run(model, real) {
      await run(model, real);
      await compare(model, real);
    },
    toString: () => name,
  };
}

function agrees(outcome: Outcome<unknown>, allowed: boolean, what: string): void {
  expect(outcome.ok, `${what}: ${outcome.ok ? "accepted" : JSON.stringify(outcome.refusal)}`).toBe(allowed);
}

const add = (priority: Priority): Step =>
  step(`add ${priority}`, async (model, { open }) => {
    const key = await added(open.house, { priority, limits: { maxAttempts: 2 } });
    model.add(key, PRIORITIES.indexOf(priority));
  });

const claim = (session: string): Step =>
  step(`claim by ${session}`, async (model, { open, memory }) => {
    await open.house.queue.promote();
    const outcome = await claimTask(open.house, { lane: "builder", agent: "ada", session, route: ROUTE });
    if (model.held(session) !== null) return agrees(outcome, false, "a second claim");
    agrees(outcome, true, "a claim");
    const next = model.next();
    const facts = outcome.ok && "facts" in outcome.value ? outcome.value.facts : null;
    expect(facts?.task.key ?? null).toBe(next?.key ?? null);
    if (next === null || facts?.attempt == null) return;
    model.claim(next, session);
    memory.set(session, { attempt: facts.attempt.id, epoch: facts.attempt.epoch, task: next.key });
  });

/** What the holder by memory does; allowed where the memory is still true and the lease lives. */
const act = (
  name: string,
  session: string,
  run: (
    real: Real,
    words: { attempt: string; epoch: number; agent: string; task: string },
  ) => Promise<Outcome<unknown>>,
  allowed: (task: ModelTask) => boolean,
  then: (model: QueueModel, task: ModelTask) => void,
): Step =>
  step(`${name} by ${session}`, async (model, real) => {
    const words = real.memory.get(session);
    if (words === undefined) return;
    const task = model.task(words.task);
    const attempt = `${task.key}.${task.attempts}`;
    const may = task.holder === session && words.attempt === attempt && model.lives(task) && allowed(task);
    agrees(await run(real, { ...words, agent: "ada" }), may, `${name} on a task that is ${task.status}`);
    if (may) then(model, task);
  });

const beats = (session: string) =>
  act(
    "beat",
    session,
    ({ open }, words) => beat(open.house, { ...words, lane: "builder", session, route: ROUTE }, AGENT),
    (task) => ["active", "verifying"].includes(task.status),
    (model, task) => {
      task.leaseUntil = model.now + LEASE_MS;
    },
  );

const proves = (session: string) =>
  act(
    "prove",
    session,
    ({ open }, words) => attachProof(open.house, { by: "holder", ...words, uri: "command:checks" }, AGENT),
    (task) => task.status === "active",
    (model, task) => {
      model.change(task, "active");
      task.proof = "pending";
    },
  );

const submits = (session: string) =>
  act(
    "submit",
    session,
    ({ open }, words) => submitAttempt(open.house, words, AGENT),
    (task) => task.status === "active" && task.proof !== null && task.proof !== "failed",
    (model, task) => model.change(task, "verifying"),
  );

const releases = (session: string) =>
  act(
    "release",
    session,
    ({ open }, words) => releaseAttempt(open.house, { ...words, reason: "gives up" }, AGENT),
    (task) => task.status === "active",
    (model, task) => model.giveBack(task, "failure"),
  );

/** The verifier's word on whatever proof of the task is current. */
const verdict = (index: number, passed: boolean): Step =>
  step(
    `verdict ${passed ? "passed" : "failed"} on task ${index}`,
    async (model, { open }) => {
      const task = model.tasks[index % model.tasks.length];
      if (task === undefined || task.proof === null || task.holder === null) return;
      const facts = await open.house.queue.task(task.key);
      const proof = facts?.proofs[0];
      if (proof === undefined) throw new Error(`${task.key} has no proof`);
      const found = passed
        ? ({ verdict: "passed", reason: "seen", evidence: `e:${proof.id}` } as const)
        : ({ verdict: "failed", reason: "not so" } as const);
      const outcome = await settleProof(open.house, { proof, taskKey: task.key }, found);
      agrees(outcome, true, "a verdict");
      task.proof = found.verdict;
      task.checkedAt = model.now;
      if (task.status === "active") return model.change(task, "active");
      if (passed) {
        model.change(task, "done");
        Object.assign(task, { holder: null, proof: null });
        task.completions += 1;
      } else if (model.lives(task)) model.change(task, "active");
      else {
        model.giveBack(task, "failure");
        task.proof = null;
      }
    },
    (model) => model.tasks.length > 0,
  );

const wait = (ms: number): Step =>
  step(`wait ${ms} ms`, async (model, { open }) => {
    model.now += ms;
    open.clock.advance(ms);
  });

const reclaim = step("reclaim", async (model, { open }) => {
  const lapsed = model.tasks.filter((task) => task.status === "active" && !model.lives(task));
  expect(await reclaimLapsed(open.house)).toBe(lapsed.length);
  for (const task of lapsed) {
    model.giveBack(task, "lapse");
    task.proof = null;
  }
});

/** What a person does to a task, with or without naming the version they saw. */
const person = (
  name: string,
  index: number,
  stale: boolean,
  run: (open: TestHouse, key: string, version: number) => Promise<Outcome<unknown>>,
  from: readonly string[],
  then: (model: QueueModel, task: ModelTask) => void,
): Step =>
  step(
    `${name} task ${index}${stale ? " from a stale card" : ""}`,
    async (model, { open }) => {
      // Half the time a task the verb is meant for, so that rare edges are walked; else any, so that refusals are met.
      const meant = index % 2 === 0 ? model.tasks.filter(({ status }) => from.includes(status)) : [];
      const task = (meant.length > 0 ? meant : model.tasks)[
        index % (meant.length || model.tasks.length)
      ] as ModelTask;
      const may = from.includes(task.status) && !stale;
      agrees(
        await run(open, task.key, task.version - (stale ? 1 : 0)),
        may,
        `${name} a task that is ${task.status}`,
      );
      if (may) then(model, task);
    },
    (model) => model.tasks.length > 0,
  );

const OPEN = ["draft", "queued", "offered", "active", "verifying", "blocked", "dead"];
const ends = (model: QueueModel, task: ModelTask, status: "blocked" | "cancelled") => {
  model.change(task, status);
  Object.assign(task, { holder: null, proof: null });
};
const reason = "because";

const persons = (index: number, stale: boolean): Step[] => [
  person(
    "block",
    index,
    stale,
    ({ house }, key, version) => blockTask(house, { key, version, kind: "question", reason }, OPERATOR),
    ["queued", "active"],
    (model, task) => ends(model, task, "blocked"),
  ),
  person(
    "unblock",
    index,
    stale,
    ({ house }, key, version) => unblockTask(house, { key, version, reason }, OPERATOR),
    ["blocked"],
    (model, task) => {
      model.change(task, "queued");
      task.readySince = model.now;
    },
  ),
  person(
    "cancel",
    index,
    stale,
    ({ house }, key, version) => cancelTask(house, { key, version, reason }, OPERATOR),
    OPEN,
    (model, task) => ends(model, task, "cancelled"),
  ),
  person(
    "reopen",
    index,
    stale,
    ({ house }, key, version) => reopenTask(house, { key, version, reason }, OPERATOR),
    ["done"],
    (model, task) => model.requeue(task),
  ),
  person(
    "requeue",
    index,
    stale,
    ({ house }, key, version) => requeueTask(house, { key, version, reason }, OPERATOR),
    ["dead"],
    (model, task) => model.requeue(task),
  ),
  person(
    "prioritize",
    index,
    stale,
    ({ house }, key, version) => prioritizeTask(house, { key, version, priority: "P1" }, OPERATOR),
    OPEN,
    (model, task) => {
      model.change(task, task.status);
      task.priority = 1;
    },
  ),
];

/** Every task's row against the model, and the invariants against every row. */
async function compare(model: QueueModel, { raw }: Real): Promise<void> {
  const [rows = [], broken = []] = await raw.read([
    {
      sql: `SELECT t.key, t.priority, t.status, t.version, t.failures, t.lapses, t.attempts,
      (SELECT session FROM attempts a WHERE a.task_id = t.id AND a.ended_at IS NULL) AS holder,
      (SELECT count(*) FROM notices n WHERE n.task_id = t.id AND n.kind = 'auto-complete') AS announced FROM tasks t ORDER BY t.id`,
    },
    {
      sql: `SELECT t.key, 'open attempt' AS rule FROM tasks t WHERE (t.status IN ('offered', 'active', 'verifying')) <>
        (1 = (SELECT count(*) FROM attempts a WHERE a.task_id = t.id AND a.ended_at IS NULL))
      UNION ALL SELECT t.key, 'one event a version' FROM tasks t WHERE t.version <> (SELECT count(*) FROM events e WHERE e.task_id = t.id)
        OR t.version <> (SELECT max(version) FROM events e WHERE e.task_id = t.id)
      UNION ALL SELECT t.key, 'done means proved' FROM tasks t WHERE t.status = 'done' AND NOT EXISTS (SELECT 1 FROM proofs p
        WHERE p.task_id = t.id AND p.attempt = t.attempts AND p.verdict = 'passed' AND p.superseded = 0)
      UNION ALL SELECT t.key, 'announced once a completion' FROM tasks t WHERE
        (SELECT count(*) FROM notices n WHERE n.task_id = t.id AND n.kind = 'auto-complete') <>
        (SELECT count(*) FROM events e WHERE e.task_id = t.id AND e.kind = 'task.completed')
      UNION ALL SELECT t.key, 'ready is runnable' FROM tasks t WHERE t.ready_at IS NOT NULL AND t.status <> 'queued'`,
    },
  ]);
  expect(broken.map((row) => ({ ...row }))).toEqual([]);
  expect(rows.map((row) => ({ ...row }))).toEqual(
    model.tasks.map((task) => ({
      key: task.key,
      priority: task.priority,
      status: task.status,
      version: task.version,
      failures: task.failures,
      lapses: task.lapses,
      attempts: task.attempts,
      holder: task.holder,
      announced: task.completions,
    })),
  );
}

const EVERY_EVENT = [
  "task.added",
  "task.claimed",
  "task.submitted",
  "task.completed",
  "task.released",
  "task.blocked",
  "task.unblocked",
  "task.cancelled",
  "task.prioritized",
  "task.reopened",
  "task.requeued",
  "proof.attached",
  "proof.passed",
  "proof.failed",
  "lease.lapsed",
];

test("whatever agents and people do, in whatever order, the store does what the model does", async () => {
  const index = fc.nat(4);
  const session = fc.constantFrom(...SESSIONS);
  const acts = fc
    .tuple(
      index,
      fc.constantFrom(false, false, false, true),
      fc.constantFrom(0, 1, 1, 2, 3, 3, 3, 4, 4, 4, 5),
    )
    .map(([at, stale, which]) => persons(at, stale)[which] as Step);
  const commands = [
    fc.constantFrom(...PRIORITIES).map(add),
    ...[claim, beats, proves, submits, releases].map((make) => session.map(make)),
    session.map(claim),
    session.map(proves),
    session.map(submits),
    fc.tuple(index, fc.boolean()).map(([at, passed]) => verdict(at, passed)),
    fc.tuple(index, fc.boolean()).map(([at, passed]) => verdict(at, passed)),
    fc.constantFrom(1, 999, 1000, LEASE_MS - 1, LEASE_MS).map(wait),
    fc.constant(reclaim),
    acts,
  ];
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(...commands, acts, acts), { minLength: 50, maxLength: 120, size: "max" }),
      async (steps) => {
        const start = Date.UTC(2026, 2, 30, 9);
        const open = await openTestHouse({ startAt: start });
        const raw = await openRaw(open.url);
        try {
          await seedRoster(open.house);
          await open.house.roster.setLane({ name: "builder", leaseMs: LEASE_MS, heartbeatMs: 10_000 }, "t");
          await fc.asyncModelRun(
            () => ({ model: new QueueModel(start), real: { open, raw, memory: new Map() } }),
            steps,
          );
        } finally {
          for (const { kind } of await open.house.log.events({ after: 0, limit: 1000 })) met.add(kind);
          await raw.close();
          await open.close();
        }
      },
    ),
    // One seed for every run of CI; other walks by naming another.
    {
      numRuns: Number(process.env["MODEL_RUNS"] ?? 60),
      seed: Number(process.env["MODEL_SEED"] ?? 20_260_330),
    },
  );
  // A walk that never reaches a state holds nothing to anything.
  expect([...met]).toEqual(expect.arrayContaining(EVERY_EVENT));
}, 120_000);
