import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND } from "../support/story.ts";
import { type SlackStandIn, startSlack } from "./server.ts";
import { answers, found, type RunningBot, startBot } from "./support/bot.ts";
import { BOT } from "./workspace.ts";

// Forms: opened at once with a word that it works on it, filled in when it knows more, checked before they are kept.

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

const modal = () => [...slack.views.values()].findLast(({ type }) => type === "modal");
/** The form as it stands once it is more than a loading view. */
const form = () =>
  found(() => {
    const view = modal();
    return view !== undefined && view.view["callback_id"] !== "gate:nothing" ? view : null;
  });
const optionsOf = (block: any): readonly string[] =>
  block.element.options.map((option: any) => String(option.value));
const text = (value: string) => ({ value: { type: "plain_text_input", value } });
const picked = (path: string) => ({
  pick: { "gate:pick": { type: "static_select", selected_option: { value: path } } },
});
const chosen = (action: string, value: string) => ({
  [action]: { type: "external_select", selected_option: { value } },
});
const button = (action_id: string, value: string) => {
  const { ts } = slack.workspace.write(
    CHANNEL,
    { user: BOT.user, bot_id: BOT.id, text: "card" },
    slack.now(),
  );
  return slack.action({ type: "button", action_id, value }, { channel: CHANNEL, ts });
};

describe("/gate alone", () => {
  test("opens a form at once, of the commands its caller may use", async () => {
    const acked = await slack.slash("");
    expect(acked).toMatchObject({ acked: true, body: {} });
    const { view } = await form();
    const paths = optionsOf(view["blocks"][0]);
    expect(paths).toContain("prioritize");
    expect(slack.callsOf("views.open").map(({ answer }) => answer)).toEqual(["ok"]);
    await slack.slash("", { user: "U0BEN" });
    await found(() => slack.callsOf("views.update").length === 2);
    expect(optionsOf(modal()?.view["blocks"][0])).not.toContain("prioritize");
  });

  test("draws a command's own fields, searches tasks, says what is wrong beside the field, and runs the line", async () => {
    const key = await added(open.house, { title: "Cut <!channel> the clip" });
    await slack.slash("");
    const { id } = await form();
    await slack.action(
      {
        type: "static_select",
        action_id: "gate:pick",
        block_id: "pick",
        selected_option: { value: "prioritize" },
      },
      { view: id },
    );
    const drawn = await found(() => (modal()?.view["blocks"].length > 2 ? modal() : null));
    const blocks = drawn.view["blocks"].map((block: any) => block.block_id);
    expect(blocks).toContain("arg:prioritize:task");
    expect(blocks).not.toContain("arg:prioritize:version");
    const offered = await slack.options("offer:prioritize:task", "", { view: id });
    expect(offered.body.options).toMatchObject([
      { value: key, text: { type: "plain_text" }, description: { text: "Cut <!channel> the clip · queued" } },
    ]);
    const values = {
      ...picked("prioritize"),
      "arg:prioritize:task": chosen("offer:prioritize:task", key),
      "arg:prioritize:priority": { value: { selected_option: { value: "P9" } } },
    };
    const wrong = await slack.viewSubmission(id, values);
    expect(wrong.body).toMatchObject({
      response_action: "errors",
      errors: { "arg:prioritize:priority": expect.stringContaining("P9") },
    });
    const right = await slack.viewSubmission(id, {
      ...values,
      "arg:prioritize:priority": { value: { selected_option: { value: "P1" } } },
      "arg:prioritize:reason": text('she said "now"\nand meant it'),
    });
    expect(right).toMatchObject({ acked: true, body: {} });
    await found(() => slack.responses[0]);
    expect(answers(slack)[0]).toContain(`${key} is P1 now: she said "now"`);
  });

  test("submitted before its fields were drawn, it draws them", async () => {
    await slack.slash("");
    const { id } = await form();
    const answer = await slack.viewSubmission(id, picked("status"));
    expect(answer.body).toMatchObject({ response_action: "update", view: { callback_id: "gate:line" } });
  });

  test("submitted three times, it is run once", async () => {
    const key = await added(open.house);
    await slack.slash("");
    const { id } = await form();
    await slack.action(
      {
        type: "static_select",
        action_id: "gate:pick",
        block_id: "pick",
        selected_option: { value: "prioritize" },
      },
      { view: id },
    );
    await found(() => (modal()?.view["blocks"].length > 2 ? modal() : null));
    const values = {
      ...picked("prioritize"),
      "arg:prioritize:task": chosen("offer:prioritize:task", key),
      "arg:prioritize:priority": { value: { selected_option: { value: "P1" } } },
    };
    for (const _ of [1, 2, 3]) await slack.viewSubmission(id, values);
    await found(() => slack.responses[0]);
    const events = await open.house.log.events({ after: 0, task: key, limit: 20 });
    expect(events.filter(({ kind }) => kind === "task.prioritized")).toHaveLength(1);
  });
});

