import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { showDigest } from "../../src/commands/show-digest.ts";
import { tellContradictions } from "../../src/commands/tell-contradictions.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { digestNotice } from "../../src/core/digest.ts";
import { AUTO_COMPLETE } from "../../src/core/notice.ts";
import { added, claimed, OPERATOR, well } from "../support/story.ts";
import { answers, found } from "./support/bot.ts";
import { beginStory, CHANNEL, type Story } from "./support/story.ts";
import { BOT } from "./workspace.ts";

// What people do in Slack, from what they write or press to what the channel shows: the real Bolt app, the real outbox,
// and a strict Slack between them.

let story: Story;
const REPORT = { name: "report", kind: "file" } as const;
const ASKED = { kind: "question", reason: "Two fonts", question: "Which font?" };

beforeEach(async () => {
  story = await beginStory();
});
afterEach(async () => {
  await story.close();
  expect(story.bot.broken).toEqual([]);
  // Whatever it says, it says in a way Slack takes.
  const refused = story.slack.calls.filter(({ answer }) =>
    /^(?:invalid|msg|no_text|missing|not_)/u.test(answer),
  );
  expect(refused.map(({ method, answer }) => `${method}: ${answer}`)).toEqual([]);
});

const taskOf = async (key: string) => (await story.open.house.queue.task(key))?.task;
const shown = ({ blocks }: { readonly blocks: readonly unknown[] }): string => JSON.stringify(blocks);
/** Work of the holder's, written after it claimed. */
function leaves(name: string): string {
  mkdirSync(story.open.proofs, { recursive: true });
  writeFileSync(join(story.open.proofs, name), "the report");
  return `file:${name}`;
}
/** Somebody writes below a message, and the bot is told. */
async function reply(head: string, text: string, user = "U0ADA"): Promise<string> {
  const { ts, event } = story.slack.write(text, { thread: head, user });
  await story.slack.event(event);
  await story.settle();
  return ts;
}

describe("a blocked task", () => {
  test("asks its question on its card, and a reply in the thread answers it", async () => {
    const key = await added(story.open.house);
    well(await blockTask(story.open.house, { key, ...ASKED, choices: [] }, OPERATOR));
    await story.settle();
    const card = story.card(key);
    expect(shown(card)).toContain("Which font?");
    const question = await reply(card.ts, "Is there no third one?");
    expect((await taskOf(key))?.status).toBe("blocked");
    expect(story.reactions(question)).toEqual([]);
    const answer = await reply(card.ts, "The licensed one");
    expect((await taskOf(key))?.status).toBe("queued");
    expect(story.reactions(answer)).toEqual(["white_check_mark"]);
    expect(shown(story.card(key))).not.toContain("Which font?");
  });

  test("offers its choices as buttons, and one press unblocks", async () => {
    const key = await added(story.open.house);
    well(await blockTask(story.open.house, { key, ...ASKED, choices: ["Serif", "Sans"] }, OPERATOR));
    await story.settle();
    const { ts } = story.card(key);
    await story.slack.press(CHANNEL, ts, "Sans");
    await found(() => story.slack.responses[0]);
    await story.settle();
    expect(answers(story.slack)).toEqual([`${key} is back in the queue. Answer: Sans`]);
    expect((await taskOf(key))?.status).toBe("queued");
    expect(shown(story.card(key))).not.toContain("Sans");
  });

  test("is not unblocked by a card of before: the press is refused with what is true now", async () => {
    const key = await added(story.open.house);
    const block = () => blockTask(story.open.house, { key, ...ASKED, choices: ["Serif", "Sans"] }, OPERATOR);
    well(await block());
    await story.settle();
    const { ts } = story.card(key);
    await reply(ts, "Serif");
    well(await block());
    // The card is still the one of before the second question: nothing was delivered since.
    const [choice] = story.slack.workspace.message(CHANNEL, ts)?.blocks ?? [];
    expect(choice).toBeDefined();
    const version = (await taskOf(key))?.version ?? 0;
    const line = `/gate unblock ${key} --version ${version - 1} "Sans"`;
    await story.slack.action(
      { type: "button", action_id: "gate:unblock", value: line },
      { channel: CHANNEL, ts },
    );
    const { body } = await found(() => story.slack.responses[0]);
    expect(body).toMatchObject({ response_type: "ephemeral" });
    expect(body.text).toContain(String(version));
    expect((await taskOf(key))?.status).toBe("blocked");
  });

  test("takes the words of whoever presses “Something else…”", async () => {
    const key = await added(story.open.house);
    well(await blockTask(story.open.house, { key, ...ASKED, choices: ["Serif"] }, OPERATOR));
    await story.settle();
    await story.slack.press(CHANNEL, story.card(key).ts, "Something else…");
    const [view] = await found(() => {
      const modals = [...story.slack.views.values()].filter(({ type }) => type === "modal");
      return modals.length > 0 && modals;
    });
    await story.slack.viewSubmission(view?.id ?? "", { words: { words: { value: "Comic Sans" } } });
    await found(() => story.slack.responses[0]);
    expect(answers(story.slack)[0]).toBe(`${key} is back in the queue. Answer: Comic Sans`);
  });
});

test("a task that is reprioritized keeps its one card, edited in place", async () => {
  const key = await added(story.open.house);
  await claimed(story.open.house);
  await story.settle();
  const { ts } = story.card(key);
  await story.slack.slash(`prioritize ${key} P1`);
  await found(() => story.slack.responses[0]);
  await story.settle();
  expect(story.card(key).ts).toBe(ts);
  expect(shown(story.card(key))).toContain("P1");
});

