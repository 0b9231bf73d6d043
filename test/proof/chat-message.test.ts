import { describe, expect, test } from "vitest";
import { allMessages } from "../../adapters/chat/all.ts";
import { chatMessageVerifier } from "../../adapters/proof/chat-message.ts";
import type { ChatMessage, ChatMessages } from "../../src/ports/chat-messages.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { verify, wants } from "./support/proofs.ts";

const CLAIMED = 1_000_000;
const ATTACHED = CLAIMED + 60_000;
const GOOD: ChatMessage = {
  id: "12",
  channel: "C042",
  author: "U7",
  bot: false,
  text: "I checked it by hand: the clip plays.",
  at: CLAIMED + 1,
  editedAt: null,
};
const LINK = "https://chat.example/C042/12";

/** A platform that says what the test says, as Slack or Discord would over their own wire. */
function chat(message: ChatMessage | null | Trouble): ChatMessages {
  return {
    recognises: (platform, permalink) =>
      platform === "slack" && /^https:\/\/chat\.example\/C042\/\d+$/.test(permalink),
    find: () => (message instanceof Trouble ? Promise.reject(message) : Promise.resolve(message)),
  };
}

function judge(
  change: Partial<ChatMessage> | null | Trouble,
  fields: { readonly [field: string]: string } = {},
  uri = LINK,
) {
  const message = change === null || change instanceof Trouble ? change : { ...GOOD, ...change };
  const requirement = wants("chat-message", { platform: "slack", channel: "C042", ...fields });
  const verifier = chatMessageVerifier({ chatMessages: chat(message) });
  return verify(verifier, { requirement, uri, claimedAt: CLAIMED, attachedAt: ATTACHED });
}

describe("a chat message", () => {
  test("proves where a person wrote it in the channel after the claim, and keeps what was seen", async () => {
    expect(await judge({}, { author: "U7", contains: "the clip plays" })).toMatchObject({
      verdict: "passed",
      evidence: "chat-message:slack:C042:12",
      seen: {
        author: "U7",
        at: CLAIMED + 1,
        editedAt: null,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(await judge({ at: CLAIMED })).toMatchObject({ verdict: "passed" });
    expect(await judge({ editedAt: ATTACHED - 1 })).toMatchObject({ verdict: "passed" });
  });

  test.each<[string, Partial<ChatMessage> | null, Record<string, string>, RegExp]>([
    ["in another channel", { channel: "C043" }, {}, /wants a message in C042/],
    ["in a channel of the same letters in another case", { channel: "c042" }, {}, /wants a message in/],
    ["by a program", { bot: true }, {}, /A program wrote it/],
    ["by somebody else", {}, { author: "U70" }, /message of U70/],
    ["from the millisecond before the claim", { at: CLAIMED - 1 }, {}, /before the task was claimed/],
    ["edited when it was attached", { editedAt: ATTACHED }, {}, /edited after it was attached/],
    ["edited later", { editedAt: ATTACHED + 1 }, {}, /edited after it was attached/],
    ["without the text", {}, { contains: "The clip plays" }, /does not hold the text/],
    ["that is not there", null, {}, /no such message/],
  ])("%s is none", async (_, change, fields, reason) => {
    expect(await judge(change, fields)).toMatchObject({
      verdict: "failed",
      reason: expect.stringMatching(reason),
    });
  });

  test.each([
    "https://chat.example/C042/12/",
    "https://chat.example/C042",
    "https://evil.example/C042/12",
    "local:x:1",
    "",
  ])("%j is no permalink of the platform", async (uri) => {
    expect(await judge({}, {}, uri)).toMatchObject({ verdict: "failed" });
  });

  test("has no verdict while its platform cannot be asked or is not connected", async () => {
    expect(await judge(new Trouble("rate-limited", "later", 5000))).toMatchObject({
      verdict: "inconclusive",
      retryAfterMs: 5000,
    });
    const none = allMessages({ localChat: { find: () => Promise.resolve(null) }, pageOrigins: [] });
    const requirement = wants("chat-message", { platform: "slack", channel: "C042" });
    const verdict = await verify(chatMessageVerifier({ chatMessages: none }), { requirement, uri: LINK });
    expect(verdict).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringContaining("not connected"),
    });
  });

  test("a policy names the platform and the channel", () => {
    const verifier = chatMessageVerifier({ chatMessages: chat(null) });
    expect(verifier.check(wants("chat-message", { platform: "slack" }))).toMatchObject([
      { field: "channel" },
    ]);
    expect(verifier.check(wants("chat-message", { platform: "Slack!", channel: "C" }))).toMatchObject([
      { field: "platform" },
    ]);
    expect(verifier.matches(wants("chat-message", { platform: "slack", channel: "C042" }), LINK)).toBe(true);
    expect(verifier.matches(wants("chat-message", { platform: "local", channel: "C042" }), LINK)).toBe(false);
  });
});
