import { afterEach, expect, test } from "vitest";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import type { ChatPlatform } from "../../src/ports/chat.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added } from "../support/story.ts";

const START = Date.UTC(2026, 10, 23, 9);
const ALL = ["local"];
let open: TestHouse;

afterEach(() => open.close());

async function begin(): Promise<TestHouse> {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
  return open;
}

/** A platform that keeps what it was told and answers as the test says. */
function scripted(script: (delivery: Delivery) => void = () => undefined) {
  const told: string[] = [];
  const note = (what: string, delivery: Delivery): string => {
    told.push(`${what} ${delivery.text}`);
    script(delivery);
    return `m${delivery.notice}`;
  };
  const platform: ChatPlatform = {
    name: "local",
    post: async (delivery) => note("post", delivery),
    edit: async (delivery) => note("edit", delivery),
    reply: async (to, delivery) => note(`reply ${to.message}`, delivery),
    react: async (to, reaction) => void told.push(`react ${to.message} ${reaction}`),
    find: async (delivery) => {
      told.push(`find ${delivery.text}`);
      return null;
    },
  };
  return { platform, told };
}

const digest = (text: string, subject?: string) => ({
  kind: "digest" as const,
  text,
  data: {},
  ...(subject ? { subject } : {}),
});

test("a notice is posted once, and edited in place only when its text changed", async () => {
  const { house } = await begin();
  const { platform, told } = scripted();
  await house.outbox.post(digest("first", "digest:today"), null);
  await deliverOutbox(house, [platform]);
  await house.outbox.post(digest("first", "digest:today"), null);
  await deliverOutbox(house, [platform]);
  await house.outbox.post(digest("second", "digest:today"), null);
  await deliverOutbox(house, [platform]);
  await deliverOutbox(house, [platform]);
  expect(told).toEqual(["post first", "edit second"]);
  expect(await house.outbox.notices({ after: 0, limit: 10 })).toMatchObject([
    {
      kind: "digest",
      text: "second",
      deliveries: [{ platform: "local", channel: "gatehouse", state: "sent", error: null }],
    },
  ]);
});

test("deliveries to a platform that this process does not run are left to others", async () => {
  const { house } = await begin();
  const { told } = scripted();
  await house.outbox.post(digest("for later"), null);
  expect(await deliverOutbox(house, [])).toEqual({ nextDueMs: null });
  expect(told).toEqual([]);
  expect(await house.outbox.dueInMs(ALL)).toBe(0);
});

test("a rate limit is waited out to the millisecond", async () => {
  const { house, clock } = await begin();
  let limited = true;
  const { platform, told } = scripted(() => {
    if (limited) throw new Trouble("rate-limited", "Slow down.", 7000);
  });
  await house.outbox.post(digest("hello"), null);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: 7000 });
  limited = false;
  clock.advance(6999);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: 1 });
  clock.advance(1);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: null });
  expect(told).toEqual(["post hello", "post hello"]);
});

test("what a platform rejects is kept as failed, with the reason", async () => {
  const { house } = await begin();
  const { platform } = scripted(() => {
    throw new Trouble("rejected", "The channel is archived.");
  });
  await house.outbox.post(digest("hello"), null);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: null });
  const [notice] = await house.outbox.notices({ after: 0, limit: 1 });
  expect(notice?.deliveries).toMatchObject([{ state: "failed", error: "The channel is archived." }]);
});

test("the notices of one task arrive in order, whatever happens to the first", async () => {
  const { house, clock } = await begin();
  const [one, other] = [await added(house), await added(house)];
  let limited = true;
  const { platform, told } = scripted((delivery) => {
    if (limited && delivery.text === "1st") throw new Trouble("unreachable", "No answer.");
  });
  await house.outbox.post(digest("1st"), one);
  await house.outbox.post(digest("2nd"), one);
  await house.outbox.post(digest("another's"), other);
  await deliverOutbox(house, [platform]);
  expect(told).toEqual(["post 1st", "post another's"]);
  limited = false;
  clock.advance(1000);
  await deliverOutbox(house, [platform]);
  await deliverOutbox(house, [platform]);
  expect(told.slice(2)).toEqual(["post 1st", "post 2nd"]);
});

test("a worker that died while sending leaves a doubt: the message is looked up before it is sent again", async () => {
  const { house, clock } = await begin();
  const { platform, told } = scripted();
  await house.outbox.post(digest("hello"), null);
  const [taken] = await house.outbox.takeDue(ALL, 10, 5000);
  expect(taken?.doubtful).toBe(false);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: 5000 });
  clock.advance(5000);
  await deliverOutbox(house, [platform]);
  expect(told).toEqual(["find hello", "post hello"]);
});

test("a doubtful answer is uncertain until the message was found, and then edited, not posted again", async () => {
  const { house, clock } = await begin();
  let answered = false;
  const { platform, told } = scripted(() => {
    if (!answered) throw new Trouble("doubtful", "No answer after 10 s.");
  });
  await house.outbox.post(digest("hello"), null);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: 60_000 });
  const [notice] = await house.outbox.notices({ after: 0, limit: 1 });
  expect(notice?.deliveries).toMatchObject([{ state: "uncertain", error: "No answer after 10 s." }]);
  answered = true;
  clock.advance(60_000);
  const finding: ChatPlatform = { ...platform, find: async () => "m1" };
  await deliverOutbox(house, [finding]);
  expect(told).toEqual(["post hello", "edit hello"]);
  expect(await house.outbox.dueInMs(ALL)).toBe(null);
});

