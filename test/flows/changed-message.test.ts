import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { answerProofReplies } from "../../src/jobs/proof-replies.ts";
import { recheckPool } from "../../src/jobs/recheck-proofs.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { openTestHouse, PAGE, seedRoster, type TestHouse } from "../support/house.ts";
import { type OpenPage, openPage } from "../support/page.ts";
import { added, claimed, type Held, submitted, TRUE_COMMAND, verified } from "../support/story.ts";

const REPORT = { name: "report", kind: "file" } as const;
const SAID = { name: "word", kind: "chat-message", platform: "local", channel: "gatehouse" } as const;
const CHANNEL = "gatehouse";

let open: TestHouse;
let held: Held;
let card: number;
let page: OpenPage;

beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 2, 30, 9) });
  await seedRoster(open.house);
  page = openPage(open.house);
});
afterEach(async () => {
  await page.close();
  await open.close();
});

/** A claimed task with its card in the channel. */
async function begin(...requirements: { readonly name: string; readonly kind: string }[]): Promise<void> {
  await added(open.house, { requirements });
  held = await claimed(open.house);
  await updateTaskCards(open.house);
  await talk();
  const [message] = await open.house.localChat.page(CHANNEL, { limit: 1 });
  card = message?.id ?? 0;
  put("a.txt");
  put("b.txt");
}

function put(name: string): void {
  writeFileSync(join(open.proofs, name), `${name} is green`);
}

/** Everything the bot has to say gets to the channel. */
async function talk(): Promise<void> {
  await answerProofReplies(open.house);
  await deliverOutbox(open.house, allPlatforms(open.house));
}

async function say(text: string): Promise<number> {
  const spoken = await page.say(text, card);
  open.clock.advance(1000);
  return spoken?.message ?? 0;
}

async function revise(message: number, text: string | null): Promise<void> {
  expect(await page.revise(message, text)).not.toBeNull();
}

async function proofs() {
  const facts = await open.house.queue.task("GATE-1");
  return facts?.proofs.map(({ requirement, uri, verdict }) => `${requirement} ${uri} ${verdict}`);
}

async function status() {
  return (await open.house.queue.task("GATE-1"))?.task.status;
}

describe("while the attempt is open", () => {
  test("a deleted message withdraws its proof, and says so where it stood", async () => {
    await begin(REPORT, TRUE_COMMAND);
    const message = await say("file:a.txt");
    await verified(open.house);
    expect(await proofs()).toEqual(["report file:a.txt passed"]);
    await revise(message, null);
    expect(await proofs()).toEqual(["report file:a.txt failed"]);
    expect((await open.house.queue.task("GATE-1"))?.proofs[0]?.reason).toBe(
      "The message that attached it was deleted.",
    );
    await talk();
    expect(await open.house.localChat.message(CHANNEL, message)).toMatchObject({ text: "", reaction: "❌" });
  });

  test("withdrawn while it is being verified, the task goes back to its holder and is not completed", async () => {
    await begin(REPORT);
    const message = await say("file:a.txt");
    expect(await status()).toBe("verifying");
    await revise(message, null);
    expect(await status()).toBe("active");
    await verified(open.house);
    expect(await status()).toBe("active");
  });

  test("an edited message has the links that still stand in it checked again before they count", async () => {
    await begin(REPORT, TRUE_COMMAND);
    const message = await say("file:a.txt");
    await verified(open.house);
    rmSync(join(open.proofs, "a.txt"));
    await revise(message, "here it is: file:a.txt");
    expect(await proofs()).toEqual(["report file:a.txt inconclusive"]);
    await verified(open.house);
    expect(await proofs()).toEqual(["report file:a.txt failed"]);
  });

  test("an edited message that holds another link withdraws the first and attaches the second", async () => {
    await begin(REPORT, TRUE_COMMAND);
    const message = await say("file:a.txt");
    await verified(open.house);
    await revise(message, "I meant file:b.txt");
    expect(await proofs()).toEqual(["report file:b.txt pending"]);
    await verified(open.house);
    await talk();
    expect(await open.house.localChat.message(CHANNEL, message)).toMatchObject({
      reaction: "✅",
      data: { editedAt: open.clock.now },
    });
    await revise(message, "file:a.txt after all");
    await verified(open.house);
    expect(await proofs()).toEqual(["report file:a.txt passed"]);
  });

  test("only who wrote it changes it, once deleted it stays so, and the bot's words are not changed", async () => {
    await begin(REPORT);
    const message = await say("nice work");
    const store = open.house.localChat;
    expect(await store.revise(CHANNEL, message, "person:local:somebody", "mine now")).toBeNull();
    expect(await store.revise(CHANNEL, card, "bot:gatehouse", "not me")).toBeNull();
    await revise(message, null);
    expect(await page.revise(message, "back again")).toBeNull();
    expect(await page.revise(4242, "nothing")).toBeNull();
    expect((await store.message(CHANNEL, message))?.data).toHaveProperty("deletedAt");
  });
});

describe("after done", () => {
  async function done(text: string): Promise<number> {
    const message = await say(text);
    await verified(open.house);
    expect(await status()).toBe("done");
    return message;
  }

  async function recheck(): Promise<void> {
    const pool = recheckPool(open.house, [], new AbortController().signal);
    await pool.run();
    await pool.idle();
  }

  test("an edit has the proof looked at at once: what holds stays done", async () => {
    await begin(REPORT);
    const message = await done("file:a.txt");
    await revise(message, "look: file:a.txt");
    await recheck();
    expect(await status()).toBe("done");
    expect(await open.house.rechecks.due(9)).toEqual([]);
  });

  test("and what does not hold reopens the task", async () => {
    await begin(REPORT);
    const message = await done("file:a.txt");
    rmSync(join(open.proofs, "a.txt"));
    await recheck();
    expect(await status()).toBe("done");
    await revise(message, null);
    await recheck();
    expect(await status()).toBe("queued");
  });
});

describe("somebody's word as proof", () => {
  test("is linked by its time stamp, or by its name, and counts until it is edited", async () => {
    await begin(SAID, TRUE_COMMAND);
    open.clock.advance(1000);
    const word = await say("I watched it to the end.");
    for (const link of [`${PAGE}/#message-${word}`, `local:gatehouse:${word}`]) {
      await say(`word: ${link}`);
      await say(`/gate prove GATE-1 ${link} --requirement word`);
      await verified(open.house);
      expect(await proofs()).toEqual([`word ${link} passed`]);
    }
    open.clock.advance(1000);
    await revise(word, "I watched half of it.");
    await say("command:checks");
    await submitted(open.house, held).catch(() => undefined);
    open.clock.advance(61_000);
    await verified(open.house);
    expect(await status()).toBe("active");
    expect((await proofs())?.some((proof) => proof.startsWith("word") && proof.endsWith("failed"))).toBe(
      true,
    );
  });

  test.each(["card", "4242", "another page", "another channel"])(
    "and is none where it leads to %s",
    async (where) => {
      await begin(SAID);
      const word = await say("I watched it.");
      const links: Record<string, string> = {
        card: `local:gatehouse:${card}`,
        "4242": "local:gatehouse:4242",
        "another page": `http://127.0.0.1:4101/#message-${word}`,
        "another channel": `local:elsewhere:${word}`,
      };
      await say(`/gate prove GATE-1 ${links[where]} --requirement word`);
      await verified(open.house);
      expect((await proofs())?.[0]).toMatch(/ failed$/);
      expect(await status()).toBe("active");
    },
  );
});
