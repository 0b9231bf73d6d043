import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import type { House } from "../../src/commands/house.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { startLoop } from "../../src/jobs/loop.ts";
import { answerProofReplies } from "../../src/jobs/proof-replies.ts";
import { ringOnWrite } from "../../src/jobs/ring-on-write.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, verified, well } from "../support/story.ts";

let open: TestHouse;
let house: House;
let rings: number;
const nudge = new Nudge();
nudge.listen(() => {
  rings += 1;
});

beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 10, 23, 9) });
  await seedRoster(open.house);
  house = ringOnWrite(open.house, nudge);
  rings = 0;
});
afterEach(() => open.close());

const rang = async (act: () => Promise<unknown>): Promise<number> => {
  rings = 0;
  await act();
  return rings;
};

test("what a job or a page waits for rings; what only looked does not", async () => {
  expect(await rang(() => added(house))).toBe(1);
  expect(await rang(() => claimed(house))).toBe(1);
  expect(
    await rang(() =>
      house.queue.claim({
        lane: "builder",
        agent: "ada",
        session: "s-2",
        route: { provider: "x", model: "y" },
      }),
    ),
  ).toBe(0);
  expect(await rang(() => house.outbox.post({ kind: "digest", text: "x", data: {} }, null))).toBe(1);
  expect(await rang(() => house.outbox.derive("v", 0, 3, []))).toBe(1);
  expect(await rang(() => house.outbox.derive("v", 3, 3, []))).toBe(0);
  expect(await rang(() => house.outbox.derive("v", 0, 3, []))).toBe(0);
  expect(await rang(() => house.queue.task("GATE-1"))).toBe(0);
});

test("the loops settle by themselves: a storm becomes a few runs, and rest stays rest while a reply waits for a verdict", async () => {
  // Its program is not there, so the verifier finds nothing out: the reply waits, and is looked up in every run.
  const absent = { ...TRUE_COMMAND, name: "absent", argv: ["/no/such/program"] };
  const key = await added(house, { requirements: [absent, TRUE_COMMAND] });
  await claimed(house);
  const replyTo = "local:gatehouse:1";
  well(await attachProof(house, { by: "person", key, uri: "command:absent", replyTo }, OPERATOR));
  const stop = new AbortController();
  const runs = { cards: 0, replies: 0, outbox: 0 };
  const options = { clock: house.clock, signal: stop.signal, nudge, log: vi.fn() };
  const platforms = allPlatforms({ localChat: house.localChat });
  const count = <T>(name: keyof typeof runs, job: () => Promise<T>) => {
    return () => {
      runs[name] += 1;
      return job();
    };
  };
  await house.localChat.post({
    channel: "gatehouse",
    thread: null,
    author: "person:local:x",
    kind: "said",
    task: key,
    text: "x",
    data: {},
  });
  const loops = [
    startLoop(
      "cards",
      count("cards", () => updateTaskCards(house)),
      options,
    ),
    startLoop(
      "replies",
      count("replies", () => answerProofReplies(house)),
      options,
    ),
    startLoop(
      "outbox",
      count("outbox", () => deliverOutbox(house, platforms)),
      options,
    ),
  ];
  // Real turns of the event loop until nothing runs any more, the clock moving by less than a poll.
  const settle = async (): Promise<number> => {
    for (let step = 0, before = -1; before !== runs.cards + runs.replies + runs.outbox; step += 1) {
      before = runs.cards + runs.replies + runs.outbox;
      for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => void setTimeout(resolve, 1));
      open.clock.advance(20);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setTimeout(resolve, 1));
      if (step > 40) throw new Error(`the loops never rest: ${JSON.stringify(runs)}`);
    }
    return runs.cards + runs.replies + runs.outbox;
  };
  await settle();
  expect((await house.localChat.message("gatehouse", 1))?.reaction).toBe("⏳");
  await verified(house);
  for (let index = 0; index < 50; index += 1) await added(house);
  const busy = await settle();
  expect(busy).toBeLessThan(60);
  open.clock.advance(1000);
  const polled = (await settle()) - busy;
  expect(polled).toBeGreaterThanOrEqual(3);
  expect(polled).toBeLessThan(15);
  expect(options.log).not.toHaveBeenCalled();
  stop.abort();
  await Promise.all(loops);
});
