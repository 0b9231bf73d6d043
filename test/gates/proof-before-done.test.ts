import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { proofBeforeDone } from "../../src/core/gates/proof-before-done.ts";
import { FRESH_EVIDENCE_MS, proofSetText, type Verdict } from "../../src/core/proof.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, type RawConnection, tryRaw, wouldRaw } from "../support/raw.ts";
import { added, claimed, type Held, proved, submitted } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
let open: TestHouse;
let raw: RawConnection;

beforeAll(async () => {
  open = await openTestHouse({ startAt: START });
  raw = await openRaw(open.url);
  await seedRoster(open.house, { capacity: 10_000 });
});
afterAll(async () => {
  await raw.close();
  await open.close();
});

const TWO = [
  { name: "built", kind: "command", argv: ["true"] },
  { name: "tested", kind: "command", argv: ["true"] },
];
let sessions = 0;

/** A submitted attempt with two proofs that nobody has looked at yet. */
async function awaiting(): Promise<Held> {
  sessions += 1;
  await added(open.house, { requirements: TWO, priority: "P0" });
  const held = await claimed(open.house, `p-${sessions}`);
  await proved(open.house, held, "command:built");
  await proved(open.house, held, "command:tested");
  await submitted(open.house, held);
  return held;
}

async function factsOf(held: Held) {
  const facts = await open.house.queue.attempt(held.attempt.id);
  if (facts?.attempt == null) throw new Error("the attempt is gone");
  const proofSetHash = open.house.identity.sha256(proofSetText(facts.proofs));
  return { ...facts, attempt: facts.attempt, proofSetHash };
}

async function give(held: Held, requirement: string, verdict: Verdict) {
  const facts = await factsOf(held);
  const proof = facts.proofs.find((one) => one.requirement === requirement);
  if (proof === undefined) throw new Error(`no proof for ${requirement}`);
  return settleProof(open.house, { proof, taskKey: held.task.key }, verdict);
}

const PASSED = (evidence: string): Verdict => ({ verdict: "passed", reason: "seen", evidence });
const BY_HAND = [
  "INSERT INTO events (task_id, version, change_id, kind, actor, at, attempt, data) SELECT id, version + 1, 'hand', 'task.completed', 'me', 1, attempts, '{}' FROM tasks WHERE key = ?",
  "UPDATE attempts SET ended_at = started_at, outcome = 'done' WHERE ended_at IS NULL AND task_id = (SELECT id FROM tasks WHERE key = ?)",
  "UPDATE tasks SET status = 'done', completion = 'proved', version = version + 1 WHERE key = ?",
] as const;

function byHand(key: string) {
  return wouldRaw(raw, ...BY_HAND.map((sql) => [sql, key] as const));
}

test("nothing is done while any requirement waits for its verdict", async () => {
  const held = await awaiting();
  expect(await byHand(held.task.key)).toMatchObject({ gate: "proof-before-done", code: "unproved" });
  expect(await give(held, "built", PASSED(`${held.task.key}:b`))).toMatchObject({
    ok: true,
    value: "recorded",
  });
  expect(await byHand(held.task.key)).toMatchObject({ gate: "proof-before-done", code: "unproved" });
  expect(await give(held, "tested", PASSED(`${held.task.key}:t`))).toMatchObject({
    ok: true,
    value: "completed",
  });
  expect((await factsOf(held)).task.status).toBe("done");
});

test("a verdict that comes twice completes once and announces once", async () => {
  const held = await awaiting();
  await give(held, "built", PASSED(`${held.task.key}:b`));
  const outcomes = await Promise.all([
    give(held, "tested", PASSED(`${held.task.key}:t`)),
    give(held, "tested", PASSED(`${held.task.key}:t`)),
  ]);
  expect(outcomes.map((outcome) => String(outcome.ok && outcome.value)).toSorted()).toEqual([
    "completed",
    "moot",
  ]);
  const rows = await raw.read([
    {
      sql: "SELECT count(*) AS n FROM notices WHERE kind = 'auto-complete' AND task_id = ?",
      args: [held.task.id],
    },
  ]);
  expect(rows[0]?.[0]?.["n"]).toBe(1);
});

