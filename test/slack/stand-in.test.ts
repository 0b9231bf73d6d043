// That the stand-in speaks Slack: Slack's own clients work on it, and it refuses what Slack refuses.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SocketModeClient } from "@slack/socket-mode";
import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, describe, expect, test } from "vitest";
import { blockErrors, viewErrors } from "./limits.ts";
import {
  APP_TOKEN,
  BOT_TOKEN,
  SIGNING_SECRET,
  type SlackOptions,
  type SlackStandIn,
  startSlack,
} from "./server.ts";

const CHANNEL = "C0GENERAL";
let slack: SlackStandIn;

afterEach(() => slack?.close());

async function begin(options: SlackOptions = {}): Promise<WebClient> {
  slack = await startSlack(options);
  return client(BOT_TOKEN);
}

function client(token: string, timeout = 0): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    timeout,
  });
}

const wrong = (call: Promise<unknown>): Promise<any> =>
  call.then(
    () => "it went well",
    (error: any) => error.data?.error ?? error,
  );

describe("the Web API", () => {
  test("posts, answers in threads, edits, reacts and reads back, with metadata where it is asked for", async () => {
    const web = await begin();
    const metadata = { event_type: "note", event_payload: { id: 7 } };
    const head = await web.chat.postMessage({ channel: CHANNEL, text: "head", metadata });
    await web.chat.postMessage({ channel: CHANNEL, text: "below", thread_ts: head.ts! });
    await web.chat.update({ channel: CHANNEL, ts: head.ts!, text: "edited" });
    await web.reactions.add({ channel: CHANNEL, timestamp: head.ts!, name: "x" });
    const plain = await web.conversations.history({ channel: CHANNEL });
    expect(plain.messages).toMatchObject([{ text: "edited", ts: head.ts, reply_count: 1 }]);
    expect(plain.messages?.[0]).not.toHaveProperty("metadata");
    const whole = await web.conversations.replies({
      channel: CHANNEL,
      ts: head.ts!,
      include_all_metadata: true,
    });
    expect(whole.messages).toMatchObject([
      { metadata, edited: { user: "U0BOT" }, reactions: [{ name: "x", count: 1 }] },
      { text: "below", thread_ts: head.ts },
    ]);
    const link = await web.chat.getPermalink({ channel: CHANNEL, message_ts: whole.messages![1]!.ts! });
    expect(link.permalink).toMatch(/^https:\/\/acme\.slack\.com\/archives\/C0GENERAL\/p\d{16}\?thread_ts=/);
  });

  test("pages through a history, newest first, between two times", async () => {
    const web = await begin({ rates: false });
    const stamps: string[] = [];
    for (const text of ["1", "2", "3", "4", "5"]) {
      stamps.push((await web.chat.postMessage({ channel: CHANNEL, text })).ts!);
    }
    const first = await web.conversations.history({ channel: CHANNEL, oldest: stamps[0]!, limit: 3 });
    expect([first.has_more, ...first.messages!.map(({ text }) => text)]).toEqual([true, "5", "4", "3"]);
    const { next_cursor: cursor } = first.response_metadata!;
    const rest = await web.conversations.history({
      channel: CHANNEL,
      oldest: stamps[0]!,
      limit: 3,
      cursor: cursor!,
    });
    expect([rest.has_more, ...rest.messages!.map(({ text }) => text)]).toEqual([false, "2"]);
  });

  test("refuses tokens, scopes, channels and messages by Slack's words", async () => {
    const web = await begin({
      seed: {
        channels: [
          { id: "C0GENERAL" },
          { id: "C0OLD", is_archived: true },
          { id: "C0AWAY", is_member: false },
          { id: "G0SECRET", is_private: true, is_member: false },
        ],
      },
      scopes: ["chat:write", "channels:history", "reactions:write"],
    });
    const say = (channel: string) => web.chat.postMessage({ channel, text: "hello" });
    expect(await wrong(client("xoxb-other").auth.test())).toBe("invalid_auth");
    expect(await wrong(client("").auth.test())).toBe("not_authed");
    expect(await wrong(client(APP_TOKEN).auth.test())).toBe("not_allowed_token_type");
    expect(await wrong(say("C0NONE"))).toBe("channel_not_found");
    expect(await wrong(say("C0OLD"))).toBe("is_archived");
    expect(await wrong(say("C0AWAY"))).toBe("not_in_channel");
    expect(await wrong(say("G0SECRET"))).toBe("channel_not_found");
    const { ts } = await say(CHANNEL);
    const on = { channel: CHANNEL, timestamp: ts!, name: "x" };
    await web.reactions.add(on);
    expect(await wrong(web.reactions.add(on))).toBe("already_reacted");
    await web.reactions.remove(on);
    expect(await wrong(web.reactions.remove(on))).toBe("no_reaction");
    expect(await wrong(web.chat.update({ channel: CHANNEL, ts: "1.000001", text: "x" }))).toBe(
      "message_not_found",
    );
    const theirs = slack.write("mine").ts;
    expect(await wrong(web.chat.update({ channel: CHANNEL, ts: theirs, text: "x" }))).toBe(
      "cant_update_message",
    );
    const missing = await web.users.info({ user: "U0ADA" }).catch((error: any) => error.data);
    expect(missing).toMatchObject({ error: "missing_scope", needed: "users:read" });
    expect(missing.provided).toBe("chat:write,channels:history,reactions:write");
    slack.token = "token_revoked";
    expect(await wrong(say(CHANNEL))).toBe("token_revoked");
  });

  test("holds the rates: a message a second in a channel, a method's tier a minute", async () => {
    let now = Date.UTC(2026, 10, 28, 9);
    const web = await begin({ now: () => now, seed: { channels: [{ id: CHANNEL }, { id: "C0OTHER" }] } });
    const say = (channel: string) => web.chat.postMessage({ channel, text: "hello" });
    for (let burst = 0; burst < 4; burst += 1) await say(CHANNEL);
    expect(await wrong(say(CHANNEL))).toMatchObject({ name: "WebAPIRateLimitedError", retryAfter: 1 });
    await say("C0OTHER");
    now += 1000;
    await say(CHANNEL);
    for (let call = 0; call < 20; call += 1) await web.users.list({});
    expect(await wrong(web.users.list({}))).toMatchObject({ retryAfter: 3 });
  });

  test("plays what goes wrong: a full line, a broken answer after it was accepted, silence, a cut", async () => {
    const web = await begin();
    const on = { method: "chat.postMessage" };
    const say = (text: string) => web.chat.postMessage({ channel: CHANNEL, text });
    slack.fault(on, { kind: "rate-limit", retryAfter: 9 });
    expect(await wrong(say("limited"))).toMatchObject({ retryAfter: 9 });
    slack.fault(on, { kind: "status", status: 502, accepted: true });
    expect(await wrong(say("taken"))).toMatchObject({ name: "WebAPIHTTPError", statusCode: 502 });
    slack.fault(on, { kind: "cut", accepted: false });
    expect(await wrong(say("cut"))).toMatchObject({ name: "WebAPIRequestError" });
    slack.fault(on, { kind: "hang", accepted: true });
    const hasty = client(BOT_TOKEN, 50).chat.postMessage({ channel: CHANNEL, text: "late" });
    expect(await wrong(hasty)).toMatchObject({ name: "WebAPIRequestError" });
    expect(slack.messages(CHANNEL).map(({ text }) => text)).toEqual(["taken", "late"]);
    expect(slack.callsOf("chat.postMessage").map(({ answer }) => answer)).toEqual([
      "rate-limit",
      "status",
      "cut",
      "hang",
    ]);
  });

  test("opens views on a fresh trigger alone, once", async () => {
    let now = Date.UTC(2026, 10, 28, 9);
    const web = await begin({ now: () => now });
    const view = {
      type: "modal" as const,
      title: { type: "plain_text" as const, text: "New" },
      blocks: [{ type: "divider" as const }],
    };
    const trigger = slack.trigger();
    const opened = await web.views.open({ trigger_id: trigger, view });
    expect(await wrong(web.views.open({ trigger_id: trigger, view }))).toBe("exchanged_trigger_id");
    const { id: view_id, hash } = opened.view!;
    await web.views.update({ view_id: view_id!, hash: hash!, view });
    expect(await wrong(web.views.update({ view_id: view_id!, hash: hash!, view }))).toBe("hash_conflict");
    const late = slack.trigger();
    now += 3001;
    expect(await wrong(web.views.open({ trigger_id: late, view }))).toBe("expired_trigger_id");
    expect(await wrong(web.views.publish({ user_id: "U0ADA", view: { ...view, type: "home" } as any }))).toBe(
      "invalid_arguments",
    );
  });
});