describe("a button that asks", () => {
  test("opens one field with its question, and what is written completes the line", async () => {
    const key = await added(open.house);
    await button("gate:prioritize", `/gate prioritize ${key} P2\nWhy <!here>?`);
    const { id, view } = await form();
    expect(view["blocks"][0].label).toEqual({ type: "plain_text", text: "Why <!here>?", emoji: false });
    await slack.viewSubmission(id, { words: { words: { value: '--version 99 "quoted"' } } });
    await found(() => slack.responses[0]);
    expect(answers(slack)[0]).toContain(`${key} is P2 now: --version 99 "quoted"`);
  });
});

describe("attaching proof", () => {
  test("by a card's button: the task is known, the requirement is asked for, and the link is checked", async () => {
    const key = await added(open.house, { requirements: [TRUE_COMMAND, { name: "report", kind: "file" }] });
    await claimed(open.house);
    await button("gate:attach", key);
    const { id, view } = await form();
    expect(view["blocks"][0].text.text).toContain("checks (command), report (file)");
    const [task, link] = view["blocks"].filter((block: any) => block.type === "input");
    expect(task.element.initial_option.value).toBe(key);
    expect(link.block_id).toBe("arg:prove:link");
    const offered = await slack.options("offer:prove:requirement", "rep", { view: id });
    expect(offered.body.options).toEqual([]);
    await slack.viewSubmission(id, {
      "arg:prove:task": chosen("offer:prove:task", key),
      "arg:prove:link": text("file:out/report.txt"),
      "arg:prove:requirement": chosen("offer:prove:requirement", "report"),
    });
    await found(() => slack.responses[0]);
    expect(answers(slack)[0]).toContain(`Attached to ${key} as proof of “report”`);
  });

  test("an empty link is refused beside its field", async () => {
    const key = await added(open.house);
    await button("gate:attach", key);
    const { id } = await form();
    const wrong = await slack.viewSubmission(id, { "arg:prove:task": chosen("offer:prove:task", key) });
    expect(wrong.body.errors).toEqual({ "arg:prove:link": expect.stringContaining("LINK is missing") });
  });
});

describe("whoever may not do what a form is for", () => {
  const told = async () => {
    const { body } = await found(() => slack.responses[0]);
    expect(body).toMatchObject({ response_type: "ephemeral", text: expect.stringContaining("operator") });
    expect(modal()).toBeUndefined();
  };
  const card = () =>
    slack.workspace.write(CHANNEL, { user: BOT.user, bot_id: BOT.id, text: "card" }, slack.now());

  test.each([
    ["a button that asks", "gate:unblock", "/gate unblock GATE-1 --version 1\nWhich font?"],
    ["a button that attaches", "gate:attach", "GATE-1"],
    ["a button that opens a command's form", "gate:form", "add"],
  ])("is told so at once: %s", async (_, action_id, value) => {
    await added(open.house);
    const { ts } = card();
    await slack.action({ type: "button", action_id, value }, { channel: CHANNEL, ts, user: "U0BEN" });
    await told();
  });

  test("is told so at once: “Attach as proof” on a message", async () => {
    const { ts } = slack.write("it is at https://example.org/", { user: "U0BEN" });
    await slack.shortcut("gate:attach", { channel: CHANNEL, ts, user: "U0BEN" });
    await told();
  });
});

test("a press that came too late for a form is told so", async () => {
  const key = await added(open.house);
  const { ts } = slack.workspace.write(
    CHANNEL,
    { user: BOT.user, bot_id: BOT.id, text: "card" },
    slack.now(),
  );
  slack.fault({ method: "views.open" }, { kind: "error", error: "expired_trigger_id" });
  await slack.action({ type: "button", action_id: "gate:attach", value: key }, { channel: CHANNEL, ts });
  const { body } = await found(() => slack.responses[0]);
  expect(body.text).toContain("Press it once more");
});
