import { expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { localPlatform } from "../../adapters/chat/local/platform.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { openTestHouse } from "../support/house.ts";
import { chatPlatformContract } from "./platform-contract.ts";

const CHANNEL = "gatehouse";

chatPlatformContract("the local chat", async () => {
  const { store, close } = await openTestHouse().then((home) => ({
    store: home.store,
    close: () => home.close(),
  }));
  const { localChat } = store;
  return {
    platform: localPlatform(localChat),
    channel: CHANNEL,
    async somebodyWrites(text, below) {
      const thread = below === undefined ? null : Number(below);
      const author = "person:local:somebody";
      return String(
        await localChat.post({ channel: CHANNEL, thread, author, kind: "said", task: null, text, data: {} }),
      );
    },
    async seen() {
      const all = await localChat.changes(CHANNEL, 0, 1000);
      return all
        .toSorted((a, b) => a.id - b.id)
        .map(({ id, thread, text, reaction }) => {
          return { anchor: String(id), below: thread === null ? null : String(thread), text, reaction };
        });
    },
    close,
  };
});

test("a bot that was killed right after posting leaves one message, once another has taken over", async () => {
  const home = await openTestHouse({ startAt: Date.UTC(2026, 10, 23, 9) });
  const { house, clock } = home;
  const platforms = allPlatforms({ localChat: house.localChat });
  await house.outbox.post({ kind: "digest", text: "once", data: {} }, null);
  const [taken] = await house.outbox.takeDue(["local"], 1, 5000);
  await platforms[0]?.post(taken!);
  // It dies here: nothing of `sent` was written.
  expect(await deliverOutbox(house, platforms)).toEqual({ nextDueMs: 5000 });
  clock.advance(5000);
  await deliverOutbox(house, platforms);
  expect((await house.localChat.page(CHANNEL, { limit: 9 })).map(({ text }) => text)).toEqual(["once"]);
  expect((await house.outbox.notices({ after: 0, limit: 1 }))[0]?.deliveries).toMatchObject([
    { state: "sent" },
  ]);
  await home.close();
});

test("several bots on one database send each notice once", async () => {
  const home = await openTestHouse();
  const other = await openTestHouse({ url: home.url });
  const subjects = Array.from({ length: 100 }, (_, index) => index);
  for (const index of subjects)
    await home.house.outbox.post({ kind: "digest", text: `notice ${index}`, data: {} }, null);
  const run = async ({ house }: typeof home): Promise<void> => {
    for (;;) {
      const { nextDueMs } = await deliverOutbox(house, allPlatforms({ localChat: house.localChat }));
      if (nextDueMs !== 0) return;
    }
  };
  await Promise.all([run(home), run(other)]);
  const messages = await home.house.localChat.page(CHANNEL, { limit: 1000 });
  expect(messages.map(({ text }) => text).toSorted()).toEqual(
    subjects.map((index) => `notice ${index}`).toSorted(),
  );
  // Nobody had to send anything twice: an edit would have given a message a second change.
  expect(await home.house.localChat.lastChange()).toBe(100);
  await other.close();
  await home.close();
});
