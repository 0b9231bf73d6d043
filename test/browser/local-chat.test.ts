import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";
import { commandLine, type LocalChat, live, message, openLocalChat, say } from "./support/local-chat.ts";

let chat: LocalChat;
let page: Page;
let session = 0;

beforeAll(async () => {
  chat = await openLocalChat();
});
afterEach(() => page.context().close());
afterAll(() => chat.close());

/** Claims until this task is held: what other stories left in the queue is taken up as well. */
async function taken(key: string): Promise<void> {
  for (;;) {
    session += 1;
    const held = await claimed(chat.house, `s-${session}`);
    if (held.task.key === key) return;
  }
}

const FILE = { name: "clip", kind: "file", path: "clips/intro.txt" } as const;

test("a card appears live when an agent takes up a task, and is edited where it stands", async () => {
  page = await chat.visit();
  const key = await added(chat.house, { title: "Appears live", priority: "P1" });
  await taken(key);
  const card = message(page, "task-card", key);
  await card.getByText("active", { exact: true }).waitFor();
  expect(await card.getByRole("heading").textContent()).toBe("Appears live");
  await card.getByText("ada", { exact: true }).waitFor();
  await card.getByRole("meter", { name: "Lease" }).waitFor();
  const question = {
    kind: "question",
    reason: "Two fonts",
    question: "Which font?",
    choices: ["Inter", "Noto Sans"],
  };
  well(await blockTask(chat.house, { key, ...question }, OPERATOR));
  await card.getByText("Which font?").waitFor();
  expect(await card.count()).toBe(1);
  // The answer is one press away, and carries the version it was decided on.
  await card.getByRole("button", { name: "Noto Sans" }).click();
  await card.getByText("queued", { exact: true }).waitFor();
  expect((await chat.house.log.events({ after: 0, task: key, limit: 99 })).at(-1)).toMatchObject({
    kind: "task.unblocked",
    actor: "person:local:operator",
    data: { answer: "Noto Sans" },
  });
  await message(page, "answer", key).getByText("is back in the queue").waitFor();
});

test("a thread reply attaches proof, is seen to be checked, and ends in ✅ and AUTO-COMPLETE", async () => {
  page = await chat.visit();
  const key = await added(chat.house, {
    title: "Cut the intro",
    priority: "P0",
    requirements: [TRUE_COMMAND, FILE],
  });
  await taken(key);
  const card = message(page, "task-card", key);
  await card.getByRole("button", { name: "Attach proof" }).click();
  const thread = page.getByRole("region", { name: key });
  const reply = thread.getByLabel("Reply in this thread");
  await reply.fill("The checks: command:checks");
  await reply.press("Enter");
  const first = thread.getByRole("listitem").filter({ hasText: "The checks:" });
  await first.getByRole("img", { name: "the proof holds" }).waitFor();
  await card.getByText("1 reply").waitFor();
  expect(await message(page, "auto-complete", key).count()).toBe(0);

  await reply.fill("file:clips/other.txt");
  await reply.press("Enter");
  const wrong = thread.getByRole("listitem").filter({ hasText: "file:clips/other.txt" });
  await wrong.getByRole("img", { name: "refused or failed" }).first().waitFor();
  await thread.getByText("No requirement of the policy takes such a link").waitFor();

  chat.proofFile("clips/intro.txt", "thirty seconds\n");
  await reply.fill("and the clip itself: file:clips/intro.txt");
  await reply.press("Enter");
  const done = message(page, "auto-complete", key);
  await done.waitFor();
  expect(await done.locator(".cry").textContent()).toBe("🔵🔵🔵 AUTO-COMPLETE");
  await done.getByText("Cut the intro").waitFor();
  expect(await done.getByRole("listitem").allTextContents()).toEqual([
    expect.stringMatching(/^✓checkscommand:local:/u),
    expect.stringMatching(/^✓clipfile:local:sha256:/u),
  ]);
  await thread
    .getByRole("listitem")
    .filter({ hasText: "and the clip itself" })
    .getByRole("img", { name: "the proof holds" })
    .waitFor();
  await card.getByText("done", { exact: true }).waitFor();
  expect((await chat.house.queue.task(key))?.task).toMatchObject({ status: "done", completion: "proved" });
  expect(await done.count()).toBe(1);
});

