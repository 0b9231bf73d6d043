import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chatDesk } from "../../src/doors/chat/desk.ts";
import { speakers } from "../../src/doors/chat/speakers.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND } from "../support/story.ts";
import { type SlackStandIn, startSlack } from "./server.ts";
import { answers, found, handled, newReceiver, type RunningBot, startBot } from "./support/bot.ts";
import { CHANNEL, cardOf, postDue } from "./support/floor.ts";

// What goes wrong between Slack and the bot, and what comes of it: nothing that was thanked for is lost, and nothing is
// done twice.

let open: TestHouse;
let slack: SlackStandIn;
let bot: RunningBot | null;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  const ada = { platform: "slack", sort: "person", subject: "U0ADA", role: "operator" } as const;
  await open.house.roles.grant(ada, OPERATOR.actor);
  slack = await startSlack();
  bot = null;
});
afterEach(async () => {
  await bot?.stop();
  await slack.close();
  await open.close();
});

async function connect(): Promise<RunningBot> {
  bot = startBot({ house: open.house, slack });
  await slack.sockets.connected(2);
  return bot;
}

const proofsOf = async (key: string) => (await open.house.queue.task(key))?.proofs.map(({ uri }) => uri);
const attachedTo = async (key: string) => {
  const events = await open.house.log.events({ after: 0, task: key, limit: 100 });
  return events.filter(({ kind }) => kind === "proof.attached");
};
async function activeCard(): Promise<{ readonly key: string; readonly card: string }> {
  await open.house.channels.setChannel({ platform: "slack", name: CHANNEL }, {});
  const key = await added(open.house, { requirements: [TRUE_COMMAND, { name: "report", kind: "file" }] });
  await claimed(open.house);
  await postDue(open.house, slack);
  return { key, card: await cardOf(open.house, key) };
}

describe("each event", () => {
  test("three times is one, by message and by mention", async () => {
    const { key, card } = await activeCard();
    await connect();
    const { event } = slack.write("<@U0BOT> report: `file:out.txt`", { thread: card });
    for (const attempt of [1, 2, 3]) {
      await slack.event(event, { retry: { attempt, reason: "http_timeout" } });
      await slack.event({ ...event, type: "app_mention" });
    }
    await handled(open.house);
    expect(await proofsOf(key)).toEqual(["file:out.txt"]);
    expect(await attachedTo(key)).toHaveLength(1);
  });

  test("out of order: the edit before its message, and the message says nothing old", async () => {
    const { key, card } = await activeCard();
    await connect();
    const { event, ts } = slack.write("report: file:wrong.txt", { thread: card });
    const edit = slack.rewrite(CHANNEL, ts, "report: file:right.txt");
    await slack.event(edit);
    await slack.event(event);
    await handled(open.house);
    expect(await proofsOf(key)).toEqual(["file:right.txt"]);
    expect(await attachedTo(key)).toHaveLength(1);
  });

  test("out of order: the deletion before its message, which then attaches nothing", async () => {
    const { key, card } = await activeCard();
    await connect();
    const { event, ts } = slack.write("report: file:wrong.txt", { thread: card });
    await slack.event(slack.erase(CHANNEL, ts));
    await slack.event(event);
    await handled(open.house);
    expect(await proofsOf(key)).toEqual([]);
  });
});

describe("a process that is killed", () => {
  test("between thanking and handling loses nothing: another one answers, once", async () => {
    const key = await added(open.house);
    // Everything of a bot but what handles: as if it died right after it had thanked.
    const stopping = new AbortController();
    const receiver = newReceiver(slack);
    const desk = chatDesk({
      house: open.house,
      speakers: speakers(open.house, [receiver]),
      verbs: allVerbs,
      platform: "slack",
      arrived: new Nudge(),
      nudge: new Nudge(),
      broke: () => undefined,
    });
    const running = receiver.run(desk, stopping.signal, () => undefined);
    await slack.sockets.connected(2);
    expect((await slack.slash(`prioritize ${key} P1`)).acked).toBe(true);
    stopping.abort();
    await running;
    expect(slack.responses).toEqual([]);

    await connect();
    await found(() => slack.responses[0]);
    expect(answers(slack)).toEqual([`${key} is P1 now.`]);
  });
});

describe("a database that does not answer", () => {
  test("is said to whoever typed, at once, and the line is not half done", async () => {
    const key = await added(open.house);
    const inbox = {
      ...open.house.inbox,
      receive: () => Promise.reject(new Trouble("database", "The database is locked.")),
    };
    bot = startBot({ house: { ...open.house, inbox }, slack });
    await slack.sockets.connected(2);
    const acked = await slack.slash(`prioritize ${key} P1`);
    expect(acked.body.text).toContain("nothing was done");
    const { event } = slack.write("<@U0BOT> status", {});
    // Unthanked: Slack tells it again, and by then it can be kept.
    expect((await slack.event(event)).acked).toBe(false);
    await bot.stop();
    await slack.sockets.connected(0);
    await connect();
    expect((await slack.event(event)).acked).toBe(true);
  });
});

describe("after a time without a connection", () => {
  test("threads are read back, under the same names, so that nothing is taken twice", async () => {
    const { key, card } = await activeCard();
    await connect();
    const heard = slack.write("report: file:heard.txt", { thread: card });
    await slack.event(heard.event);
    await handled(open.house);
    await bot?.stop();

    slack.write("report: file:missed.txt", { thread: card });
    slack.workspace.write(
      CHANNEL,
      { user: "U0BOT", bot_id: "B0BOT", text: "file:own.txt", thread_ts: card },
      slack.now(),
    );
    bot = startBot({ house: open.house, slack, gapMs: 0 });
    await found(async () => (await proofsOf(key))?.includes("file:missed.txt"));
    await handled(open.house);
    expect((await attachedTo(key)).map(({ data }) => data["uri"])).toEqual([
      "file:heard.txt",
      "file:missed.txt",
    ]);
  });

  test("an edit that was missed counts", async () => {
    const { key, card } = await activeCard();
    await connect();
    const { event, ts } = slack.write("report: file:first.txt", { thread: card });
    await slack.event(event);
    await handled(open.house);
    await bot?.stop();
    slack.rewrite(CHANNEL, ts, "report: file:second.txt");
    bot = startBot({ house: open.house, slack, gapMs: 0 });
    await found(async () => (await proofsOf(key))?.includes("file:second.txt"));
  });

  test("without the history scopes there is nothing to read, and that is no fault", async () => {
    await activeCard();
    for (const scope of ["channels:history", "groups:history"]) slack.scopes.delete(scope);
    bot = startBot({ house: open.house, slack, gapMs: 0 });
    await found(() => slack.callsOf("conversations.replies")[0]);
    await slack.sockets.connected(2);
    expect(bot.broken).toEqual([]);
  });
});
