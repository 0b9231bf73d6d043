import { afterEach, beforeEach, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import type { Role } from "../../src/core/role.ts";
import { answerReply } from "../../src/doors/chat/answer-reply.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openPage } from "../support/page.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 10, 23, 9) });
  await seedRoster(open.house);
});
afterEach(() => open.close());

const CLIP = { name: "the clip", kind: "file", path: "clip.txt" } as const;
const REPORT = { name: "report", kind: "file" } as const;

/** An active task with its card in the channel; answers with the card's anchor. */
async function carded(
  requirements: readonly { name: string; kind: string }[] = [TRUE_COMMAND, CLIP, REPORT],
) {
  const key = await added(open.house, { requirements });
  await claimed(open.house);
  await updateTaskCards(open.house);
  await deliverOutbox(open.house, allPlatforms({ localChat: open.house.localChat }));
  const [card] = await open.house.localChat.page("gatehouse", { limit: 1 });
  return { key, anchor: String(card?.id) };
}

function reply(anchor: string, text: string, role: Role = "operator") {
  const at = { platform: "local", channel: "gatehouse" };
  const speaker = { actor: "person:local:someone", role };
  return answerReply(open.house, speaker, {
    head: { ...at, message: anchor },
    message: { ...at, message: "77" },
    text,
  });
}

async function attached(key: string): Promise<readonly string[]> {
  const facts = await open.house.queue.task(key);
  return (facts?.proofs ?? []).map(({ requirement, uri }) => `${requirement} ${uri}`);
}

test("links of every sort are found in a sentence, and each finds its requirement", async () => {
  const { key, anchor } = await carded();
  const answer = await reply(anchor, "Done: see command:checks, and for the clip: file:clip.txt (it plays).");
  expect(answer).toEqual({ reaction: "⏳", text: null });
  expect(await attached(key)).toEqual(["checks command:checks", "the clip file:clip.txt"]);
  expect((await open.house.proofReplies.ofTasks([key]))[0]).toMatchObject({
    replyTo: { platform: "local", channel: "gatehouse", message: "77" },
    verdict: "pending",
  });
});

test("where a link fits several requirements, the refusal says so in the thread and the name settles it", async () => {
  const { key, anchor } = await carded([REPORT, { ...REPORT, name: "log" }]);
  const answer = await reply(anchor, "file:out.txt");
  expect(answer.reaction).toBe("❌");
  expect(answer.text).toContain("Several requirements would take this link");
  expect(answer.question).toMatchObject({
    kind: "misunderstood",
    suggestions: [
      `/gate prove ${key} file:out.txt --requirement report`,
      `/gate prove ${key} file:out.txt --requirement log`,
    ],
  });
  expect(await reply(anchor, "log=file:out.txt")).toEqual({ reaction: "⏳", text: null });
  expect(await attached(key)).toEqual(["log file:out.txt"]);
});

test("a link that proves two requirements of one thing is attached to both, and nobody is asked", async () => {
  const merged = { name: "merged", kind: "github-pr", repo: "acme/clip", base: "main" };
  const green = { name: "green", kind: "github-checks", repo: "acme/clip", checks: [{ name: "test" }] };
  const { key, anchor } = await carded([merged, green, TRUE_COMMAND]);
  const link = "https://github.com/acme/clip/pull/12";
  expect(await reply(anchor, `See ${link}.`)).toEqual({ reaction: "⏳", text: null });
  expect((await attached(key)).toSorted()).toEqual([`green ${link}`, `merged ${link}`]);
  const replied = await open.house.proofReplies.ofTasks([key]);
  expect(replied.map(({ replyTo }) => replyTo.message)).toEqual(["77", "77"]);
});

test("what does not fit is told beside what does", async () => {
  const { key, anchor } = await carded([TRUE_COMMAND, CLIP]);
  const answer = await reply(anchor, "command:checks https://example.org/x");
  expect(answer.reaction).toBe("⏳");
  expect(answer.text).toContain("https://example.org/x — proof-before-done:");
  expect(await attached(key)).toEqual(["checks command:checks"]);
});

test("a viewer's link, a thread about nothing, and a list of links attach nothing", async () => {
  const { key, anchor } = await carded();
  expect(await reply(anchor, "command:checks", "viewer")).toMatchObject({ reaction: "❌" });
  expect((await reply("4242", "command:checks")).text).toContain("not about a task");
  const many = Array.from({ length: 11 }, (_, index) => `file:${index}.txt`).join(" ");
  expect((await reply(anchor, many)).text).toContain("at most 10 links");
  expect(await attached(key)).toEqual([]);
});