test("whoever edits or deletes the message that attached proof sees it checked again or withdrawn", async () => {
  page = await chat.visit();
  const key = await added(chat.house, {
    title: "Cut the outro",
    priority: "P0",
    requirements: [TRUE_COMMAND, { ...FILE, path: "clips/outro.txt" }],
  });
  await taken(key);
  chat.proofFile("clips/outro.txt", "ten seconds\n");
  await message(page, "task-card", key).getByRole("button", { name: "Attach proof" }).click();
  const thread = page.getByRole("region", { name: key });
  const reply = thread.getByLabel("Reply in this thread");
  await reply.fill("The outro: file:clips/outro.txt");
  await reply.press("Enter");
  const replies = thread.getByRole("list", { name: "Replies" });
  // One's own alone can be changed.
  const said = replies.getByRole("listitem").filter({ has: page.locator(".own") });
  const editor = thread.getByLabel("Your message, to be changed");
  const holds = said.getByRole("img", { name: "the proof holds" });
  const refused = said.getByRole("img", { name: "refused or failed" });
  const proofs = async () =>
    (await chat.house.queue.task(key))?.proofs.map(({ requirement, verdict }) => [requirement, verdict]);
  await holds.waitFor();

  await said.getByRole("button", { name: "Edit" }).click();
  expect(await editor.inputValue()).toBe("The outro: file:clips/outro.txt");
  await editor.fill("The outro is not cut yet");
  await editor.press("Enter");
  await refused.waitFor();
  await replies.getByText("was changed and does not hold this link any more").waitFor();
  expect(await proofs()).toEqual([["clip", "failed"]]);

  await said.getByRole("button", { name: "Edit" }).click();
  await editor.fill("Now it is: file:clips/outro.txt");
  await said.getByRole("button", { name: "Save" }).click();
  await holds.waitFor();
  expect(await proofs()).toEqual([["clip", "passed"]]);

  await said.getByRole("button", { name: "Delete" }).click();
  await said.getByText("Proof it attached is withdrawn.").waitFor();
  await said.getByRole("button", { name: "Keep it" }).click();
  await said.getByRole("button", { name: "Delete" }).click();
  await said.getByRole("button", { name: "Delete it" }).click();
  await replies.getByText("The message that attached it was deleted").waitFor();
  await said.waitFor({ state: "detached" });
  expect(await proofs()).toEqual([["clip", "failed"]]);
  // The rest alone completes nothing.
  await reply.fill("command:checks");
  await reply.press("Enter");
  await holds.waitFor();
  expect((await chat.house.queue.task(key))?.task.status).toBe("active");
});

