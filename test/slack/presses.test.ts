import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, OPERATOR } from "../support/story.ts";
import { type SlackStandIn, startSlack } from "./server.ts";
import { answers, found, type RunningBot, startBot } from "./support/bot.ts";
import { BOT } from "./workspace.ts";

// What is pressed stands for a whole line: handled once however often it is handed over, and refused with what is true
// now where the task has changed since.

const CHANNEL = "C0GENERAL";
let open: TestHouse;
let slack: SlackStandIn;
let bot: RunningBot;
beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  const ada = { platform: "slack", sort: "person", subject: "U0ADA", role: "operator" } as const;
  await open.house.roles.grant(ada, OPERATOR.actor);
  slack = await startSlack();
  bot = startBot({ house: open.house, slack });
  await slack.sockets.connected(2);
});
afterEach(async () => {
  await bot.stop();
  await slack.close();
  await open.close();
  expect(bot.broken).toEqual([]);
});

const card = () =>
  slack.workspace.write(CHANNEL, { user: BOT.user, bot_id: BOT.id, text: "card" }, slack.now()).ts;
const button = (action_id: string, value: string) => ({ type: "button", action_id, value });
const eventsOf = async (key: string, kind: string) => {
  const events = await open.house.log.events({ after: 0, task: key, limit: 50 });
  return events.filter((event) => event.kind === kind);
};
/** The buttons below the last answer, by label. */
const below = (body: any) =>
  Object.fromEntries(
    body.blocks
      .flatMap((block: any) => block.elements ?? [])
      .filter(({ type }: any) => type === "button")
      .map((one: any) => [one.text.text, one]),
  );
/** A press on a message one person alone sees. */
const onQuestion = (pressed: any, message_ts = "900.1", user = "U0ADA") =>
  slack.tell("interactive", {
    type: "block_actions",
    team: { id: "T0GATE" },
    user: { id: user },
    trigger_id: slack.trigger(),
    response_url: slack.responseUrl(),
    channel: { id: CHANNEL },
    container: { type: "message", message_ts, channel_id: CHANNEL, is_ephemeral: true },
    actions: [{ ...pressed, action_ts: "1.1" }],
  });

test("a line is run, and what everybody may see stands below the message that was pressed", async () => {
  const key = await added(open.house);
  const ts = card();
  const version = (await open.house.queue.task(key))?.task.version;
  const line = `/gate prioritize ${key} P1 --version ${version}`;
  const acked = await slack.action(button("gate:prioritize", line), { channel: CHANNEL, ts });
  expect(acked.acked).toBe(true);
  const { body } = await found(() => slack.responses[0]);
  expect(body).toMatchObject({ response_type: "in_channel", replace_original: false, thread_ts: ts });
  expect(body.text).toBe(`${key} is P1 now.`);
});

test("a double click is one change: the second is told what is true now, and only whoever clicked", async () => {
  const key = await added(open.house);
  const ts = card();
  const version = (await open.house.queue.task(key))?.task.version;
  const pressed = button("gate:prioritize", `/gate prioritize ${key} P1 --version ${version}`);
  await Promise.all([1, 2].map(() => slack.action(pressed, { channel: CHANNEL, ts })));
  await found(() => slack.responses.length === 2);
  expect(await eventsOf(key, "task.prioritized")).toHaveLength(1);
  const refused = slack.responses.find(({ body }) => body.response_type === "ephemeral");
  expect(refused?.body.text).toMatch(/stale|version/u);
});

test("the same press handed over three times is handled once", async () => {
  const key = await added(open.house);
  const payload = {
    type: "block_actions",
    team: { id: "T0GATE" },
    user: { id: "U0ADA" },
    trigger_id: slack.trigger(),
    response_url: slack.responseUrl(),
    channel: { id: CHANNEL },
    message: { ts: card() },
    actions: [button("gate:prioritize", `/gate prioritize ${key} P1`)],
  };
  for (const _ of [1, 2, 3]) await slack.tell("interactive", payload);
  await found(() => slack.responses[0]);
  expect(await eventsOf(key, "task.prioritized")).toHaveLength(1);
  expect(slack.responses).toHaveLength(1);
});

test("a select and an overflow menu stand for lines as well", async () => {
  const key = await added(open.house);
  const ts = card();
  const choose = (type: string, value: string) => ({
    type,
    action_id: "gate:more",
    selected_option: { value, text: { type: "plain_text", text: "x" } },
  });
  await slack.action(choose("overflow", `/gate show ${key}`), { channel: CHANNEL, ts });
  await slack.action(choose("static_select", `/gate prioritize ${key} P3`), { channel: CHANNEL, ts });
  await found(() => slack.responses.length === 2);
  expect(answers(slack).toSorted().at(-1)).toContain(key);
  expect(await eventsOf(key, "task.prioritized")).toHaveLength(1);
});

