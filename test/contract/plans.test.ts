// How the database reads: what is asked all day begins at its key or its list and never walks a table that grows.
import { type Client, createClient } from "@libsql/client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { seedQueue } from "../../bench/seed.ts";
import { Connection, type Statement } from "../../db/connection.ts";
import type { AddTask } from "../../src/commands/add-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockAttempt } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { editTask } from "../../src/commands/edit-task.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import type { Verdict } from "../../src/core/proof.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, type Held, holder, OPERATOR, ROUTE, submitted, well } from "../support/story.ts";

const TASKS = 10_000;
const GROWING = ["tasks", "events", "attempts", "proofs", "notices", "deliveries"];
/** Indexes that hold only what is under way or due now: to walk them is to walk the work itself. */
const SHORT = /INDEX (attempts_open_by_\w+|proofs_due|deliveries_due|tasks_waiting|proofs_replied_waiting)\b/;
/** Its tasks are this test's own; the lanes beside it hold those that were seeded. */
const LANE = "day";
const ADA = { actor: "agent:ada" };
const FAILED: Verdict = { verdict: "failed", reason: "it ended with 1" };

let open: TestHouse;
let throwaway: Client;
/** Every statement that a day's work sent, with the values it was sent with. */
const sent = new Map<string, Statement>();

beforeAll(async () => {
  open = await openTestHouse();
  const raw = await Connection.open({ url: open.url, synchronous: "normal" });
  await seedQueue(raw, { tasks: TASKS });
  await raw.close();
  await seedRoster(open.house, { lane: LANE });
  await seedRoster(open.house, { lane: "empty", agent: "eve" });
  for (const method of ["read", "write", "writeRepeatable"] as const) {
    const real = Connection.prototype[method];
    vi.spyOn(Connection.prototype, method).mockImplementation(function note(this: Connection, statements) {
      for (const statement of statements) sent.set(statement.sql, statement);
      return real.call(this, statements);
    });
  }
  await aDay();
  vi.restoreAllMocks();
  // An EXPLAIN of a write leaves its connection unfit for anything else.
  throwaway = createClient({ url: open.url, concurrency: 1 });
  // What foreign keys would look through is passed over while no violation stands, yet the plan tells it.
  await throwaway.execute("PRAGMA foreign_keys = OFF");
});
afterAll(async () => {
  throwaway.close();
  await open.close();
});

const task = (input: Partial<AddTask> = {}) => added(open.house, { lane: LANE, ...input });
const pulled = (session: string) => claimed(open.house, session, "ada", LANE);
const attached = async (held: Held) =>
  well(await attachProof(open.house, { by: "holder", ...holder(held), uri: "command:checks" }, ADA)).proof;

/** What agents, people and jobs do all day long. */
async function aDay(): Promise<void> {
  const { house } = open;
  const first = await task();
  await task({ dependsOn: [first], priority: "P0" });
  await finish(await pulled("s-1"));
  await giveBackAndAsk(await pulled("s-1"));
  const waiting = await task({ lane: "ops", notBefore: Date.now() + 60_000 });
  well(await editTask(house, { key: waiting, version: 1, dependsOn: [first], notBefore: null }, OPERATOR));
  well(await cancelTask(house, { key: waiting, reason: "not needed" }, OPERATOR));
  await claimTask(house, { lane: "empty", agent: "eve", session: "s-2", route: ROUTE });
  await theJobs();
  await house.log.events({ after: 5, limit: 100 });
  await house.log.events({ after: 0, task: first, limit: 100 });
  await house.log.lastEvent();
  await house.log.byRequest("agent:1:key");
  await house.log.event(7);
  await house.log.recent({ limit: 15 });
  await house.log.recent({ task: first, actor: OPERATOR.actor, before: 9, limit: 15 });
  await house.listing.dependents(first);
  await house.listing.history(first);
  await house.roster.epicTitles();
  await house.queue.now();
}