describe("proof by a reply in the thread", () => {
  test("is checked, shown on the reply, and announced once", async () => {
    const key = await added(story.open.house, { requirements: [REPORT] });
    await claimed(story.open.house);
    await story.settle();
    const ts = await reply(story.card(key).ts, `here it is: ${leaves("report.txt")}`);
    expect((await taskOf(key))?.status).toBe("done");
    expect(story.reactions(ts)).toEqual(["white_check_mark"]);
    const announced = story.heads().filter(({ text }) => text.startsWith(AUTO_COMPLETE));
    expect(announced.map(({ text }) => text.includes(key))).toEqual([true]);
    // The same reply told again, and the channel looked at again: nothing more is said.
    const before = story.slack.messages(CHANNEL).length;
    await story.settle();
    expect(story.slack.messages(CHANNEL)).toHaveLength(before);
  });

  test("that does not hold gets ❌ and the reason, below the reply", async () => {
    const key = await added(story.open.house, { requirements: [REPORT] });
    await claimed(story.open.house);
    await story.settle();
    const { ts: card } = story.card(key);
    const ts = await reply(card, "file:nowhere.txt");
    expect(story.reactions(ts)).toEqual(["x"]);
    expect(
      story.below(card).some(({ user, text }) => user === BOT.user && text.includes("nowhere.txt")),
    ).toBe(true);
    expect((await taskOf(key))?.status).not.toBe("done");
  });

  test("edited is checked again, deleted is withdrawn", async () => {
    const key = await added(story.open.house, { requirements: [REPORT, { name: "more", kind: "file" }] });
    await claimed(story.open.house);
    await story.settle();
    const { ts: card } = story.card(key);
    const link = leaves("report.txt");
    const ts = await reply(card, "report: file:nowhere.txt");
    expect(story.reactions(ts)).toEqual(["x"]);
    await story.slack.event(story.slack.rewrite(CHANNEL, ts, `report: ${link}`));
    await story.settle();
    expect(story.reactions(ts)).toEqual(["white_check_mark"]);
    const proofs = async () =>
      (await story.open.house.queue.task(key))?.proofs.map(({ uri, verdict }) => [uri, verdict]);
    expect(await proofs()).toContainEqual([link, "passed"]);
    await story.slack.event(story.slack.erase(CHANNEL, ts));
    await story.settle();
    expect(await proofs()).not.toContainEqual([link, "passed"]);
  });

  test("by somebody without the role is refused on the reply", async () => {
    const key = await added(story.open.house, { requirements: [REPORT] });
    await claimed(story.open.house);
    await story.settle();
    const { ts: card } = story.card(key);
    const ts = await reply(card, leaves("report.txt"), "U0BEN");
    expect(story.reactions(ts)).toEqual(["x"]);
    expect((await story.open.house.queue.task(key))?.proofs).toEqual([]);
  });
});

describe("another bot's claim that something is complete", () => {
  test("is answered with what the queue says, and becomes a contradiction people can look after", async () => {
    const { house } = story.open;
    const key = await added(house, { requirements: [REPORT] });
    await claimed(house);
    const said = story.slack.write(`🔵🔵🔵 AUTO-COMPLETE ${key}`, { user: "U0AGENT" });
    await story.slack.event({ ...said.event, subtype: "bot_message", bot_id: "B0AGENT" });
    await story.settle();
    expect(story.reactions(said.ts)).toEqual(["x"]);
    expect(story.below(said.ts).map(({ text }) => text.includes(key))).toEqual([true]);

    await watchQueue(house);
    await tellContradictions(house);
    await story.settle();
    const told = story
      .heads()
      .find(({ text }) => /#\d+ /u.test(text) && text.includes(key) && !text.startsWith(key));
    if (told === undefined)
      throw new Error(
        `nothing was told: ${story
          .heads()
          .map(({ text }) => text)
          .join("\n")}`,
      );
    const [record] = await house.contradictions.standing();
    await story.slack.press(CHANNEL, told.ts, "I look after it");
    await found(() => story.slack.responses[0]);
    expect((await house.contradictions.get(record?.id ?? 0))?.acknowledgedBy).toBe("person:slack:U0ADA");
    await story.slack.press(CHANNEL, told.ts, "4 hours");
    await found(() => story.slack.responses[1]);
    expect((await house.contradictions.get(record?.id ?? 0))?.snoozedUntil).toBeGreaterThan(Date.now());
  });
});

describe("the digest", () => {
  test("is answered to whoever asks, and shared where that is asked for", async () => {
    await story.slack.slash("digest");
    await story.slack.slash("digest --share");
    await found(() => story.slack.responses.length === 2);
    expect(story.slack.responses.map(({ body }) => String(body.response_type)).toSorted()).toEqual([
      "ephemeral",
      "in_channel",
    ]);
  });

  test("names who is needed, and what can be done about it works from there", async () => {
    const { house } = story.open;
    const key = await added(house);
    well(await blockTask(house, { key, ...ASKED, choices: ["Serif", "Sans"] }, OPERATOR));
    const facts = well(await showDigest(house, { window: "1h", lanes: null, zone: "UTC" }));
    const notice = digestNotice(facts, { channel: `slack:${CHANNEL}`, zone: "UTC" });
    await house.outbox.post(notice, null, { platform: "slack", channel: CHANNEL });
    await story.settle();
    const digest = story.heads().find(({ text }) => text.startsWith("Digest"));
    if (digest === undefined) throw new Error("no digest");
    await story.slack.press(CHANNEL, digest.ts, "Serif");
    await found(() => story.slack.responses[0]);
    expect((await taskOf(key))?.status).toBe("queued");
  });
});