describe("Slack's limits", () => {
  const text = (length: number, type = "mrkdwn") => ({ type, text: "x".repeat(length) });
  const option = (index: number, length = 3) => ({
    text: text(3, "plain_text"),
    value: `${index}`.padEnd(length, "v"),
  });
  const button = (fields: object) => ({
    type: "actions",
    elements: [{ type: "button", action_id: "a", text: text(4, "plain_text"), ...fields }],
  });
  const many = <T>(count: number, of: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => of(at));
  const select = (type: string, options: object[]) => ({
    type: "actions",
    elements: [{ type, action_id: "a", options }],
  });
  const cases: readonly (readonly [what: string, most: object, over: object])[] = [
    ["a section's text", { type: "section", text: text(3000) }, { type: "section", text: text(3001) }],
    ["an empty text", { type: "section", text: text(1) }, { type: "section", text: text(0) }],
    [
      "a section's fields",
      { type: "section", fields: many(10, () => text(2000)) },
      { type: "section", fields: many(11, () => text(1)) },
    ],
    ["a field", { type: "section", fields: [text(2000)] }, { type: "section", fields: [text(2001)] }],
    [
      "a header",
      { type: "header", text: text(150, "plain_text") },
      { type: "header", text: text(151, "plain_text") },
    ],
    ["a header's kind", { type: "header", text: text(1, "plain_text") }, { type: "header", text: text(1) }],
    [
      "a context",
      { type: "context", elements: many(10, () => text(9)) },
      { type: "context", elements: many(11, () => text(9)) },
    ],
    ["a button's text", button({ text: text(75, "plain_text") }), button({ text: text(76, "plain_text") })],
    ["a button's value", button({ value: "x".repeat(2000) }), button({ value: "x".repeat(2001) })],
    ["a button's style", button({ style: "danger" }), button({ style: "red" })],
    ["an unknown field", button({}), button({ colour: "red" })],
    [
      "the elements of actions",
      { type: "actions", elements: many(25, (at) => ({ ...button({}).elements[0], action_id: `${at}` })) },
      { type: "actions", elements: many(26, (at) => ({ ...button({}).elements[0], action_id: `${at}` })) },
    ],
    [
      "an action's id",
      { type: "actions", elements: many(2, (at) => ({ ...button({}).elements[0], action_id: `${at}` })) },
      { type: "actions", elements: many(2, () => button({}).elements[0]) },
    ],
    ["an overflow menu", select("overflow", many(5, option)), select("overflow", many(6, option))],
    ["an option's value", select("overflow", [option(1, 150)]), select("overflow", [option(1, 151)])],
    ["a select", select("static_select", many(100, option)), select("static_select", many(101, option))],
    [
      "a table's rows",
      { type: "table", rows: many(100, () => [{ type: "raw_text", text: "x" }]) },
      { type: "table", rows: many(101, () => [{ type: "raw_text", text: "x" }]) },
    ],
  ];
  for (const [what, most, over] of cases) {
    test(`${what}: the most is taken, one more is not`, () => {
      expect(blockErrors([most], "message")).toEqual([]);
      expect(blockErrors([over], "message").length).toBeGreaterThan(0);
    });
  }

  test("50 blocks in a message, 100 in a view, whose parts have limits of their own", () => {
    const dividers = (count: number) => many(count, () => ({ type: "divider" }));
    expect(blockErrors(dividers(50), "message")).toEqual([]);
    expect(blockErrors(dividers(51), "message")).toHaveLength(1);
    const view = (more: object) => ({
      type: "modal",
      title: text(24, "plain_text"),
      blocks: dividers(100),
      ...more,
    });
    expect(viewErrors(view({}))).toEqual([]);
    expect(viewErrors(view({ blocks: dividers(101) }))).toHaveLength(1);
    expect(viewErrors(view({ title: text(25, "plain_text") }))).toHaveLength(1);
    expect(viewErrors(view({ private_metadata: "x".repeat(3001) }))).toHaveLength(1);
  });

  test("are told as Slack tells them", async () => {
    const web = await begin();
    const blocks = [{ type: "section", text: text(3001) }] as any;
    const told = await web.chat
      .postMessage({ channel: CHANNEL, text: "x", blocks })
      .catch((error: any) => error.data);
    expect(told.error).toBe("invalid_blocks");
    expect(told.response_metadata.messages).toEqual([
      "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ]);
    expect(await wrong(web.chat.postMessage({ channel: CHANNEL, text: "x".repeat(40_001) }))).toBe(
      "msg_too_long",
    );
    expect(await wrong(web.chat.postMessage({ channel: CHANNEL, text: "" }))).toBe("no_text");
  });
});

describe("what Slack tells an app", () => {
  test("goes by socket, is acknowledged with a payload, and moves on when a socket is refreshed", async () => {
    await begin();
    const socket = new SocketModeClient({
      appToken: APP_TOKEN,
      clientOptions: { slackApiUrl: slack.apiUrl },
      logLevel: LogLevel.ERROR,
    });
    const heard: string[] = [];
    socket.on("slash_commands", ({ ack, body }) => {
      heard.push(body.text);
      void ack({ text: `you said ${body.text}` });
    });
    socket.on("message", ({ ack, event }) => {
      heard.push(event.text);
      void ack();
    });
    await Promise.all([socket.start(), slack.sockets.connected(1)]);
    const told = await slack.slash("status");
    expect(told).toMatchObject({ acked: true, body: { text: "you said status" } });
    expect(told.ms).toBeLessThan(3000);
    const { event } = slack.write("proof: https://example.org/");
    expect(await slack.event(event)).toMatchObject({ acked: true });
    const again = new Promise((resolve) => socket.once("connected", resolve));
    slack.sockets.refresh();
    await again;
    expect(await slack.slash("help")).toMatchObject({ acked: true });
    expect(heard).toEqual(["status", "proof: https://example.org/", "help"]);
    expect(slack.sockets.made).toBe(2);
    await socket.disconnect();
    await slack.sockets.connected(0);
  });

  test("goes by signed request where the app has an address", async () => {
    await begin();
    const seen: { signed: boolean; body: string }[] = [];
    const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await text(request);
      const { "x-slack-request-timestamp": at, "x-slack-signature": signature } = request.headers;
      const mac = createHmac("sha256", SIGNING_SECRET)
        .update(`v0:${String(at)}:${body}`)
        .digest("hex");
      seen.push({ signed: signature === `v0=${mac}`, body });
      response.writeHead(200, { "content-type": "application/json" }).end('{"text":"yes"}');
    };
    const app = createServer((request, response) => void hear(request, response));
    app.listen(0, "127.0.0.1");
    await once(app, "listening");
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/slack`;
    slack.requestUrl = { url, signingSecret: SIGNING_SECRET };
    expect(await slack.slash("me")).toMatchObject({ acked: true, body: { text: "yes" } });
    await slack.tell("interactive", {}, null, { signature: "v0=forged" });
    expect(seen.map(({ signed }) => signed)).toEqual([true, false]);
    expect(new URLSearchParams(seen[0]!.body).get("command")).toBe("/gate");
    app.close();
  });

  test("a button is pressed by what stands on it", async () => {
    const web = await begin();
    slack.requestUrl = null;
    const element = {
      type: "button",
      action_id: "gate:ack",
      value: "/gate ack 7",
      text: { type: "plain_text", text: "Acknowledge" },
    };
    const blocks = [{ type: "actions", elements: [element] }] as any;
    const { ts } = await web.chat.postMessage({ channel: CHANNEL, text: "x", blocks });
    await expect(slack.press(CHANNEL, ts!, "Acknowledge")).rejects.toThrow("no socket is connected");
    expect(() => slack.press(CHANNEL, ts!, "Resolve")).toThrow('says "Resolve"');
  });
});
