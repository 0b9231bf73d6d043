// What the outbox is told when Discord does not simply take a message, and what is said where.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { discordPlatform } from "../../adapters/chat/discord/platform.ts";
import type { ChatPlatform } from "../../src/ports/chat.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { textsOf } from "./message-body.ts";
import type { Fault } from "./rest.ts";
import { type Discord, type DiscordOptions, startDiscord } from "./server.ts";

const GONE = "100000000000000000";
let discord: Discord;
let platform: ChatPlatform;
let warned: string[];

beforeEach(() => begin());
afterEach(() => discord.close());

async function begin(options: DiscordOptions = {}): Promise<void> {
  discord = await startDiscord(options);
  warned = [];
  platform = discordPlatform({
    token: discord.token,
    guild: discord.world.guild.id,
    apiUrl: discord.url,
    timeoutMs: 400,
    warn: (message) => warned.push(message),
  });
}

const delivery = (notice: number, text: string, more: Partial<Delivery> = {}): Delivery => ({
  notice,
  channelId: 1,
  platform: "discord",
  channel: discord.channel,
  kind: "digest",
  task: null,
  text,
  data: {},
  revision: 1,
  anchor: null,
  tries: 1,
  doubtful: false,
  triedSince: Date.now(),
  ...more,
});

const at = (message: string) => ({ platform: "discord", channel: discord.channel, message });
const fault = (made: Fault) => discord.rest.faults.push(made);
const texts = (channel = discord.channel) =>
  discord.people.messages(channel).map(({ components = [] }) => textsOf(components));

async function trouble(doing: Promise<unknown>): Promise<Trouble> {
  const error = await doing.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Trouble);
  return error as Trouble;
}

describe("what is certain and what is not", () => {
  test.each<[string, Fault["what"], Fault["when"], string]>([
    ["a limit", { retryAfterMs: 3000 }, "before", "rate-limited"],
    ["a 502 before it was taken", { status: 502 }, "before", "doubtful"],
    ["a 502 after it was taken", { status: 502 }, "after", "doubtful"],
    ["no answer", "hang", "before", "doubtful"],
    ["no answer after it was taken", "hang", "after", "doubtful"],
    ["a cut connection", "cut", "before", "doubtful"],
    ["a token that is not taken", { status: 401 }, "before", "locked-out"],
  ])("posting: %s", async (_, what, when = "before", code) => {
    fault({ method: "POST", what, when });
    expect(await trouble(platform.post(delivery(1, "hello")))).toMatchObject({ code });
  });

  test("editing again is as good as once, so that no doubt is left", async () => {
    const anchor = await platform.post(delivery(1, "old"));
    for (const what of [{ status: 502 }, "hang", "cut"] as const) {
      fault({ method: "PATCH", what, when: "after", times: 1 });
      expect(await trouble(platform.edit({ ...delivery(1, "new"), anchor }))).toMatchObject({
        code: "unreachable",
      });
    }
  });

  test("a Discord that is not there was certainly not told", async () => {
    const { url } = discord;
    await discord.close();
    const away = discordPlatform({ token: "t", guild: undefined, apiUrl: url });
    expect(await trouble(away.post(delivery(1, "hello")))).toMatchObject({ code: "unreachable" });
    await begin();
  });

  test("a message that was taken without a word is found, in its channel and in its thread", async () => {
    fault({ method: "POST", path: /messages$/, what: "cut", when: "after", times: 1 });
    const first = delivery(7, "hello");
    await trouble(platform.post(first));
    const anchor = await platform.find({ ...first, doubtful: true });
    expect(anchor).toBe(discord.people.messages(discord.channel)[0]?.id);
    fault({ method: "POST", path: /messages$/, what: { status: 502 }, when: "after", times: 1 });
    const below = delivery(8, "below", { under: anchor, data: { under: 7 } });
    await trouble(platform.reply(at(anchor ?? ""), below));
    expect(await platform.find({ ...below, doubtful: true })).toMatch(new RegExp(`^${anchor}/\\d+$`));
    expect(await platform.find(delivery(9, "never sent", { doubtful: true }))).toBeNull();
  });

  test("one that comes late, after it was looked for in vain, is not posted twice and says what is true now", async () => {
    const first = delivery(1, "first try");
    fault({ method: "POST", path: /messages$/, what: "cut", when: "before", times: 1 });
    await trouble(platform.post(first));
    expect(await platform.find({ ...first, doubtful: true })).toBeNull();
    // What was cut off comes through after all.
    await platform.post(first);
    const again = delivery(1, "second try", {
      doubtful: true,
      tries: 2,
      triedSince: first.triedSince as number,
    });
    await platform.post(again);
    expect(texts()).toEqual(["second try"]);
  });

  test("many doubts in one channel are settled by one reading of it, page by page", async () => {
    const sent = Array.from({ length: 30 }, (_, index) => delivery(index + 1, `notice ${index + 1}`));
    const by = discord.world.member("mara");
    for (const each of sent.slice(0, 25)) {
      await platform.post(each);
      for (const word of "who talks so much".split(" "))
        discord.people.message(word, { by, channel: discord.channel });
    }
    const before = discord.rest.calls.length;
    const found = await Promise.all(sent.map((each) => platform.find({ ...each, doubtful: true })));
    expect(found.map((anchor) => anchor !== null)).toEqual(sent.map((_, index) => index < 25));
    expect(discord.rest.calls.slice(before).filter(({ path }) => path.endsWith("/messages"))).toHaveLength(2);
  });

  test("another bot's message with the same mark is not taken for one's own", async () => {
    await platform.post(delivery(1, "mine"));
    const { messages } = discord.world.channels.get(discord.channel)!;
    const [mine] = [...messages.values()];
    messages.set(mine!.id, { ...mine!, author: { ...mine!.author, id: GONE } });
    expect(await platform.find(delivery(1, "mine", { doubtful: true }))).toBeNull();
  });
});

