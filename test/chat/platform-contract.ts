// What the outbox may expect of every chat platform. Run on the local one here; Slack and Discord run it on stand-ins of
// their servers.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatPlatform, Reaction } from "../../src/ports/chat.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import { Trouble } from "../../src/ports/trouble.ts";

/** A message as the platform's own side sees it. */
export interface SeenMessage {
  readonly anchor: string;
  /** The anchor of the head it stands below; null in the channel itself. */
  readonly below: string | null;
  readonly text: string;
  readonly reaction: string | null;
}

export interface PlatformUnderTest {
  readonly platform: ChatPlatform;
  readonly channel: string;
  /** Somebody else writes a message, below another one if its anchor is given; answers with its id. */
  somebodyWrites(text: string, below?: string): Promise<string>;
  /** Every message of the channel and its threads, oldest first. */
  seen(): Promise<readonly SeenMessage[]>;
  close(): Promise<void>;
}

export function chatPlatformContract(name: string, open: () => Promise<PlatformUnderTest>): void {
  describe(`the contract of chat platforms, on ${name}`, () => {
    let under: PlatformUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    const delivery = (notice: number, text: string, more: Partial<Delivery> = {}): Delivery => ({
      notice,
      channelId: 1,
      platform: under.platform.name,
      channel: under.channel,
      kind: "digest",
      task: null,
      text,
      data: {},
      revision: 1,
      anchor: null,
      tries: 1,
      doubtful: false,
      ...more,
    });
    const at = (message: string) => ({ platform: under.platform.name, channel: under.channel, message });
    const texts = async () => (await under.seen()).map(({ text }) => text);

    test("posting leaves one message, and answers with its anchor", async () => {
      const anchor = await under.platform.post(delivery(1, "hello"));
      expect(await under.seen()).toEqual([{ anchor, below: null, text: "hello", reaction: null }]);
    });

    test("two notices are two messages, with anchors that differ", async () => {
      const anchors = [
        await under.platform.post(delivery(1, "one")),
        await under.platform.post(delivery(2, "two")),
      ];
      expect(new Set(anchors).size).toBe(2);
      expect(await texts()).toEqual(["one", "two"]);
    });

    test("editing changes what stands at the anchor, and nothing else", async () => {
      const anchor = await under.platform.post(delivery(1, "old"));
      await under.platform.post(delivery(2, "other"));
      const after = await under.platform.edit({ ...delivery(1, "new", { revision: 2 }), anchor });
      expect(after).toBe(anchor);
      expect(await texts()).toEqual(["new", "other"]);
    });

    test("a reply stands below the message it answers, below its head where that is a reply itself", async () => {
      const head = await under.platform.post(delivery(1, "head"));
      const question = await under.somebodyWrites("is it so?", head);
      await under.platform.reply(at(question), delivery(2, "it is"));
      expect((await under.seen()).map(({ text, below }) => [text, below])).toEqual([
        ["head", null],
        ["is it so?", head],
        ["it is", head],
      ]);
    });

    test("there is one reaction on a message at a time, and twice is as good as once", async () => {
      const message = await under.somebodyWrites("proof: https://example.org/");
      for (const reaction of ["⏳", "⏳", "✅", "❌"] satisfies Reaction[]) {
        await under.platform.react(at(message), reaction);
        expect((await under.seen()).at(-1)?.reaction).toBe(reaction);
      }
    });

    test("after a doubt, looking and then sending leaves one message that says what it should", async () => {
      await under.platform.post(delivery(1, "first try"));
      const again = delivery(1, "second try", { doubtful: true, tries: 2 });
      const found = await under.platform.find(again);
      if (found === null) await under.platform.post(again);
      else await under.platform.edit({ ...again, anchor: found });
      expect(await texts()).toEqual(["second try"]);
    });

    test("what can never be taken is Trouble, coded as rejected", async () => {
      const nowhere = under.platform.reply(at("no such message"), delivery(1, "lost"));
      const trouble = await nowhere.then(
        () => null,
        (error: unknown) => error,
      );
      expect(trouble).toBeInstanceOf(Trouble);
      expect(trouble).toMatchObject({ code: "rejected" });
    });
  });
}
