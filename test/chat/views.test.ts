import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { editTask } from "../../src/commands/edit-task.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { AUTO_COMPLETE } from "../../src/core/notice.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { answerProofReplies } from "../../src/jobs/proof-replies.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import {
  added,
  claimed,
  completed,
  holder,
  OPERATOR,
  TRUE_COMMAND,
  verified,
  well,
} from "../support/story.ts";

const START = Date.UTC(2026, 10, 23, 9);
const CHANNEL = "gatehouse";
const FILE = { name: "clip", kind: "file", path: "clip.txt" } as const;
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

/** Runs the views and the delivery until nothing is due any more. */
async function settle(): Promise<void> {
  const platforms = allPlatforms({ localChat: open.house.localChat });
  await updateTaskCards(open.house);
  await answerProofReplies(open.house);
  while ((await deliverOutbox(open.house, platforms)).nextDueMs === 0);
}

async function channel() {
  return open.house.localChat.page(CHANNEL, { limit: 50 });
}

test("a task nobody has taken up gets no card; its first claim makes one", async () => {
  const { house } = open;
  const key = await added(house, { title: "Cut the clip" });
  await settle();
  expect(await channel()).toEqual([]);
  await claimed(house);
  await settle();
  expect(await channel()).toMatchObject([
    {
      kind: "task-card",
      task: key,
      author: "bot:gatehouse",
      data: { key, status: "active", lane: "builder" },
    },
  ]);
});

test("a card is edited in place as its task moves, and stays where it stands", async () => {
  const { house } = open;
  const key = await added(house);
  await claimed(house);
  await settle();
  const [before] = await channel();
  well(await prioritizeTask(house, { key, priority: "P0" }, OPERATOR));
  await settle();
  const [after, ...others] = await channel();
  expect(others).toEqual([]);
  expect(after).toMatchObject({ id: before?.id, data: { priority: "P0", version: 3 } });
  expect(after?.change).toBeGreaterThan(before?.change ?? 0);
  await settle();
  expect((await channel())[0]?.change).toBe(after?.change);
});

test("a card says what the gates say: holder, lease, proofs, and why it waits", async () => {
  const { house } = open;
  const first = await added(house, { requirements: [TRUE_COMMAND, FILE] });
  const held = await claimed(house);
  well(await attachProof(house, { by: "person", key: first, uri: "command:checks" }, OPERATOR));
  await verified(house);
  await settle();
  expect((await channel())[0]?.data).toMatchObject({
    holder: {
      attempt: `${first}.1`,
      agent: "ada",
      session: "s-1",
      leaseExpiresAt: held.attempt.leaseExpiresAt,
    },
    proofs: [
      { requirement: "checks", kind: "command", verdict: "passed", uri: "command:checks" },
      { requirement: "clip", kind: "file", verdict: "missing", uri: null },
    ],
    waits: [],
    block: null,
  });
  well(
    await blockTask(
      house,
      { key: first, kind: "question", reason: "Two cuts exist", question: "Which one?", choices: ["A", "B"] },
      OPERATOR,
    ),
  );
  await settle();
  expect((await channel())[0]?.data).toMatchObject({
    status: "blocked",
    holder: null,
    block: { owner: "operator", question: "Which one?", choices: ["A", "B"] },
    last: { attempt: `${first}.1`, outcome: "blocked", reason: "Two cuts exist" },
    proofs: [{ verdict: "missing" }, { verdict: "missing" }],
  });
});

test("what a card waits for is brought up to date when the other task moves", async () => {
  const { house } = open;
  const key = await added(house);
  const held = await claimed(house, "s-1");
  well(await releaseAttempt(house, { ...holder(held), reason: "it needs the other one" }, OPERATOR));
  const other = await added(house);
  well(await editTask(house, { key, version: 3, dependsOn: [other] }, OPERATOR));
  await settle();
  expect(JSON.stringify((await channel())[0]?.data)).toContain(`${other} is queued, not done`);
  await completed(house, "s-2");
  await settle();
  expect(JSON.stringify((await channel())[0]?.data)).not.toContain(other);
});