describe("limits", () => {
  test("one channel's limit holds up no other, and who waits is told when to come back, one after another", async () => {
    const other = discord.world.channel("other").id;
    fault({
      method: "POST",
      path: `/channels/${discord.channel}/messages`,
      what: { retryAfterMs: 2000 },
      times: 1,
    });
    const waiting = await Promise.all(
      [1, 2, 3].map((notice) => trouble(platform.post(delivery(notice, "x")))),
    );
    expect(new Set(waiting.map(({ code }) => code))).toEqual(new Set(["rate-limited"]));
    const rests = waiting.map(({ retryAfterMs = 0 }) => retryAfterMs);
    expect(Math.min(...rests)).toBeGreaterThan(1900);
    expect(Math.max(...rests) - Math.min(...rests)).toBeGreaterThan(1000);
    await platform.post(delivery(4, "y", { channel: other }));
    expect(discord.rest.calls.map(({ status }) => status)).toEqual([429, 200]);
  });

  test("the bucket Discord tells of is kept to without running into it", async () => {
    await discord.close();
    await begin({ limits: { "POST /channels/:channel/messages": { limit: 5, windowMs: 60_000 } } });
    const sent = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => platform.post(delivery(index + 1, `${index}`))),
    );
    expect(sent.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(discord.rest.calls.filter(({ status }) => status === 429)).toEqual([]);
  });

  test("a token that is not taken is not asked about again by everybody, and said once", async () => {
    fault({ what: { status: 401 } });
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => trouble(platform.post(delivery(index + 1, "x")))),
    );
    expect(new Set(all.map(({ code }) => code))).toEqual(new Set(["locked-out"]));
    expect(discord.rest.calls).toHaveLength(1);
    expect(warned).toHaveLength(1);
    expect(warned[0]).toContain("DISCORD_TOKEN");
  });
});