test("a command is typed with completion: arrows choose, Tab takes, Enter sends", async () => {
  page = await chat.visit();
  const key = await added(chat.house, { title: "Move me up", priority: "P4" });
  await commandLine(page).focus();
  await page.keyboard.type("/g");
  await page.getByRole("option", { name: "/gate" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("prio");
  await page.getByRole("option", { name: "prioritize" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type(key.toLowerCase());
  const option = page.getByRole("option", { name: key });
  await option.waitFor();
  await page.keyboard.press("ArrowDown");
  expect(await option.getAttribute("aria-selected")).toBe("true");
  expect(await commandLine(page).getAttribute("aria-activedescendant")).toBe(await option.getAttribute("id"));
  await page.keyboard.press("Enter");
  expect(await commandLine(page).inputValue()).toBe(`/gate prioritize ${key} `);
  await page.getByRole("option", { name: "P3" }).waitFor();
  await page.getByText("/gate prioritize TASK PRIORITY [REASON…] [--version N]").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("listbox").waitFor({ state: "hidden" });
  await page.keyboard.type("P3 it can wait a little less");
  await page.keyboard.press("Enter");
  await message(page, "answer", key).getByText(`${key} is P3 now: it can wait a little less`).waitFor();
  expect(await commandLine(page).inputValue()).toBe("");
  expect((await chat.house.queue.task(key))?.task.priority).toBe("P3");
  await page.keyboard.press("ArrowUp");
  expect(await commandLine(page).inputValue()).toBe(`/gate prioritize ${key} P3 it can wait a little less`);
});

test("an answer is for who asked; P0 is asked about first, and a stale card's button is refused", async () => {
  page = await chat.visit();
  const key = await added(chat.house, { title: "Ask me first" });
  const region = page.getByRole("region", { name: "Answers only you see" });
  await say(page, "/gate help");
  await region.getByRole("rowheader", { name: "unblock" }).waitFor();
  await say(page, "/gate priortize x");
  await region.getByRole("button", { name: "/gate prioritize x" }).click();
  expect(await commandLine(page).inputValue()).toBe("/gate prioritize x");
  await say(page, `/gate prioritize ${key} P0`);
  await region.getByText(`P0 puts ${key} before everything else in builder`).waitFor();
  expect((await chat.house.queue.task(key))?.task.priority).toBe("P2");
  await region.getByRole("button", { name: "Do it" }).click();
  await message(page, "answer", key).getByText(`${key} is P0 now.`).waitFor();
  await say(page, `/gate prioritize ${key} P1 --version 1`);
  await region.getByText("stale-version").waitFor();
  await region.getByText("Read it again and decide anew").waitFor();
  await page.reload();
  await live(page);
  expect(await region.getByText("stale-version").count()).toBe(0);
});

test("what was found, what happened and where the page is are drawn as what they are", async () => {
  page = await chat.visit();
  const key = await added(chat.house, { title: "Looked at" });
  const region = page.getByRole("region", { name: "Answers only you see" });
  const dismiss = () => region.getByRole("button", { name: "Dismiss" }).last().click();
  for (let at = 0; at < 16; at += 1) {
    const input = { key, priority: at % 2 === 0 ? "P3" : "P4" } as const;
    well(await prioritizeTask(chat.house, input, OPERATOR));
  }
  await say(page, `/gate audit ${key}`);
  const events = region.getByRole("table", { name: "Events" });
  await events.getByText("task.prioritized").first().waitFor();
  expect(await events.getByRole("row").count()).toBe(16);
  await region.getByRole("button", { name: "Earlier" }).click();
  await events.getByText("task.added").waitFor();
  await events.getByRole("button", { name: key }).first().click();
  await region.getByRole("heading", { name: "Looked at" }).waitFor();
  await say(page, "/gate validate");
  await region.getByText(/The queue is (?:not )?valid: \d+ tasks, checked at/).waitFor();
  await say(page, "/gate digest");
  await region.getByText(/^Moved: /).waitFor();
  await say(page, "/gate dashboard");
  const link = region.getByRole("link");
  await link.waitFor();
  expect(await link.getAttribute("href")).toBe(chat.url);
  await dismiss();
  await say(page, `/gate cancel ${key} not needed`);
  await region.getByText(`Cancelling ${key} frees no place, strands nothing.`).waitFor();
  await region.getByRole("button", { name: "Do it" }).click();
  await message(page, "answer", key).getByText(`${key} is cancelled: not needed`).waitFor();
  // What is shared stands in the channel, drawn as for its caller alone.
  await say(page, `/gate audit ${key} --share`);
  const shared = page.getByRole("feed").getByRole("table", { name: "Events" });
  await shared.getByText("task.cancelled").waitFor();
});

test("after a restart of the bot the page comes back by itself, with everything once", async () => {
  page = await chat.visit();
  const before = await added(chat.house, { title: "Before the restart", priority: "P0" });
  await taken(before);
  await message(page, "task-card", before).waitFor();
  await chat.stopBot();
  await page.getByText("Reconnecting…").waitFor();
  await say(page, "/gate status");
  await page.getByText("Gatehouse does not answer").waitFor();
  const during = await added(chat.house, { title: "While it was away", priority: "P0" });
  await taken(during);
  well(
    await blockTask(
      chat.house,
      { key: before, kind: "question", reason: "Unclear", question: "And now?" },
      OPERATOR,
    ),
  );
  await chat.startBot();
  await live(page);
  await message(page, "task-card", during).waitFor();
  await message(page, "task-card", before).getByText("And now?").waitFor();
  const ids = await page
    .locator("#feed article")
    .evaluateAll((articles) => articles.map((one) => one.getAttribute("data-id")));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.map(Number)).toEqual(ids.map(Number).toSorted((a, b) => a - b));
  const stored = await chat.house.localChat.page("gatehouse", { limit: 100 });
  expect(ids.map(Number)).toEqual(stored.map(({ id }) => id));
});

test("the panel beside the channel follows what goes on", async () => {
  page = await chat.visit();
  const panel = page.getByRole("complementary", { name: "The queue now" });
  const key = await added(chat.house, { title: "Seen at work", priority: "P0" });
  await taken(key);
  await panel.getByRole("button", { name: key }).waitFor();
  await panel.getByText("Seen at work").waitFor();
  await panel.getByRole("img", { name: /\d+ of 100 at work/u }).waitFor();
  well(await blockTask(chat.house, { key, kind: "question", reason: "Done looking" }, OPERATOR));
  await panel.getByRole("button", { name: key }).waitFor({ state: "detached" });
  await panel.getByRole("button", { name: /blocked: list them/u }).click();
  await page
    .getByRole("region", { name: "Answers only you see" })
    .getByRole("rowheader", { name: key })
    .waitFor();
});

test("earlier messages are a press away, and what is new does not tear the reader from them", async () => {
  for (let index = 0; index < 70; index += 1) {
    await chat.house.localChat.post({
      channel: "gatehouse",
      thread: null,
      author: "bot:gatehouse",
      kind: "digest",
      task: null,
      text: `Digest number ${index}`,
      data: {},
    });
  }
  page = await chat.visit();
  expect(await page.getByText("Digest number 0", { exact: true }).count()).toBe(0);
  await page.getByRole("button", { name: "Show earlier messages" }).click();
  await page.getByText("Digest number 0", { exact: true }).waitFor();
  await page.locator("#scroll").evaluate((element) => {
    element.scrollTop = 0;
  });
  const key = await added(chat.house, { title: "News", priority: "P0" });
  await taken(key);
  await message(page, "task-card", key).waitFor();
  expect(await page.locator("#scroll").evaluate((element) => element.scrollTop)).toBe(0);
  await page.getByRole("button", { name: "New messages" }).click();
  await page.getByRole("button", { name: "New messages" }).waitFor({ state: "hidden" });
});