test("evidence that has grown old is looked at again before it completes anything", async () => {
  const held = await awaiting();
  await give(held, "built", PASSED(`${held.task.key}:b`));
  open.clock.advance(FRESH_EVIDENCE_MS + 1);
  expect(await give(held, "tested", PASSED(`${held.task.key}:t`))).toMatchObject({
    ok: true,
    value: "recorded",
  });
  const waiting = await open.house.proofWork.due(1000);
  const due = await open.house.proofWork.take(
    waiting.map(({ id }) => id),
    1000,
  );
  expect(due.filter((work) => work.taskKey === held.task.key).map((work) => work.proof.requirement)).toEqual([
    "built",
  ]);
  expect(await give(held, "built", PASSED(`${held.task.key}:b`))).toMatchObject({
    ok: true,
    value: "completed",
  });
});

describe("the gate and its twin agree", () => {
  const verdicts = fc.constantFrom("pending", "passed", "passed", "failed", "inconclusive");
  const damage = fc.constantFrom(
    "none",
    "none",
    "policy",
    "proof-set",
    "kind",
    "attempt",
    "superseded",
    "no-requirements",
  );

  test("on every set of verdicts and every damage to what was submitted", async () => {
    const met = new Set<string>();
    const held = await awaiting();
    await fc.assert(
      fc.asyncProperty(verdicts, verdicts, damage, async (built, tested, harm) => {
        await put(held, built, tested, harm);
        const facts = await factsOf(held);
        const refusal = proofBeforeDone(facts, facts.now);
        met.add(refusal?.code ?? "done");
        // What the twin cannot know is the hash of the set as it stands: there the gate is the stricter one.
        const twin = await byHand(held.task.key);
        if (refusal === null) expect(twin).toBeNull();
        if (twin !== null) expect(refusal).not.toBeNull();
        if (refusal !== null && refusal.code !== "proofs-changed") expect(twin, refusal.code).not.toBeNull();
      }),
      // One seed, so that which refusals are met does not change from run to run.
      { numRuns: 300, seed: 20_260_330 },
    );
    expect([...met].toSorted()).toEqual([
      "done",
      "policy-changed",
      "policy-empty",
      "proof-failed",
      "proof-inconclusive",
      "proof-kind",
      "proof-missing",
      "proof-pending",
      "proofs-changed",
    ]);
  });

  /** Writes verdicts and damage past the twins, into a database that is only this test's. */
  async function put(held: Held, built: string, tested: string, harm: string): Promise<void> {
    const names = [
      "proof_before_done_identity",
      "heartbeat_trust_identity",
      "proof_before_done_policy_fixed_delete",
      "proof_before_done_policy_fixed_insert",
      "proof_before_done_policy_fixed_update",
    ];
    const kept = (
      await raw.read(
        names.map((name) => ({ sql: "SELECT sql FROM sqlite_schema WHERE name = ?", args: [name] })),
      )
    ).flat();
    const id = held.task.id;
    const verdict = (name: string, value: string) => ({
      sql: "UPDATE proofs SET verdict = ?, evidence = 'e', checked_at = ?, kind = 'command', superseded = 0, attempt = 1 WHERE task_id = ? AND requirement = ?",
      args: [value, open.clock.now, id, name],
    });
    const harms: Record<string, { sql: string; args: (string | number)[] }[]> = {
      none: [],
      policy: [{ sql: "UPDATE attempts SET policy_hash = 'another' WHERE task_id = ?", args: [id] }],
      "proof-set": [{ sql: "UPDATE attempts SET proof_set_hash = 'another' WHERE task_id = ?", args: [id] }],
      kind: [
        { sql: "UPDATE proofs SET kind = 'file' WHERE task_id = ? AND requirement = 'built'", args: [id] },
      ],
      attempt: [{ sql: "UPDATE proofs SET superseded = 1 WHERE task_id = ?", args: [id] }],
      superseded: [
        { sql: "UPDATE proofs SET superseded = 1 WHERE task_id = ? AND requirement = 'tested'", args: [id] },
      ],
      "no-requirements": [{ sql: "DELETE FROM requirements WHERE task_id = ?", args: [id] }],
    };
    const policy = held.task.requirements.map((one, position) => ({
      sql: "INSERT OR IGNORE INTO requirements (task_id, position, name, kind, spec) VALUES (?, ?, ?, ?, ?)",
      args: [id, position, one.name, one.kind, JSON.stringify(one)],
    }));
    const gone = harm === "attempt" ? ["built", "tested"] : harm === "superseded" ? ["tested"] : [];
    const standing = (await factsOfAll(held))
      .filter((proof) => !gone.includes(proof.requirement))
      .map((proof) => ({
        ...proof,
        kind: harm === "kind" && proof.requirement === "built" ? "file" : "command",
      }));
    const set = open.house.identity.sha256(proofSetText(standing));
    await raw.write([
      ...names.map((name) => ({ sql: `DROP TRIGGER ${name}` })),
      ...policy,
      {
        sql: "UPDATE attempts SET policy_hash = ?, proof_set_hash = ? WHERE task_id = ?",
        args: [held.task.policyHash, set, id],
      },
      verdict("built", built),
      verdict("tested", tested),
      ...(harms[harm] ?? []),
      ...kept.map((row) => ({ sql: String(row["sql"]) })),
    ]);
  }

  async function factsOfAll(held: Held) {
    const rows = await raw.read([
      { sql: "SELECT id, requirement, uri FROM proofs WHERE task_id = ?", args: [held.task.id] },
    ]);
    return (rows[0] ?? []).map((row) => ({
      ...emptyProof,
      id: Number(row["id"]),
      requirement: String(row["requirement"]),
      uri: String(row["uri"]),
    }));
  }
  const emptyProof = {
    taskId: 0,
    attempt: 1,
    kind: "command",
    attachedBy: "",
    attachedAt: 0,
    verdict: "pending",
    reason: null,
    evidence: null,
    seen: null,
    checkedAt: null,
    checks: 0,
  } as const;
});

