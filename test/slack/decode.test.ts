import { expect, test } from "vitest";
import { decodeMessage, decodeText, withoutName } from "../../adapters/chat/slack/receive/decode.ts";
import { arrivalsOf, heardEvent } from "../../adapters/chat/slack/receive/events.ts";
import type { Fields, KeptEvent } from "../../adapters/chat/slack/receive/payload.ts";
import { BOT } from "./workspace.ts";

// What Slack wrote its own way, read back as people meant it.

test.each([
  ["prioritize CLIP-1 P1 R&amp;D &lt;soon&gt;", "prioritize CLIP-1 P1 R&D <soon>"],
  [
    "prove CLIP-1 <https://ci.example.com/run?a=1&amp;b=2|green build>",
    "prove CLIP-1 https://ci.example.com/run?a=1&b=2",
  ],
  ["assign CLIP-1 <@U0ADA|ada>", "assign CLIP-1 <@U0ADA>"],
  ["subscribe --channel <#C0OPS|ops>", "subscribe --channel slack:C0OPS"],
  ["ask <!subteam^S1|@fonts> or <!here>", "ask @fonts or @here"],
  ["subscribe --ping <!subteam^S1|@fonts>", "subscribe --ping <!subteam^S1>"],
  ["by <!date^1392734382^{date}|tomorrow>", "by tomorrow"],
  ["write to <mailto:a@b.example|a@b.example>", "write to a@b.example"],
  // What somebody typed never becomes a mark: it is read once.
  ["&lt;@U0EVE&gt; &amp;lt;", "<@U0EVE> &lt;"],
])("a line %s is read as %s", (written, meant) => {
  expect(decodeText(written, "line")).toBe(meant);
});

test("in talk people are named, and the marks of code are no part of a link", () => {
  expect(decodeMessage("<@U0ADA|ada>: `file:out/clip.mp4` and ```https://a.example/b```", "talk")).toBe(
    "@U0ADA: file:out/clip.mp4 and https://a.example/b",
  );
});

test("the bot's own name is taken off, wherever it stands", () => {
  expect(withoutName("<@U0BOT> status", BOT.user)).toEqual({ text: "status", addressed: true });
  expect(withoutName("hey <@U0BOT|gatehouse>, status", BOT.user)).toEqual({
    text: "hey status",
    addressed: true,
  });
  expect(withoutName("<@U0BOTTOM> status", BOT.user)).toEqual({
    text: "<@U0BOTTOM> status",
    addressed: false,
  });
});

const told = (event: object): Fields =>
  JSON.parse(
    JSON.stringify({
      type: "event_callback",
      api_app_id: BOT.app,
      authorizations: [{ user_id: BOT.user, is_bot: true }],
      event: { type: "message", channel: "C1", ...event },
    }),
  ) as Fields;
const heard = (event: object) =>
  arrivalsOf(told(event)).map(({ event: name, payload }) => {
    const kept = payload as unknown as KeptEvent;
    return [name, kept.kind === "event" ? heardEvent(kept) : null];
  });

test("a message and a mention of it are one, and neither keeps what nobody needs", () => {
  const message = {
    user: "U1",
    ts: "7.1",
    thread_ts: "5.0",
    text: "<@U0BOT> status",
    blocks: [{ type: "x" }],
  };
  const [plain] = arrivalsOf(told(message));
  const [mention] = arrivalsOf(told({ ...message, type: "app_mention" }));
  expect(plain?.event).toBe("message:C1:7.1");
  expect(mention?.event).toBe(plain?.event);
  expect(JSON.stringify(plain?.payload)).not.toContain("blocks");
  expect(heard(message)).toMatchObject([
    ["message:C1:7.1", { kind: "message", text: "status", addressed: true, head: { message: "5.0" } }],
  ]);
});

test.each([
  ["the bot's own", { user: BOT.user, bot_id: BOT.id, ts: "7.1", text: "done" }],
  ["the bot's own, by its app", { user: "U9", app_id: BOT.app, ts: "7.1", text: "done" }],
  [
    "the bot's own edit",
    {
      subtype: "message_changed",
      message: { user: BOT.user, ts: "7.1", thread_ts: "5.0", edited: { ts: "8.0" } },
    },
  ],
  ["somebody who joined", { subtype: "channel_join", user: "U1", ts: "7.1", text: "joined" }],
  [
    "a link that was unfolded",
    {
      subtype: "message_changed",
      message: { user: "U1", ts: "7.1", thread_ts: "5.0", text: "x" },
      previous_message: { user: "U1", text: "x" },
    },
  ],
  [
    "an edit in the channel itself",
    { subtype: "message_changed", message: { user: "U1", ts: "7.1", text: "x", edited: { ts: "8.0" } } },
  ],
])("%s is of no interest", (_, event) => {
  expect(arrivalsOf(told(event))).toEqual([]);
});

test("another bot's message is heard as a person's without a role, also where it writes in blocks alone", () => {
  const blocks = [{ type: "section", text: { type: "mrkdwn", text: "🔵🔵🔵 AUTO-COMPLETE CLIP-1" } }];
  const said = { subtype: "bot_message", bot_id: "B0OTHER", ts: "7.1", text: "", blocks };
  expect(heard(said)).toMatchObject([
    ["message:C1:7.1", { person: { id: "B0OTHER" }, text: "🔵🔵🔵 AUTO-COMPLETE CLIP-1", addressed: false }],
  ]);
});

test("an edit takes the message's own name too, so that the message told after it says nothing old", () => {
  const reply = { user: "U1", ts: "7.1", thread_ts: "5.0" };
  const edit = {
    subtype: "message_changed",
    message: { ...reply, text: "new", edited: { user: "U1", ts: "8.0" } },
    previous_message: { ...reply, text: "old" },
  };
  expect(heard(edit)).toMatchObject([
    ["message:C1:7.1", { kind: "message", text: "new" }],
    ["edited:C1:7.1:8.0", { kind: "edited", text: "new", person: { id: "U1" } }],
  ]);
  const deletion = {
    subtype: "message_deleted",
    deleted_ts: "7.1",
    previous_message: { ...reply, text: "old" },
  };
  expect(heard(deletion)).toMatchObject([
    ["message:C1:7.1", null],
    ["deleted:C1:7.1", { kind: "edited", text: null, person: null }],
  ]);
});

test("what is edited days later was heard once, and is not heard as new", () => {
  const message = { user: "U1", ts: "100000.1", thread_ts: "5.0", text: "x", edited: { ts: "300000.1" } };
  expect(heard({ subtype: "message_changed", message })).toMatchObject([
    ["message:C1:100000.1", null],
    ["edited:C1:100000.1:300000.1", { kind: "edited" }],
  ]);
});

test("a conversation with the bot alone is addressed to it", () => {
  expect(heard({ channel: "D1", user: "U1", ts: "7.1", text: "status" })).toMatchObject([
    ["message:D1:7.1", { addressed: true, head: null }],
  ]);
});
