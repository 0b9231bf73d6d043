// A completion is announced by the bot alone: what somebody else announces is held against the queue.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimsCompletion, reportClaimInChat } from "../../src/commands/report-claim.ts";
import { watchQueue } from "../../src/commands/watch-queue.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openPage } from "../support/page.ts";
import { added, completed } from "../support/story.ts";

const START = Date.UTC(2026, 2, 30, 9);
const CALLER = { actor: "bot:gatehouse" };
let open: TestHouse;

beforeEach(async () => {
  open = await openTestHouse({ startAt: START });
  await seedRoster(open.house);
});
afterEach(() => open.close());

const claim = (text: string, message = "1.1") =>
  reportClaimInChat(
    open.house,
    { text, author: "person:slack:U1", messageRef: { platform: "slack", channel: "C1", message } },
    CALLER,
  );

test.each([
  ["🔵🔵🔵 AUTO-COMPLETE GATE-1 it plays", true],
  ["  🔵 🔵🔵 auto complete: GATE-1", true],
  ["🔵🔵🔵\nAUTO-COMPLETE", true],
  ["the bot will write 🔵🔵🔵 AUTO-COMPLETE when it is done", false],
  ["🔵🔵 AUTO-COMPLETE GATE-1", false],
  ["GATE-1 is done", false],
])("%j announces a completion: %s", (text, announces) => {
  expect(claimsCompletion(text)).toBe(announces);
});

describe("a claim", () => {
  test("about a task that is not done is answered and becomes one contradiction, however often it is delivered", async () => {
    const key = await added(open.house);
    const first = await claim(`🔵🔵🔵 AUTO-COMPLETE ${key} it plays`);
    expect(first?.text).toContain(`${key} is queued`);
    expect(await claim(`🔵🔵🔵 AUTO-COMPLETE ${key} it plays`)).toEqual(first);
    const [record, ...others] = await open.house.contradictions.standing();
    expect(others).toEqual([]);
    expect(record).toMatchObject({ id: first?.contradiction, rule: "claim-in-chat", task: key, count: 1 });
    expect((await watchQueue(open.house)).standing).toMatchObject([{ id: record?.id, count: 2 }]);
    const notices = await open.house.outbox.notices({ after: 0, limit: 10, kind: "contradiction" });
    expect(notices).toHaveLength(1);
  });

  test("about a task that is done agrees with the queue", async () => {
    await added(open.house);
    const key = await completed(open.house);
    expect(await claim(`🔵🔵🔵 AUTO-COMPLETE ${key}`)).toEqual({
      text: expect.stringContaining("The queue says the same"),
      contradiction: null,
    });
    expect(await open.house.contradictions.standing()).toEqual([]);
  });

  test("is over as soon as the task is proved, and stands a day where it is not", async () => {
    const key = await added(open.house);
    await claim(`🔵🔵🔵 AUTO-COMPLETE ${key}`, "1.1");
    await claim("🔵🔵🔵 AUTO-COMPLETE NOPE-7", "1.2");
    await claim("🔵🔵🔵 AUTO-COMPLETE everything", "1.3");
    expect(await open.house.contradictions.standing()).toHaveLength(3);
    await completed(open.house);
    open.clock.advance(60_000);
    const { standing } = await watchQueue(open.house);
    expect(standing.map(({ detail }) => detail)).toEqual([
      expect.stringContaining("there is no such task"),
      expect.stringContaining("names no task"),
    ]);
    open.clock.advance(86_400_000);
    // Nobody delivers in this house, and the watch says so.
    expect((await watchQueue(open.house)).standing).toMatchObject([{ rule: "outbox-stuck" }]);
  });
});

describe("in the local channel", () => {
  test("it stands as its author's words, with what the queue says below it", async () => {
    const { house } = open;
    const key = await added(house);
    const page = openPage(house);
    const { message } = (await page.say(`🔵🔵🔵 AUTO-COMPLETE ${key}`)) ?? { message: null };
    const [said] = await house.localChat.page("gatehouse", { limit: 10 });
    expect(said).toMatchObject({ id: message, kind: "said", author: "person:local:operator" });
    const [answer] = await house.localChat.thread("gatehouse", message ?? 0, 10);
    expect(answer?.text).toContain("The queue says otherwise");
    await page.say(`🔵🔵🔵 AUTO-COMPLETE ${key} really`, message);
    expect(await house.localChat.thread("gatehouse", message ?? 0, 10)).toHaveLength(3);
    await page.close();
    expect(await house.contradictions.standing()).toHaveLength(2);
  });
});
