// An archive is a file, and a file can be edited. Each forgery is tried on both: on the import, which refuses the task by
// name, and on the database itself, as hand-written SQL would try it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ArchivedTask } from "../../src/core/archive.ts";
import type { Arrival } from "../../src/core/import/arrival.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, tryRaw } from "../support/raw.ts";
import { completedTask, given } from "./busy-queue.ts";
import { exported, imported } from "./support.ts";

type Deep<T> = { -readonly [K in keyof T]: T[K] extends object | null ? Deep<T[K]> : T[K] };
type Forged = Deep<ArchivedTask>;

const START = Date.UTC(2026, 0, 1);
const KEY = "GATE-1";
let from: TestHouse;
let lines: string[];
let whole: ArchivedTask;

beforeAll(async () => {
  from = await openTestHouse({ startAt: START, verifiers: [given] });
  await seedRoster(from.house);
  await completedTask(from.house, "s-1", [{ name: "checks", kind: "given" }]);
  lines = await exported(from.house);
  whole = (await from.house.imports.tasks("", 1))[0] as ArchivedTask;
});
afterAll(() => from.close());

async function elsewhere<T>(work: (to: TestHouse) => Promise<T>): Promise<T> {
  const to = await openTestHouse({ startAt: START, verifiers: [given] });
  try {
    return await work(to);
  } finally {
    await to.close();
  }
}

/** The export with its task replaced: what an editor of the file would hand in. */
function fileOf({ row, history }: ArchivedTask): string {
  const kept = lines.filter((line) => !line.includes(`"${KEY}"`));
  const own = [
    { record: "task", ...row },
    ...history.attempts.map((one) => ({ record: "attempt", task: row.key, ...one })),
    ...history.proofs.map((one) => ({ record: "proof", task: row.key, ...one })),
    ...history.events.map((one) => ({ record: "event", task: row.key, ...one })),
    ...history.announcements.map((one) => ({ record: "announcement", task: row.key, ...one })),
  ];
  return [...kept, ...own.map((one) => JSON.stringify(one))].join("\n");
}

function forge(edit: (task: Forged) => void): ArchivedTask {
  const copy = structuredClone(whole) as unknown as Forged;
  edit(copy);
  return copy;
}

interface Forgery {
  readonly name: string;
  readonly edit: (task: Forged) => void;
  /** What the report says. */
  readonly refusal: string;
  /** Only the gate can ask this: the database knows neither the hash's maker nor the moment of completion. */
  readonly gateAlone?: true;
}

const first = <T>(items: T[]): T => items[0] as T;

const forgeries: readonly Forgery[] = [
  {
    name: "without its proof",
    edit: ({ history }) => history.proofs.splice(0),
    refusal: "proof-before-done: proof-missing",
  },
  {
    name: "with a proof that failed",
    edit: ({ history }) => Object.assign(first(history.proofs), { verdict: "failed", evidence: null }),
    refusal: "proof-before-done: proof-failed",
  },
  {
    name: "with a proof that nobody checked",
    edit: ({ history }) =>
      Object.assign(first(history.proofs), { verdict: "pending", evidence: null, checkedAt: null }),
    refusal: "proof-before-done: proof-pending",
  },
  {
    name: "with a superseded proof alone",
    edit: ({ history }) => Object.assign(first(history.proofs), { superseded: true }),
    refusal: "proof-before-done: proof-missing",
  },
  {
    name: "with a proof of another kind",
    edit: ({ history }) => Object.assign(first(history.proofs), { kind: "human" }),
    refusal: "proof-before-done: proof-kind",
  },
  {
    name: "with a proof without evidence",
    edit: ({ history }) => Object.assign(first(history.proofs), { evidence: null }),
    refusal: "proof-before-done: evidence-missing",
  },
  {
    name: "without a policy",
    edit: ({ row }) => row.requirements.splice(0),
    refusal: "proof-before-done: policy-changed",
  },
  {
    name: "with a weaker policy than was hashed",
    edit: ({ row }) => Object.assign(first(row.requirements), { weaker: true }),
    refusal: "proof-before-done: policy-changed",
    gateAlone: true,
  },
  {
    name: "with an attempt that was released",
    edit: ({ history }) => Object.assign(first(history.attempts), { outcome: "released" }),
    refusal: "proof-before-done: unproved",
  },
  {
    name: "with an attempt of another policy",
    edit: ({ history }) => Object.assign(first(history.attempts), { policyHash: "0".repeat(64) }),
    refusal: "proof-before-done: policy-changed",
  },
  {
    name: "with an attempt that was never submitted",
    edit: ({ history }) => Object.assign(first(history.attempts), { proofSetHash: null }),
    refusal: "proof-before-done: proofs-changed",
  },
  {
    name: "with evidence older than the completion allows",
    edit: ({ history }) => Object.assign(first(history.proofs), { checkedAt: START - 61_000 }),
    refusal: "proof-before-done: evidence-old",
    gateAlone: true,
  },
  {
    name: "by an attempt of an older epoch",
    edit: ({ row }) => Object.assign(row, { epoch: 2 }),
    refusal: "proof-before-done: not-submitted",
  },
  {
    name: "without any attempt",
    edit: ({ row, history }) => {
      row.attempts = 0;
      history.attempts.splice(0);
      history.proofs.splice(0);
    },
    refusal: "proof-before-done: unproved",
  },
  {
    name: "with an attempt too few",
    edit: ({ row }) => Object.assign(row, { attempts: 2 }),
    refusal: "queue-truth: invalid",
  },
  {
    name: "with a hole in its events",
    edit: ({ history }) => history.events.splice(1, 1),
    refusal: "queue-truth: invalid",
  },
  {
    name: "with an announcement of what was no completion",
    edit: ({ history }) => Object.assign(first(history.announcements), { version: 1 }),
    refusal: "queue-truth: invalid",
  },
  {
    name: "without the event of its completion",
    edit: ({ history }) => {
      history.announcements.splice(0);
      for (const event of history.events) if (event.kind === "task.completed") event.kind = "task.edited";
    },
    refusal: "queue-truth: invalid",
  },
];