test("a text that changed while it was being sent is sent again", async () => {
  const { house } = await begin();
  const { platform, told } = scripted();
  await house.outbox.post(digest("old", "digest:today"), null);
  const [taken] = (await house.outbox.takeDue(ALL, 10, 5000)) as [Delivery];
  await house.outbox.post(digest("new", "digest:today"), null);
  expect(await house.outbox.takeDue(ALL, 10, 5000)).toEqual([]);
  await house.outbox.sent(taken, "m1");
  await deliverOutbox(house, [platform]);
  expect(told).toEqual(["edit new"]);
});

test("a worker that took too long cannot overwrite what another one did since", async () => {
  const { house, clock } = await begin();
  await house.outbox.post(digest("hello"), null);
  const [slow] = (await house.outbox.takeDue(ALL, 10, 5000)) as [Delivery];
  clock.advance(5000);
  const [quick] = (await house.outbox.takeDue(ALL, 10, 5000)) as [Delivery];
  await house.outbox.sent(quick, "m-quick");
  await house.outbox.unsent(slow, "timed out", 1000);
  expect(await house.outbox.dueInMs(ALL)).toBe(null);
  const [notice] = await house.outbox.notices({ after: 0, limit: 1 });
  expect(notice?.deliveries).toMatchObject([{ state: "sent", error: null }]);
});

test("what waited its turn for days is not given up for the failures after it, until those last a day", async () => {
  const { house, clock } = await begin();
  let trouble: Trouble | null = new Trouble("locked-out", "The token was revoked.");
  const { platform } = scripted(() => {
    if (trouble !== null) throw trouble;
  });
  await house.outbox.post(digest("hello"), null);
  const state = async () => (await house.outbox.notices({ after: 0, limit: 1 }))[0]?.deliveries[0]?.state;
  const tryAgain = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      const { nextDueMs } = await deliverOutbox(house, [platform]);
      clock.advance(nextDueMs ?? 0);
    }
  };
  await tryAgain(600);
  trouble = new Trouble("doubtful", "Cut off.");
  await tryAgain(1);
  expect(await state()).toBe("uncertain");
  // One answer, and be it to wait, shows that the platform is there.
  await tryAgain(287);
  trouble = new Trouble("rate-limited", "Wait.", 1000);
  await tryAgain(1);
  trouble = new Trouble("unreachable", "No answer.");
  await tryAgain(288);
  expect(await state()).toBe("pending");
  await tryAgain(2);
  expect(await state()).toBe("failed");
});

test("an adapter that breaks leaves the delivery visible and due again", async () => {
  const { house } = await begin();
  const { platform } = scripted(() => {
    throw new TypeError("undefined is not a function");
  });
  await house.outbox.post(digest("hello"), null);
  await expect(deliverOutbox(house, [platform])).rejects.toThrow("undefined is not a function");
  const [notice] = await house.outbox.notices({ after: 0, limit: 1 });
  expect(notice?.deliveries).toMatchObject([
    { state: "pending", error: "The local adapter broke: TypeError: undefined is not a function" },
  ]);
  expect(await house.outbox.dueInMs(ALL)).toBe(300_000);
});

test("a view writes each stretch of the log once, whoever comes second", async () => {
  const { house } = await begin();
  const posting = { notice: digest("derived"), task: null };
  expect(await house.outbox.derive("view", 0, 5, [posting])).toBe(true);
  expect(await house.outbox.derive("view", 0, 5, [posting])).toBe(false);
  expect(await house.outbox.derivedUpTo("view")).toBe(5);
  expect(await house.outbox.notices({ after: 0, limit: 10 })).toHaveLength(1);
});

test("a doubt outlives being told to wait, until a look ends it", async () => {
  const { house, clock } = await begin();
  const troubles = [new Trouble("doubtful", "Cut off."), new Trouble("rate-limited", "Wait.", 2000)];
  const { platform: posting, told } = scripted(() => {
    const trouble = troubles.shift();
    if (trouble !== undefined) throw trouble;
  });
  let busy = true;
  const platform: ChatPlatform = {
    ...posting,
    find: (delivery) =>
      busy ? Promise.reject(new Trouble("rate-limited", "Too many looks.", 5000)) : posting.find(delivery),
  };
  await house.outbox.post(digest("hello"), null);
  await deliverOutbox(house, [platform]);
  clock.advance(60_000);
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: 5000 });
  const states = async () => (await house.outbox.notices({ after: 0, limit: 1 }))[0]?.deliveries;
  expect(await states()).toMatchObject([{ state: "uncertain", error: "Too many looks." }]);
  busy = false;
  clock.advance(5000);
  // It does not stand, and could not be sent either: that is certain, and no reason to look again.
  expect(await deliverOutbox(house, [platform])).toEqual({ nextDueMs: 2000 });
  expect(await states()).toMatchObject([{ state: "pending", error: "Wait." }]);
  clock.advance(2000);
  expect(await house.outbox.takeDue(ALL, 1, 1000)).toMatchObject([
    { doubtful: false, tries: 4, triedSince: clock.now },
  ]);
  expect(told).toEqual(["post hello", "find hello", "post hello"]);
});

test("a platform that does not take the bot's word is asked again for good, the notices still pending", async () => {
  const { house, clock } = await begin();
  let mended = false;
  const { platform } = scripted(() => {
    if (!mended) throw new Trouble("locked-out", "The token was revoked.", 3_600_000);
  });
  await house.outbox.post(digest("hello"), null);
  for (let hour = 0; hour < 400; hour += 1) {
    await deliverOutbox(house, [platform]);
    clock.advance(3_600_000);
  }
  const states = async () => (await house.outbox.notices({ after: 0, limit: 1 }))[0]?.deliveries;
  expect(await states()).toMatchObject([{ state: "pending", error: "The token was revoked." }]);
  mended = true;
  await deliverOutbox(house, [platform]);
  expect(await states()).toMatchObject([{ state: "sent", error: null }]);
});
