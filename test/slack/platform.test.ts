import { afterEach, describe, expect, test } from "vitest";
import type { SlackSettings } from "../../adapters/chat/slack/client.ts";
import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { chatPlatformContract } from "../chat/platform-contract.ts";
import { BOT_TOKEN, type Fault, type SlackOptions, type SlackStandIn, startSlack } from "./server.ts";

const CHANNEL = "C0GENERAL";
const NAMES: Readonly<Record<string, string>> = {
  hourglass_flowing_sand: "⏳",
  white_check_mark: "✅",
  x: "❌",
};

chatPlatformContract("Slack", async () => {
  const slack = await startSlack();
  return {
    platform: slackPlatform(settings(slack)),
    channel: CHANNEL,
    somebodyWrites: async (text, below) => slack.write(text, below === undefined ? {} : { thread: below }).ts,
    seen: async () =>
      slack.messages(CHANNEL).map(({ ts, text, thread_ts: below, reactions }) => {
        const names = [...reactions.keys()].map((name) => NAMES[name]).join(" and ");
        return { anchor: ts, below, text, reaction: names || null };
      }),
    close: () => slack.close(),
  };
});

/** A clock the test moves. */
const time = { now: Date.UTC(2026, 10, 28, 9) };

function settings(slack: SlackStandIn, more: Partial<SlackSettings> = {}): SlackSettings {
  return {
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    clock: { now: () => time.now, sleep: () => Promise.resolve() },
    timezone: "UTC",
    tell: () => undefined,
    ...more,
  };
}

let slack: SlackStandIn;
let told: string[];
afterEach(() => slack?.close());

async function begin(options: SlackOptions = {}, more: Partial<SlackSettings> = {}) {
  slack = await startSlack({ now: () => time.now, ...options });
  told = [];
  return slackPlatform(settings(slack, { tell: (sentence) => told.push(sentence), ...more }));
}

let lastNotice = 100;
function delivery(more: Partial<Delivery> = {}): Delivery {
  lastNotice += 1;
  return {
    notice: lastNotice,
    channelId: 1,
    platform: "slack",
    channel: CHANNEL,
    kind: "digest",
    task: null,
    text: "hello",
    data: {},
    revision: 1,
    anchor: null,
    tries: 1,
    doubtful: false,
    triedSince: time.now,
    ...more,
  };
}

const troubleOf = (call: Promise<unknown>): Promise<any> =>
  call.then(
    () => "it went well",
    (error: unknown) => error,
  );

describe("what Slack answers, and what the outbox makes of it", () => {
  const accepted = true;
  const cases: readonly (readonly [what: string, fault: Fault, post: object, edit: object])[] = [
    [
      "a full line",
      { kind: "rate-limit", retryAfter: 7 },
      { code: "rate-limited", retryAfterMs: 7000 },
      { code: "rate-limited", retryAfterMs: 7000 },
    ],
    ["a 502", { kind: "status", status: 502, accepted }, { code: "doubtful" }, { code: "unreachable" }],
    [
      "a 404",
      { kind: "status", status: 404, accepted: false },
      { code: "unreachable" },
      { code: "unreachable" },
    ],
    ["a cut", { kind: "cut", accepted }, { code: "doubtful" }, { code: "unreachable" }],
    ["silence", { kind: "hang", accepted }, { code: "doubtful" }, { code: "unreachable" }],
    [
      "a page of somebody else's",
      { kind: "error", error: "<html>" },
      { code: "doubtful" },
      { code: "unreachable" },
    ],
    ["a break", { kind: "error", error: "fatal_error" }, { code: "doubtful" }, { code: "unreachable" }],
    [
      "maintenance",
      { kind: "error", error: "service_unavailable" },
      { code: "unreachable" },
      { code: "unreachable" },
    ],
    ["a word", { kind: "error", error: "msg_too_long" }, { code: "rejected" }, { code: "rejected" }],
    [
      "a revoked token",
      { kind: "error", error: "token_revoked" },
      { code: "locked-out" },
      { code: "locked-out" },
    ],
    [
      "a lost account",
      { kind: "error", error: "account_inactive" },
      { code: "locked-out" },
      { code: "locked-out" },
    ],
    [
      "no such channel",
      { kind: "error", error: "channel_not_found" },
      { code: "rejected" },
      { code: "rejected" },
    ],
    ["an archive", { kind: "error", error: "is_archived" }, { code: "rejected" }, { code: "rejected" }],
    [
      "no invitation",
      { kind: "error", error: "not_in_channel" },
      { code: "locked-out" },
      { code: "locked-out" },
    ],
  ];
  for (const [what, fault, post, edit] of cases) {
    test(what, async () => {
      const platform = await begin({}, { timeoutMs: 200 });
      const anchor = await platform.post(delivery());
      slack.fault({ method: "chat.update" }, fault);
      expect(await troubleOf(platform.edit({ ...delivery(), anchor }))).toMatchObject(edit);
      time.now += 3_600_000;
      slack.fault({ method: "chat.postMessage" }, fault);
      const trouble = await troubleOf(platform.post(delivery()));
      expect(trouble).toBeInstanceOf(Trouble);
      expect(trouble).toMatchObject(post);
    });
  }

  test("nobody there at all is certainly not sent", async () => {
    const gone = await startSlack();
    await gone.close();
    const platform = await begin({}, { apiUrl: `http://127.0.0.1:${gone.port}/api` });
    expect(await troubleOf(platform.post(delivery()))).toMatchObject({ code: "unreachable" });
  });
});