async function finish(held: Held): Promise<void> {
  const { house } = open;
  const { lane, session, route, epoch, id } = held.attempt;
  const said = { attempt: id, epoch, lane, task: held.task.key, session, route, agent: "ada" };
  well(await beat(house, said, ADA));
  const wrong = { proof: await attached(held), taskKey: held.task.key };
  await submitted(house, held);
  expect(well(await settleProof(house, wrong, FAILED))).toBe("returned");
  const work = { ...wrong, proof: await attached(held) };
  await submitted(house, held);
  await house.proofWork.due(10);
  await house.proofWork.take([work.proof.id], 1000);
  await house.proofWork.renew([work.proof.id], 1000);
  await house.proofWork.nextDue();
  await house.proofWork.postpone(work.proof.id, "not yet", 1);
  const passed: Verdict = { verdict: "passed", reason: "well", evidence: "command:local:plans" };
  expect(well(await settleProof(house, work, passed))).toBe("completed");
  await settleProof(house, work, passed);
}

async function giveBackAndAsk(held: Held): Promise<void> {
  const { house } = open;
  well(await releaseAttempt(house, { ...holder(held), reason: "later", fault: "infrastructure" }, ADA));
  const again = await pulled("s-3");
  const { key } = again.task;
  const question = { kind: "question", reason: "two ways", question: "Which?" };
  well(await blockAttempt(house, { ...holder(again), ...question }, ADA));
  well(await unblockTask(house, { key, reason: "the left one" }, OPERATOR));
  well(await prioritizeTask(house, { key, priority: "P3" }, OPERATOR));
}

async function theJobs(): Promise<void> {
  const { house } = open;
  await reclaimLapsed(house);
  await house.queue.promote();
  for (let more = 0; more < 3; more += 1) await updateTaskCards(house);
  await house.outbox.dueInMs(["local"]);
  const [delivery] = await house.outbox.takeDue(["local"], 10, 1000);
  if (delivery === undefined) throw new Error("nothing was due");
  await house.outbox.sent(delivery, "1");
  await house.outbox.unsent(delivery, "gone", 1000);
  await house.outbox.taskByAnchor("local", "gatehouse", "1");
}

/** The names a statement gives to the tables that grow. */
function aliases(sql: string): ReadonlySet<string> {
  const names = [...sql.matchAll(/\b([a-z_]+)\s+(?:AS\s+)?([a-z]{1,3})\b/g)].flatMap(([, table, alias]) =>
    GROWING.includes(table ?? "") ? [alias ?? ""] : [],
  );
  return new Set([...GROWING, ...names]);
}

async function planOf({ sql, args }: Statement): Promise<readonly string[]> {
  const { rows } = await throwaway.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args: [...(args ?? [])] });
  return rows.map((row) => row["detail"] as string);
}

async function walks(statement: Statement): Promise<readonly string[]> {
  const growing = aliases(statement.sql);
  return (await planOf(statement)).filter((step) => {
    const [, scanned] = /^SCAN (\w+)/.exec(step) ?? [];
    return scanned !== undefined && growing.has(scanned) && !SHORT.test(step);
  });
}

async function allWalks(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const statement of sent.values()) {
    for (const step of await walks(statement)) found.push(`${step} in: ${statement.sql}`);
  }
  return found;
}

test("the day asked for everything that is asked all day", () => {
  const texts = [...sent.keys()].join("\n");
  expect(sent.size).toBeGreaterThan(40);
  for (const table of GROWING) expect(texts).toMatch(new RegExp(`(INSERT INTO|UPDATE) ${table}\\b`));
});

test("no statement of the day walks a table that grows", async () => {
  expect(await allWalks()).toEqual([]);
});

test("nor does it once the database knows how its tables are filled", async () => {
  await throwaway.execute("ANALYZE");
  expect(await allWalks()).toEqual([]);
});

test("living leases are counted in their index alone, without a look at each attempt", async () => {
  const counts = [...sent.values()].filter(({ sql }) => /count\(\*\) FROM attempts a\s/.test(sql));
  expect(counts.length).toBeGreaterThan(1);
  for (const statement of counts) {
    const step = (await planOf(statement)).filter((line) => line.includes("attempts_open_by_lease"));
    expect(step.join("\n"), statement.sql).toMatch(/^SEARCH a USING COVERING INDEX/);
  }
});

test("a statement that walks is found", async () => {
  const claim = "UPDATE tasks SET updated_at = 1 WHERE priority = 2";
  expect(await walks({ sql: claim })).toEqual(["SCAN tasks"]);
  const join = "SELECT 1 FROM json_each('[1]') j JOIN events e ON e.actor = j.value";
  expect((await walks({ sql: join })).some((step) => step.startsWith("SCAN e"))).toBe(true);
});
