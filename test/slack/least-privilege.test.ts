import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { wantedScopes } from "../../adapters/chat/slack/manifest.ts";
import { added, claimed } from "../support/story.ts";
import { answers, found } from "./support/bot.ts";
import { beginStory, CHANNEL, type Story } from "./support/story.ts";

// With the manifest of --no-history the bot reads no channel: it hears only what names it, and proof still comes by
// mention, by the message shortcut and by the card's button.

let story: Story;
const REPORT = { name: "report", kind: "file" } as const;

beforeEach(async () => {
  story = await beginStory({ scopes: wantedScopes({ history: false }) });
});
afterEach(async () => {
  await story.close();
  expect(story.bot.broken).toEqual([]);
  expect(
    story.slack.calls.filter(({ answer }) => answer === "missing_scope").map(({ method }) => method),
  ).toEqual([]);
});

const statusOf = async (key: string) => (await story.open.house.queue.task(key))?.task.status;
function leaves(name: string): string {
  mkdirSync(story.open.proofs, { recursive: true });
  writeFileSync(join(story.open.proofs, name), "the report");
  return `file:${name}`;
}
async function activeCard(): Promise<{ readonly key: string; readonly card: string }> {
  const key = await added(story.open.house, { requirements: [REPORT] });
  await claimed(story.open.house);
  await story.settle();
  return { key, card: story.card(key).ts };
}

test("a mention in the card's thread attaches what is linked in it", async () => {
  const { key, card } = await activeCard();
  const { ts, event } = story.slack.write(`<@U0BOT> ${leaves("report.txt")}`, { thread: card });
  await story.slack.event({ ...event, type: "app_mention" });
  await story.settle();
  expect(await statusOf(key)).toBe("done");
  expect(story.reactions(ts)).toEqual(["white_check_mark"]);
});

test("“Attach as proof” on a reply below the card does the same, by whoever chose it", async () => {
  const { key, card } = await activeCard();
  // Ben may not attach; Ada may, and attaches his message.
  const { ts } = story.slack.write(leaves("report.txt"), { thread: card, user: "U0BEN" });
  await story.slack.shortcut("gate:attach", { user: "U0BEN", channel: CHANNEL, ts });
  await story.settle();
  expect(story.reactions(ts)).toEqual(["x"]);
  expect(await statusOf(key)).toBe("active");
  await story.slack.shortcut("gate:attach", { channel: CHANNEL, ts });
  await story.settle();
  expect(await statusOf(key)).toBe("done");
  expect(story.reactions(ts)).toEqual(["white_check_mark"]);
});

test("on a message elsewhere it asks for the task, with the link in its field", async () => {
  const { key } = await activeCard();
  const { ts } = story.slack.write(`look, <https://example.com/x|x> and ${leaves("report.txt")}`, {});
  await story.slack.shortcut("gate:attach", { channel: CHANNEL, ts });
  const view = await found(() =>
    [...story.slack.views.values()].find((one) => one.view["callback_id"] === "gate:prove"),
  );
  const link = view.view["blocks"].find((block: any) => block.block_id === "arg:prove:link");
  expect(link.element.initial_value).toBe("https://example.com/x");
  await story.slack.viewSubmission(view.id, {
    "arg:prove:task": { "offer:prove:task": { selected_option: { value: key } } },
    "arg:prove:link": { value: { value: "file:report.txt" } },
  });
  await found(() => story.slack.responses[0]);
  expect(answers(story.slack)[0]).toContain(`Attached to ${key}`);
  await story.settle();
  expect(await statusOf(key)).toBe("done");
});

test("the card's button opens the form of its task", async () => {
  const { key, card } = await activeCard();
  await story.slack.press(CHANNEL, card, "Attach proof…");
  const view = await found(() =>
    [...story.slack.views.values()].find((one) => one.view["callback_id"] === "gate:prove"),
  );
  const task = view.view["blocks"].find((block: any) => block.block_id === "arg:prove:task");
  expect(task.element.initial_option.value).toBe(key);
});

test("whoever names the bot is answered below the message, in a thread as well", async () => {
  const { event, ts } = story.slack.write("<@U0BOT> status", {});
  await story.slack.event({ ...event, type: "app_mention" });
  await story.settle();
  expect(story.below(ts)).toHaveLength(1);
  const below = story.slack.write("<@U0BOT> me", { thread: ts });
  await story.slack.event({ ...below.event, type: "app_mention" });
  await story.settle();
  expect(story.below(ts).at(-1)?.text).toContain("operator");
});

test("a shortcut from anywhere opens the form of every command, and its answer goes to the person alone", async () => {
  await story.slack.shortcut("gate:form");
  const view = await found(() =>
    [...story.slack.views.values()].find((one) => one.view["callback_id"] === "gate:line"),
  );
  const values = { pick: { "gate:pick": { selected_option: { value: "me" } } } };
  const drawn = await story.slack.viewSubmission(view.id, values);
  view.view = drawn.body.view;
  await story.slack.viewSubmission(view.id, values);
  const message = await found(() => story.slack.messages("D0ADA")[0]);
  expect(message.text).toContain("operator");
});