describe("what a person has to mend", () => {
  test("a revoked token is told once, tried once a minute, and told again when it is mended", async () => {
    const platform = await begin();
    slack.token = "token_revoked";
    for (let index = 0; index < 100; index += 1) {
      expect(await troubleOf(platform.post(delivery()))).toMatchObject({ code: "locked-out" });
      time.now += 1000;
    }
    expect(told).toEqual([
      "Slack says that SLACK_BOT_TOKEN was revoked: install the app again and set the new token (token_revoked).",
    ]);
    expect(slack.callsOf("chat.postMessage")).toHaveLength(2);
    slack.token = "ok";
    time.now += 60_000;
    await platform.post(delivery());
    expect(told[1]).toBe("Slack takes chat.postMessage again.");
  });

  test("a scope that is missing locks the one method, and is named", async () => {
    const platform = await begin({ scopes: ["chat:write"] });
    const { ts } = slack.write("proof: https://example.org/");
    const to = { platform: "slack", channel: CHANNEL, message: ts };
    expect(await troubleOf(platform.react(to, "✅"))).toMatchObject({ code: "locked-out" });
    await platform.post(delivery());
    expect(told).toEqual([
      "Slack lets the app not use reactions.add without the scope reactions:write: add it on the app's page and install the app again (missing_scope).",
    ]);
  });

  test("a channel that is gone is told once, and holds up no other", async () => {
    const channels = [{ id: CHANNEL }, { id: "C0OLD", is_archived: true }];
    const platform = await begin({ seed: { channels } });
    for (let index = 0; index < 3; index += 1) {
      expect(await troubleOf(platform.post(delivery({ channel: "C0OLD" })))).toMatchObject({
        code: "rejected",
      });
    }
    await platform.post(delivery());
    expect(told).toEqual([
      "Slack channel C0OLD: the channel is archived: unarchive it, or unsubscribe it (is_archived).",
    ]);
  });
});

describe("messages", () => {
  test("neither unfold links nor carry anything but ids in their metadata", async () => {
    const platform = await begin();
    await platform.post(delivery({ notice: 7, revision: 2, text: "see https://example.org/" }));
    expect(slack.messages(CHANNEL)).toMatchObject([
      {
        unfurl: { links: false, media: false },
        metadata: { event_type: "gatehouse_notice", event_payload: { notice: 7, revision: 2 } },
      },
    ]);
  });

  test("go out in plain words, once more, where Slack does not take the layout", async () => {
    const platform = await begin();
    slack.fault({ method: "chat.postMessage" }, { kind: "error", error: "invalid_blocks" });
    const data = { id: 1, rule: "r", step: "over", task: null, under: 3 };
    await platform.post(delivery({ kind: "contradiction", text: "✅ #1 is over.", data }));
    expect(slack.messages(CHANNEL)).toMatchObject([{ text: "✅ #1 is over.", blocks: [] }]);
    expect(told).toEqual([
      "Slack did not take the layout of a contradiction (invalid_blocks): it goes out in plain words.",
    ]);
  });

  test("that cannot be changed any more are posted anew, and not twice", async () => {
    const platform = await begin();
    const first = delivery();
    const anchor = await platform.post(first);
    slack.erase(CHANNEL, anchor);
    const anew = await platform.edit({ ...first, revision: 2, text: "again", anchor });
    expect(anew).not.toBe(anchor);
    // As if the process had died before it could say where the new one stands.
    expect(await platform.edit({ ...first, revision: 3, text: "and again", anchor })).toBe(anew);
    expect(slack.messages(CHANNEL).map(({ text }) => text)).toEqual(["and again"]);
  });

  test("are found after a doubt in the channel, in a thread, and behind many others", async () => {
    const platform = await begin({ rates: false });
    slack.fault({ method: "chat.postMessage" }, { kind: "cut", accepted: true });
    const doubtful = delivery({ text: "in doubt" });
    expect(await troubleOf(platform.post(doubtful))).toMatchObject({ code: "doubtful" });
    for (let index = 0; index < 450; index += 1) slack.write(`chatter ${index}`);
    const stands = slack.messages(CHANNEL)[0]?.ts;
    expect(await platform.find({ ...doubtful, doubtful: true })).toBe(stands);
    expect(await platform.find(delivery({ doubtful: true }))).toBeNull();

    const below = delivery({ text: "in doubt, below", under: stands ?? null });
    slack.fault({ method: "chat.postMessage" }, { kind: "status", status: 502, accepted: true });
    const at = { platform: "slack", channel: CHANNEL, message: String(stands) };
    expect(await troubleOf(platform.reply(at, below))).toMatchObject({ code: "doubtful" });
    expect(await platform.find({ ...below, doubtful: true })).toBe(slack.messages(CHANNEL).at(-1)?.ts);
  });

  test("cannot be told of in a flood, which leaves the doubt", async () => {
    const platform = await begin({ rates: false });
    for (let index = 0; index < 4001; index += 1) slack.write("chatter");
    expect(await troubleOf(platform.find(delivery({ doubtful: true })))).toMatchObject({ code: "doubtful" });
  });

  test("written long before the first try are not looked through", async () => {
    const platform = await begin({ rates: false });
    for (let index = 0; index < 4001; index += 1) slack.write("chatter");
    time.now += 3_600_000;
    expect(await platform.find(delivery({ doubtful: true }))).toBeNull();
    expect(slack.callsOf("conversations.history")).toHaveLength(1);
  });

  test("have one reaction also where another process put the one before", async () => {
    const platform = await begin();
    const { ts } = slack.write("proof: https://example.org/");
    const to = { platform: "slack", channel: CHANNEL, message: ts };
    await platform.react(to, "⏳");
    const restarted = slackPlatform(settings(slack));
    await restarted.react(to, "✅");
    const [message] = slack.messages(CHANNEL);
    expect([...(message?.reactions.keys() ?? [])]).toEqual(["white_check_mark"]);
  });
});