test("a lapsed lease shows on the card once it was reclaimed", async () => {
  const { house, clock } = open;
  const key = await added(house);
  const held = await claimed(house);
  clock.advance(held.attempt.leaseMs);
  await reclaimLapsed(house, 10);
  await updateTaskCards(house);
  await settle();
  expect((await channel())[0]?.data).toMatchObject({
    key,
    status: "queued",
    holder: null,
    last: { outcome: "lapsed" },
    waits: [{ code: "not-before" }],
  });
});

test("a completed task: the card is done and one AUTO-COMPLETE stands below it", async () => {
  const { house } = open;
  const key = await added(house);
  await completed(house);
  await settle();
  await settle();
  const messages = await channel();
  expect(messages.map(({ kind }) => kind).toSorted()).toEqual(["auto-complete", "task-card"]);
  const announced = messages.find(({ kind }) => kind === "auto-complete");
  expect(announced?.text).toMatch(new RegExp(`^${AUTO_COMPLETE} ${key} `, "u"));
  expect(messages.find(({ kind }) => kind === "task-card")?.data).toMatchObject({
    status: "done",
    completion: "proved",
  });
});

/** A person's reply below the card, as the page writes it, with a link attached in its name. */
async function replied(key: string, ...uris: string[]): Promise<number> {
  const { house } = open;
  const card = (await channel()).find((message) => message.task === key);
  const id = await house.localChat.post({
    channel: CHANNEL,
    thread: card?.id ?? 0,
    author: "person:local:operator",
    kind: "said",
    task: key,
    text: uris.join(" "),
    data: {},
  });
  for (const uri of uris) {
    well(await attachProof(house, { by: "person", key, uri, replyTo: `local:${CHANNEL}:${id}` }, OPERATOR));
  }
  return id ?? 0;
}

async function reactionOf(id: number): Promise<string | null | undefined> {
  return (await open.house.localChat.message(CHANNEL, id))?.reaction;
}

test("a reply that attached proof gets ⏳, then ✅ once the verifier passed it", async () => {
  const { house } = open;
  const key = await added(house);
  await claimed(house);
  await settle();
  const reply = await replied(key, "command:checks");
  await settle();
  expect(await reactionOf(reply)).toBe("⏳");
  await verified(house);
  await settle();
  expect(await reactionOf(reply)).toBe("✅");
  const head = (await channel())[0];
  expect(await house.localChat.thread(CHANNEL, head?.id ?? 0, 10)).toHaveLength(1);
});

test("a proof that failed gets ❌ and its reason in the thread", async () => {
  const { house } = open;
  const key = await added(house, { requirements: [TRUE_COMMAND, FILE] });
  await claimed(house);
  await settle();
  writeFileSync(join(open.proofs, "clip.txt"), "");
  const reply = await replied(key, "file:clip.txt", "command:checks");
  await verified(house);
  await settle();
  expect(await reactionOf(reply)).toBe("❌");
  const head = (await channel())[0];
  const thread = await house.localChat.thread(CHANNEL, head?.id ?? 0, 10);
  expect(thread.map(({ author, text }) => [author, text])).toEqual([
    ["person:local:operator", "file:clip.txt command:checks"],
    ["bot:gatehouse", "❌ clip: The file has 0 bytes; at least 1 are wanted."],
  ]);
  expect(
    (await house.outbox.notices({ kind: "proof-status", after: 0, limit: 9 }))[0]?.deliveries,
  ).toHaveLength(1);
});

test("a reply whose attempt ended before anybody looked is told so", async () => {
  const { house, clock } = open;
  const key = await added(house, { requirements: [TRUE_COMMAND, FILE] });
  const held = await claimed(house);
  await settle();
  const reply = await replied(key, "command:checks");
  clock.advance(held.attempt.leaseMs);
  await reclaimLapsed(house, 10);
  await settle();
  expect(await reactionOf(reply)).toBe("❌");
});