describe("a task that is called done", () => {
  it("comes in where nothing was forged", async () => {
    await elsewhere(async ({ house }) => {
      const report = await imported(house, "jsonl", fileOf(whole));
      expect(report).toMatchObject({ created: 1, refused: [], byStatus: { done: 1 } });
      expect((await house.queue.task(KEY))?.task).toMatchObject({ status: "done", completion: "proved" });
      // The announcement is on record, and in no channel.
      expect(await house.outbox.notices({ after: 0, limit: 2 })).toEqual([
        expect.objectContaining({ kind: "auto-complete", task: KEY, deliveries: [] }),
      ]);
      expect(await house.outbox.takeDue(["local"], 1, 1000)).toEqual([]);
    });
  });

  it.each(forgeries)("$name is refused by the import", async ({ edit, refusal }) => {
    await elsewhere(async ({ house }) => {
      const report = await imported(house, "jsonl", fileOf(forge(edit)));
      expect(report.refused).toEqual([
        expect.objectContaining({ id: KEY, why: expect.stringMatching(new RegExp(`^${refusal}: `)) }),
      ]);
      expect(report.created).toBe(0);
      expect(await house.queue.task(KEY)).toBeNull();
    });
  });

  it.each(forgeries.filter(({ gateAlone }) => gateAlone !== true))(
    "$name is refused by the database",
    async ({ edit }) => {
      await elsewhere(async ({ house }) => {
        await house.imports.furnish(await from.house.imports.roster());
        const refusal = await house.imports.admit([forge(edit) as unknown as Arrival]);
        expect(refusal?.code).toMatch(/^(born|constraint|announced)$/);
        expect(await house.queue.task(KEY)).toBeNull();
        expect(await house.imports.admit([whole as unknown as Arrival])).toBeNull();
      });
    },
  );

  it("with evidence that already proves another is refused by both", async () => {
    await elsewhere(async ({ house }) => {
      await imported(house, "jsonl", fileOf(whole));
      const copy = forge(({ row, history }) => {
        row.key = "GATE-2";
        for (const event of history.events) event.change += "-2";
      });
      const report = await imported(house, "jsonl", fileOf(copy).replaceAll(`"${KEY}"`, '"GATE-2"'));
      expect(report.refused[0]).toMatchObject({
        id: "GATE-2",
        why: expect.stringContaining("evidence-reused"),
      });
      expect((await house.imports.admit([copy as unknown as Arrival]))?.code).toBe("evidence-reused");
      const both = await elsewhere(({ house: empty }) =>
        imported(empty, "jsonl", `${fileOf(whole)}\n${fileOf(copy).split("\n").slice(1).join("\n")}`),
      );
      expect(both.created).toBe(1);
      expect(both.refused.find(({ id }) => id === "GATE-2")?.why).toContain(`already proves ${KEY}`);
    });
  });

  it("reuses evidence where its policy said so", async () => {
    const story = await openTestHouse({ startAt: START, verifiers: [given] });
    try {
      await seedRoster(story.house);
      for (const session of ["s-1", "s-2"]) {
        await completedTask(story.house, session, [{ name: "checks", kind: "given", reuse: true }]);
      }
      const file = (await exported(story.house)).join("\n");
      expect(file.match(/"evidence":"given:shared","seen"/g)).toHaveLength(2);
      await elsewhere(async ({ house }) => {
        expect(await imported(house, "jsonl", file)).toMatchObject({ created: 2, refused: [] });
      });
    } finally {
      await story.close();
    }
  });
});

describe("what the twins still refuse", () => {
  it("an attempt, a proof or a done task without the history that goes with it", async () => {
    await elsewhere(async ({ house, url }) => {
      await house.imports.furnish(await from.house.imports.roster());
      const raw = await openRaw(url);
      try {
        const attempt = (
          ended: string,
        ) => `INSERT INTO attempts (task_id, number, epoch, token, agent_id, lane_id, session,
          provider, model, started_at, lease_ms, lease_expires_at, last_heartbeat_at, policy_hash, ended_at, outcome)
          VALUES (99, 1, 1, 't', 1, 1, 's', 'p', 'm', 0, 1, 1, 0, 'h', ${ended})`;
        const proof = `INSERT INTO proofs (task_id, attempt, requirement, kind, uri, attached_by, attached_at, verdict, evidence, checked_at)
          VALUES (99, 1, 'checks', 'given', 'u', 'a', 0, 'passed', 'e', 1)`;
        expect(await tryRaw(raw, attempt("NULL, NULL"))).toMatchObject({ gate: "runnable-pull" });
        expect(await tryRaw(raw, proof)).toMatchObject({ gate: "proof-before-done", code: "attach" });
        // Whole in itself, yet no task is born at the end: the references of the batch do not hold.
        await expect(tryRaw(raw, attempt("5, 'done'"), proof)).rejects.toThrow(/FOREIGN KEY/);
        const born = `INSERT INTO tasks (id, key, epic_id, lane_id, priority, status, version, epoch, attempts, policy_hash,
          completion, created_at, updated_at) VALUES (99, 'GATE-99', 1, 1, 2, 'done', 1, 1, 1, 'h', 'proved', 0, 0)`;
        expect(await tryRaw(raw, attempt("5, 'done'"), proof, born)).toMatchObject({ code: "born" });
        expect(await tryRaw(raw, born)).toMatchObject({ code: "born" });
      } finally {
        await raw.close();
      }
    });
  });
});
