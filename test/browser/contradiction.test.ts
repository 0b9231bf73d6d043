// What needs a person on the page, and the buttons that come with it: a completion that somebody claims is told as a
// contradiction and looked after with one press; a digest's needs are answered where they stand.
import { afterAll, beforeAll, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { postHeartbeats } from "../../src/commands/post-heartbeats.ts";
import { digestOf } from "../../src/commands/show-digest.ts";
import { digestNotice } from "../../src/core/digest.ts";
import { added, OPERATOR, well } from "../support/story.ts";
import { commandLine, type LocalChat, openLocalChat, say } from "./support/local-chat.ts";

let chat: LocalChat;

beforeAll(async () => {
  chat = await openLocalChat();
});
afterAll(() => chat.close());

test("a claim on the page becomes a contradiction with its number, and a press says who looks after it", async () => {
  const key = await added(chat.house, { title: "Not done yet" });
  const page = await chat.visit();
  await say(page, `🔵🔵🔵 AUTO-COMPLETE ${key} trust me`);
  const card = page.locator('#feed article[data-kind="contradiction"]');
  await card.getByText(/Contradiction #\d+ · Completion claimed in chat/u).waitFor();
  await card.getByText(`names ${key}, and the queue says it is queued`).waitFor();
  await card.getByRole("button", { name: "I look after it" }).click();
  await card.getByText("person:local:operator looks after it").waitFor();
  expect(await card.count()).toBe(1);
  expect(await card.getByRole("button", { name: "I look after it" }).count()).toBe(0);
  const messages = await chat.house.localChat.page("gatehouse", { limit: 10 });
  const said = messages.find(({ kind }) => kind === "said");
  expect(said).toMatchObject({ kind: "said", author: "person:local:operator", replies: 1 });
  expect(await chat.house.contradictions.standing()).toMatchObject([{ state: "acknowledged", task: key }]);
});

test("a digest's and a heartbeat's needs each have their buttons: a press answers, another prepares the line", async () => {
  const { house } = chat;
  const keys = [await added(house, { title: "Pick a font" }), await added(house, { title: "Pick a colour" })];
  const question = { kind: "decision", reason: "two fit", owner: "person:local:mia" };
  for (const [index, key] of keys.entries()) {
    const asked = { ...question, question: `Which one, ${index}?`, choices: ["This", "That"] };
    well(await blockTask(house, { key, ...asked }, OPERATOR));
  }
  await postHeartbeats(house);
  const page = await chat.visit();
  const heartbeat = page.locator('#feed article[data-kind="heartbeat"]').last();
  const needs = heartbeat.locator(".need");
  const first = needs.filter({ hasText: `${keys[0]} is blocked` });
  await first.getByRole("group", { name: `What to do about ${keys[0]}` }).waitFor();
  await first.getByRole("button", { name: "That" }).click();
  await page.getByText(`${keys[0]} is back in the queue. Answer: That`).waitFor();
  expect((await house.queue.task(keys[0] ?? ""))?.task.status).toBe("queued");
  // The same press once more acts on a version that is no more: it is refused, and says so.
  await first.getByRole("button", { name: "This" }).click();
  await page.getByRole("region", { name: "Answers only you see" }).getByText("queue-truth").waitFor();

  const now = await house.queue.now();
  const facts = await digestOf(house, { from: now - 3_600_000, to: now }, null);
  const notice = digestNotice(facts, { channel: "local:gatehouse", zone: "UTC" });
  await house.outbox.post(notice, null, { platform: "local", channel: "gatehouse" });
  const digest = page.locator('#feed article[data-kind="digest"]').last();
  const second = digest.locator(".need").filter({ hasText: `${keys[1]} is blocked` });
  await second.getByRole("button", { name: "Something else…" }).click();
  expect(await commandLine(page).inputValue()).toBe(`/gate unblock ${keys[1]} --version 2 `);
});