describe("hand-written SQL cannot pass the gate either", () => {
  test("a bare UPDATE to done aborts, whatever the status", async () => {
    const key = await added(open.house);
    expect(await tryRaw(raw, ["UPDATE tasks SET status = 'done' WHERE key = ?", key])).not.toBeNull();
    expect(await byHand(key)).not.toBeNull();
  });

  test.each([
    [
      "an announcement without a completion",
      "INSERT INTO notices (kind, task_id, event_id, text, data, at) SELECT 'auto-complete', task_id, id, '🔵🔵🔵 AUTO-COMPLETE x', '{}', 1 FROM events WHERE kind = 'task.added' LIMIT 1",
    ],
    [
      "a proof that starts out passed",
      "INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at, verdict, evidence, checked_at) SELECT task_id, number, 'r', 'command', 'u', 'me', 1, 'passed', 'e', 1 FROM attempts LIMIT 1",
    ],
    ["a proof's link rewritten", "UPDATE proofs SET uri = 'elsewhere'"],
    ["a proof deleted", "DELETE FROM proofs"],
    [
      "a requirement dropped from a claimed task",
      "DELETE FROM requirements WHERE task_id = (SELECT task_id FROM attempts WHERE ended_at IS NULL LIMIT 1)",
    ],
    ["a requirement softened in place", "UPDATE requirements SET spec = '{}'"],
  ])("%s", async (_, sql) => {
    await awaiting();
    expect(await tryRaw(raw, sql)).toMatchObject({ gate: "proof-before-done" });
  });

  test("words that look like an announcement are kept out of every other notice", async () => {
    const sql =
      "INSERT INTO notices (kind, text, data, at) VALUES ('digest', '🔵🔵🔵 AUTO-COMPLETE GATE-1', '{}', 1)";
    await expect(raw.write([{ sql }])).rejects.toThrow(/CHECK/);
  });
});