describe("what asks first", () => {
  test("is done once it is confirmed, below the card it began at, and its question goes", async () => {
    const key = await added(open.house);
    const ts = card();
    await slack.action(button("gate:prioritize", `/gate prioritize ${key} P0`), { channel: CHANNEL, ts });
    const { body: question } = await found(() => slack.responses[0]);
    expect(question).toMatchObject({ response_type: "ephemeral" });
    expect(await eventsOf(key, "task.prioritized")).toHaveLength(0);
    await onQuestion(below(question)["Confirm"]);
    await found(() => slack.responses.length === 3);
    expect(slack.responses[1]?.body).toMatchObject({
      response_type: "in_channel",
      thread_ts: ts,
      text: `${key} is P0 now.`,
    });
    expect(slack.responses[2]?.body).toEqual({ delete_original: true });
  });

  test("is done once, however often it is confirmed", async () => {
    const key = await added(open.house);
    await slack.slash(`prioritize ${key} P0`);
    const { body: question } = await found(() => slack.responses[0]);
    for (const _ of [1, 2, 3]) await onQuestion(below(question)["Confirm"]);
    await found(() => slack.responses.length === 3);
    expect(await eventsOf(key, "task.prioritized")).toHaveLength(1);
  });

  test("is not done where it is cancelled", async () => {
    const key = await added(open.house);
    await slack.slash(`prioritize ${key} P0`);
    const { body: question } = await found(() => slack.responses[0]);
    await onQuestion(below(question)["Cancel"]);
    const { body } = await found(() => slack.responses[1]);
    expect(body).toMatchObject({
      response_type: "ephemeral",
      replace_original: true,
      text: "Nothing was done.",
    });
    expect(await eventsOf(key, "task.prioritized")).toHaveLength(0);
  });
});

test("what was misspelt is offered as a button, and runs as it is written there", async () => {
  const key = await added(open.house);
  await slack.slash(`prioritise ${key} P2`);
  const { body } = await found(() => slack.responses[0]);
  const [meant] = Object.values<any>(below(body));
  expect(meant.value).toBe(`/gate prioritize ${key} P2`);
  await onQuestion(meant);
  await found(() => slack.responses[1]);
  expect(await eventsOf(key, "task.prioritized")).toHaveLength(1);
});

test("a line that was longer than its button is found with its notice; one that is gone is told so", async () => {
  const key = await added(open.house);
  const line = `/gate prioritize ${key} P2 "${"why ".repeat(500)}"`;
  await open.house.outbox.post(
    { kind: "digest", text: "x", data: { buttons: [{ label: "Long", line, asks: null }] } },
    null,
  );
  const [notice] = await open.house.outbox.notices({ after: 0, limit: 1, kind: "digest" });
  const at = { channel: CHANNEL, ts: card() };
  await slack.action(button("gate:prioritize", `#${notice?.id}:0`), at);
  await found(() => slack.responses[0]);
  expect(await eventsOf(key, "task.prioritized")).toHaveLength(1);
  await slack.action(button("gate:prioritize", "#99999:0"), at);
  const { body } = await found(() => slack.responses[1]);
  expect(body.text).toContain("cannot be done any more");
});

test("what is no press of the bot's is thanked for and forgotten", async () => {
  const acked = await slack.action(button("gate:unheard-of", "nothing"), { channel: CHANNEL, ts: card() });
  expect(acked.acked).toBe(true);
  expect(await open.house.inbox.dueInMs(["slack"])).toBeNull();
});

describe("where the address of an answer takes nothing any more", () => {
  const used = (url: string) => ({
    type: "block_actions",
    team: { id: "T0GATE" },
    user: { id: "U0ADA" },
    trigger_id: slack.trigger(),
    response_url: url,
    channel: { id: CHANNEL },
    container: { message_ts: card(), channel_id: CHANNEL, is_ephemeral: false },
    actions: [button("gate:status", "/gate status")],
  });

  test("the answer goes to the person in the channel", async () => {
    await slack.tell("interactive", used(`${slack.address}/response/gone`));
    const ephemeral = await found(() => slack.ephemerals[0]);
    expect(ephemeral).toMatchObject({ channel: CHANNEL, user: "U0ADA" });
  });

  test("and to the person alone where the bot is not in the channel", async () => {
    slack.workspace.addChannel({ id: CHANNEL, is_member: false });
    await slack.tell("interactive", used(`${slack.address}/response/gone`));
    const message = await found(() => slack.messages("D0ADA")[0]);
    expect(message.text).toContain("There is no task yet.");
  });
});