test("talk is left alone; a blocked task repeats its question, and ? asks for help", async () => {
  const { key, anchor } = await carded();
  expect(await reply(anchor, "nice work")).toEqual({ reaction: null, text: null });
  expect((await reply(anchor, "?")).text).toContain("checks (command), the clip (file), report (file)");
  const question = { kind: "question", reason: "Two cuts", question: "Which one?", choices: ["A", "B"] };
  well(await blockTask(open.house, { key, ...question }, OPERATOR));
  expect((await reply(anchor, "the second")).text).toBe(
    `${key} is blocked and asks: Which one? (A / B)\nAn operator answers here, or with \`/gate unblock ${key} YOUR ANSWER\`.`,
  );
});

async function blocked(key: string, choices: readonly string[]): Promise<void> {
  const asked = { kind: "question", reason: "Two cuts", question: "Which one?", choices };
  well(await blockTask(open.house, { key, ...asked }, OPERATOR));
}
const statusOf = async (key: string) => (await open.house.queue.task(key))?.task.status;

test("the answer to a blocked task's question is written below its card, as one of its choices where it has any", async () => {
  const { key, anchor } = await carded();
  await blocked(key, ["A", "B"]);
  await reply(anchor, "C");
  await reply(anchor, "B", "viewer");
  expect(await statusOf(key)).toBe("blocked");
  expect(await reply(anchor, " b ")).toEqual({
    reaction: "✅",
    text: `${key} is back in the queue. Answer: B`,
  });
  expect(await statusOf(key)).toBe("queued");
});

test("without choices an operator's words are the answer; a question back is none", async () => {
  const { key, anchor } = await carded();
  await blocked(key, []);
  expect((await reply(anchor, "What do you mean?")).text).toContain("Which one?");
  expect(await statusOf(key)).toBe("blocked");
  expect((await reply(anchor, "The licensed one.")).reaction).toBe("✅");
  const [last] = (await open.house.log.events({ after: 0, task: key, limit: 50 })).slice(-1);
  expect(last).toMatchObject({ kind: "task.unblocked", data: { answer: "The licensed one." } });
});

test("a link that fits a requirement which passed already is meant for the other one, and for itself where no other is", async () => {
  const { key, anchor } = await carded([TRUE_COMMAND, REPORT, { ...REPORT, name: "log" }]);
  await reply(anchor, "report: file:out.txt");
  const proof = (await open.house.queue.task(key))?.proofs[0];
  if (proof === undefined) throw new Error("no proof");
  const passed = { verdict: "passed", reason: "there", evidence: "file:local:sha256:0:out.txt" } as const;
  well(await settleProof(open.house, { proof, taskKey: key }, passed));
  expect(await reply(anchor, "file:log.txt")).toEqual({ reaction: "⏳", text: null });
  expect((await attached(key)).toSorted()).toEqual(["log file:log.txt", "report file:out.txt"]);
  expect(await reply(anchor, "file:log-2.txt")).toEqual({ reaction: "⏳", text: null });
  expect((await attached(key)).toSorted()).toEqual(["log file:log-2.txt", "report file:out.txt"]);
});

test("asked back in a thread of the page, people find a line for each choice on the bot's message", async () => {
  const { key, anchor } = await carded([REPORT, { ...REPORT, name: "the log" }]);
  const page = openPage(open.house);
  await page.say("file:out.txt", Number(anchor));
  const thread = await open.house.localChat.thread("gatehouse", Number(anchor), 10);
  expect(thread.at(-1)?.data).toMatchObject({
    answer: { suggestions: [expect.any(String), `/gate prove ${key} file:out.txt --requirement "the log"`] },
  });
  expect(thread.map(({ reaction }) => reaction)).toEqual(["❌", null]);
  const chosen = await page.line(`/gate prove ${key} file:out.txt --requirement "the log"`, Number(anchor));
  expect(chosen.answer).toMatchObject({ kind: "done" });
  await page.close();
});

test("below a message of the bot's that is about no task, a link is told so on the page, and talk is left alone", async () => {
  const page = openPage(open.house);
  const { localChat } = open.house;
  const digest = { channel: "gatehouse", thread: null, author: "bot:gatehouse", kind: "digest" } as const;
  const head = (await localChat.post({ ...digest, task: null, text: "x", data: {} })) ?? 0;
  await page.say("nice", head);
  await page.say("command:checks", head);
  const below = await localChat.thread("gatehouse", head, 10);
  expect(below.map(({ text, reaction }) => [text.slice(0, 30), reaction])).toEqual([
    ["nice", null],
    ["command:checks", "❌"],
    ["This thread is not about a tas", null],
  ]);
  await page.close();
});