describe("what a person has to mend", () => {
  test.each(["SendMessages", "ViewChannel"] as const)(
    "without %s a channel is locked, and only that one",
    async (missing) => {
      const other = discord.world.channel("other").id;
      discord.world.deny(discord.channel, missing);
      for (const notice of [1, 2, 3]) {
        const locked = await trouble(platform.post(delivery(notice, "x")));
        expect(locked.code).toBe("locked-out");
        expect(locked.retryAfterMs).toBeGreaterThan(200_000);
      }
      expect(discord.rest.calls).toHaveLength(1);
      expect(warned).toHaveLength(1);
      await platform.post(delivery(4, "y", { channel: other }));
    },
  );

  test("a deleted channel takes nothing any more, which is told once, and no other is held up", async () => {
    for (const notice of [1, 2, 3])
      expect(await trouble(platform.post(delivery(notice, "x", { channel: GONE })))).toMatchObject({
        code: "rejected",
      });
    expect(warned).toEqual([
      `The channel was deleted, or was never there: unsubscribe it. (channel ${GONE})`,
    ]);
    await platform.post(delivery(4, "y"));
  });

  test("a channel that is deleted under a message that stands there is told of once", async () => {
    const channel = discord.world.channel("for a while").id;
    const anchor = await platform.post(delivery(1, "head", { channel }));
    discord.world.channels.delete(channel);
    for (const text of ["one", "two"])
      expect(await trouble(platform.edit({ ...delivery(1, text, { channel }), anchor }))).toMatchObject({
        code: "rejected",
      });
    expect(warned).toHaveLength(1);
  });

  /** A head, and a message of the bot's in the thread below it. */
  async function inThread() {
    const head = await platform.post(delivery(1, "head"));
    const below = delivery(2, "below", { under: head, data: { under: 1 } });
    const anchor = await platform.reply(at(head), below);
    return { head, below: { ...below, anchor }, thread: discord.world.channels.get(head)! };
  }

  test("a thread that was put away is taken out again, to edit in it and to write in it, and nobody is troubled", async () => {
    const { head, below, thread } = await inThread();
    thread.archived = true;
    expect(await platform.edit({ ...below, text: "edited" })).toBe(below.anchor);
    expect(thread.archived).toBe(false);
    thread.archived = true;
    await platform.reply(at(head), delivery(3, "more"));
    expect(thread.archived).toBe(false);
    expect(texts()).toEqual(["head", "edited", "more"]);
    expect(warned).toEqual([]);
  });

  test("a locked thread is left to a moderator, told once until it is open again", async () => {
    const { head, below, thread } = await inThread();
    const lock = () => Object.assign(thread, { archived: true, locked: true });
    lock();
    for (const text of ["one", "two"]) {
      const locked = await trouble(platform.edit({ ...below, text }));
      expect(locked).toMatchObject({ code: "locked-out" });
      expect(locked.retryAfterMs).toBeGreaterThan(200_000);
    }
    expect(await trouble(platform.reply(at(head), delivery(3, "more")))).toMatchObject({
      code: "locked-out",
    });
    const words = `The thread is archived and locked: a moderator must unlock it. (thread ${head})`;
    expect(warned).toEqual([words]);
    await platform.post(delivery(4, "elsewhere"));
    Object.assign(thread, { archived: false, locked: false });
    await platform.edit({ ...below, text: "three" });
    lock();
    await trouble(platform.edit({ ...below, text: "four" }));
    expect(warned).toEqual([words, words]);
  });
});

describe("what people take away", () => {
  test("a deleted message is posted anew, once, whatever becomes of the answer", async () => {
    const anchor = await platform.post(delivery(1, "card"));
    discord.people.deleteMessage({ channel: discord.channel, message: anchor });
    const edited = { ...delivery(1, "card, later", { revision: 2, triedSince: Date.now() + 1 }), anchor };
    fault({ method: "POST", path: /messages$/, what: "cut", when: "after", times: 1 });
    expect(await trouble(platform.edit(edited))).toMatchObject({ code: "doubtful" });
    const anew = await platform.edit({ ...edited, tries: 2 });
    expect(anew).not.toBe(anchor);
    expect(texts()).toEqual(["card, later"]);
  });

  test("a deleted thread is started anew below its head", async () => {
    const head = await platform.post(delivery(1, "head"));
    await platform.reply(at(head), delivery(2, "one"));
    discord.world.channels.delete(head);
    discord.world.channels.get(discord.channel)!.messages.get(head)!.thread = null;
    await platform.reply(at(head), delivery(3, "two"));
    expect(texts()).toEqual(["head", "two"]);
  });

  test("where no thread may be started, a reply stands in the channel, below nothing but its quotation", async () => {
    discord.world.deny(discord.channel, "CreatePublicThreads");
    const head = await platform.post(delivery(1, "head"));
    const answer = delivery(2, "below", { under: head, data: { under: 1 } });
    const anchor = await platform.reply(at(head), answer);
    expect(discord.people.messages(discord.channel).at(-1)).toMatchObject({
      id: anchor,
      message_reference: { message_id: head },
    });
    expect(await platform.find({ ...answer, doubtful: true })).toBe(anchor);
  });

  test("whoever blocked the bot gets no reaction, and that is no trouble", async () => {
    const message = discord.people.message("proof", {
      by: discord.world.member("mara"),
      channel: discord.channel,
    });
    fault({ method: "PUT", what: { status: 403, code: 90_001 } });
    await platform.react(at(message), "✅");
  });
});

test("nothing that is posted makes a sound or unfolds a link", async () => {
  await platform.post(delivery(1, "@everyone <@123456789012345678> https://example.org/"));
  const [call] = discord.rest.calls;
  expect(call?.body).toMatchObject({ allowed_mentions: { parse: [] }, flags: (1 << 2) | (1 << 15) });
  expect([...discord.world.channels.get(discord.channel)!.messages.values()][0]?.pinged).toEqual([]);
});
