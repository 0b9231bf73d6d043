// A completion that somebody claims on the page: answered below, told as a contradiction, and looked after with one press.
import { afterAll, beforeAll, expect, test } from "vitest";
import { added } from "../support/story.ts";
import { type LocalChat, openLocalChat, say } from "./support/local-chat.ts";

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
