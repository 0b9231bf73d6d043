// What the house may expect of the receiving side of every chat: run on the local chat, on Slack and on Discord alike, each
// with its own client on its own stand-in, through the real inbox, the real commands and the real outbox.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import type { House } from "../../src/commands/house.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { type RunResult, startLoop } from "../../src/jobs/loop.ts";
import { answerProofReplies } from "../../src/jobs/proof-replies.ts";
import { ringOnWrite } from "../../src/jobs/ring-on-write.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { listen } from "../../src/listen.ts";
import type { ChatPlatform } from "../../src/ports/chat.ts";
import type { ChatReceiver } from "../../src/ports/chat-receiver.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, verified, well } from "../support/story.ts";

export type Values = Readonly<Record<string, string>>;

/** A platform as people have it before them. `message`s are named as the receiver names them. */
export interface ChatUnderTest {
  readonly platform: ChatPlatform;
  /** Another one each time, as after a restart. */
  readonly receiver: () => ChatReceiver;
  readonly channel: string;
  /** Whom the tests make an operator, by the platform's id; null where whoever is there already is one. */
  readonly person: string | null;
  /** How the log names the person. */
  readonly actor: string;
  /** Resolves once a receiver hears everything that happens from now on. */
  connected(): Promise<void>;
  /** Resolves once the one that stopped hears nothing any more. */
  gone(): Promise<void>;
  /** The person runs a command; resolves once the platform was thanked for it, with what they are answered in the end. */
  types(verb: string, values: Values): Promise<{ readonly answer: Promise<string> }>;
  /** The same by somebody who was given nothing. Answers with what they are told. */
  strangerTypes(verb: string, values: Values): Promise<string>;
  /** The person writes below a message of the bot's, and the bot is told `times` times; 0: it hears nothing of it. */
  writes(text: string, head: string, times?: number): Promise<string>;
  rewrites(message: string, text: string): Promise<void>;
  erases(message: string): Promise<void>;
  /** The person presses a button of a message of the bot's. */
  presses(message: string, label: string): Promise<void>;
  /** The bot's reactions on a message. */
  reactions(message: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Running {
  readonly house: House;
  readonly broken: object[];
  stop(): Promise<void>;
}

export function chatReceiverContract(name: string, open: (house: House) => Promise<ChatUnderTest>): void {
  describe(`the contract of chats that are heard, on ${name}`, () => {
    let home: TestHouse;
    let chat: ChatUnderTest;
    let bot: Running;
    /** What keeping an arrival waits for. */
    let mayKeep: Promise<void>;
    let asked: number;

    beforeEach(async () => {
      home = await openTestHouse();
      await seedRoster(home.house);
      mayKeep = Promise.resolve();
      asked = 0;
      chat = await open(home.house);
      const platform = chat.platform.name;
      if (chat.person !== null) {
        const grant = { platform, sort: "person", subject: chat.person, role: "operator" } as const;
        await home.house.roles.grant(grant, OPERATOR.actor);
      }
      await home.house.channels.setChannel({ platform, name: chat.channel }, {});
      await start();
    });
    afterEach(async () => {
      await bot.stop();
      expect(bot.broken).toEqual([]);
      await chat.close();
      await home.close();
    });

    async function start(): Promise<void> {
      bot = run(slowToKeep(home.house), chat);
      await chat.connected();
    }
    async function stop(): Promise<void> {
      await bot.stop();
      await chat.gone();
    }
    function slowToKeep(house: House): House {
      const receive: House["inbox"]["receive"] = async (arrival) => {
        asked += 1;
        await mayKeep;
        return house.inbox.receive(arrival);
      };
      return { ...house, inbox: { ...house.inbox, receive } };
    }

    const factsOf = async (key: string) => {
      const facts = await home.house.queue.task(key);
      if (facts === null) throw new Error(`no ${key}`);
      return facts;
    };
    const eventsOf = async (key: string, kind: string) =>
      (await home.house.log.events({ after: 0, task: key, limit: 100 })).filter((one) => one.kind === kind);
    const cardOf = (key: string) =>
      soon(async () => {
        const cards = await home.house.outbox.cards(chat.platform.name, 20);
        return cards.find(({ task }) => task === key)?.anchor;
      });
    const marked = (message: string, reaction: string) =>
      expect.poll(() => chat.reactions(message), POLL).toEqual([reaction]);

    /** A task under way with work left where a link finds it, and its card. */
    async function underWay() {
      const requirements = [TRUE_COMMAND, { name: "report", kind: "file" }] as const;
      const key = await added(bot.house, { requirements: [...requirements] });
      await claimed(bot.house);
      mkdirSync(home.proofs, { recursive: true });
      writeFileSync(join(home.proofs, "out.txt"), "done");
      return { key, card: await cardOf(key) };
    }

    test("what comes is kept before anybody is thanked for it", async () => {
      const key = await added(bot.house);
      const gate = Promise.withResolvers<void>();
      mayKeep = gate.promise;
      let thanked = false;
      const typing = chat.types("prioritize", { task: key, priority: "P1" }).then((typed) => {
        thanked = true;
        return typed;
      });
      await soon(() => asked > 0);
      await new Promise((resolve) => setImmediate(resolve));
      expect(thanked).toBe(false);
      gate.resolve();
      expect(await (await typing).answer).toContain(`${key} is P1 now.`);
    });

    test("a command is run by whoever typed it, and answered to them", async () => {
      const key = await added(bot.house);
      const { answer } = await chat.types("prioritize", { task: key, priority: "P1" });
      expect(await answer).toContain(`${key} is P1 now.`);
      expect(await eventsOf(key, "task.prioritized")).toMatchObject([{ actor: chat.actor }]);
      const looked = await chat.types("show", { task: key });
      expect(await looked.answer).toContain(key);
    });

    test("whoever was given nothing changes nothing, and is told so", async () => {
      const key = await added(bot.house);
      expect(await chat.strangerTypes("prioritize", { task: key, priority: "P1" })).not.toBe("");
      expect((await factsOf(key)).task.priority).toBe("P2");
      expect(await eventsOf(key, "task.prioritized")).toEqual([]);
    });

    test("a link below a card is attached once, however often it is told, and its verdict stands on it", async () => {
      const { key, card } = await underWay();
      const reply = await chat.writes("report: file:out.txt", card, 3);
      await marked(reply, "⏳");
      await soon(async () => (await eventsOf(key, "proof.attached")).length > 0);
      await verified(bot.house);
      await marked(reply, "✅");
      expect(await eventsOf(key, "proof.attached")).toHaveLength(1);
      expect((await factsOf(key)).proofs).toMatchObject([{ uri: "file:out.txt", attachedBy: chat.actor }]);
    });

    test("a link that does not hold is marked, and what is said anew is checked again", async () => {
      const { key, card } = await underWay();
      const reply = await chat.writes("report: file:nothing.txt", card);
      await marked(reply, "⏳");
      await soon(async () => (await eventsOf(key, "proof.attached")).length > 0);
      await verified(bot.house);
      await marked(reply, "❌");
      await chat.rewrites(reply, "report: file:out.txt");
      await soon(async () => (await eventsOf(key, "proof.attached")).length === 2);
      await verified(bot.house);
      await marked(reply, "✅");
      await chat.erases(reply);
      await expect
        .poll(async () => (await factsOf(key)).proofs.map(({ verdict }) => verdict), POLL)
        .toEqual(["failed"]);
    });

    test("a button does what it says, once", async () => {
      const key = await added(bot.house);
      const asks = {
        kind: "question",
        reason: "Two fonts",
        question: "Which font?",
        choices: ["Serif", "Sans"],
      };
      well(await blockTask(bot.house, { key, ...asks }, OPERATOR));
      await chat.presses(await cardOf(key), "Sans");
      await soon(async () => (await factsOf(key)).task.status === "queued");
      expect(await eventsOf(key, "task.unblocked")).toMatchObject([{ actor: chat.actor }]);
    });

    test("what was written while nobody listened is read back, once", async () => {
      const { key, card } = await underWay();
      const first = await chat.writes("report: file:first.txt", card);
      await marked(first, "⏳");
      await soon(async () => (await eventsOf(key, "proof.attached")).length > 0);
      await stop();
      await chat.writes("report: file:second.txt", card, 0);
      await start();
      const uris = async () => (await eventsOf(key, "proof.attached")).map(({ data }) => data["uri"]);
      await expect.poll(uris, POLL).toEqual(["file:first.txt", "file:second.txt"]);
      await stop();
      await start();
      const { answer } = await chat.types("show", { task: key });
      expect(await answer).toContain(key);
      expect(await uris()).toHaveLength(2);
    });
  });
}

const POLL = { timeout: 15_000, interval: 5 };

function soon<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  return vi.waitUntil(async () => (await look()) || false, POLL);
}

/** The bot as main wires it: it hears, keeps cards and answers up to date, and sends what is due. */
function run(quiet: House, { platform, receiver }: ChatUnderTest): Running {
  const nudge = new Nudge();
  const house = ringOnWrite(quiet, nudge);
  const stopping = new AbortController();
  const broken: object[] = [];
  const log = {
    info: () => undefined,
    error: (facts: object, message: string) => {
      if (!("state" in facts)) broken.push({ facts, message });
    },
  };
  const loop = (name: string, job: () => Promise<RunResult>) =>
    startLoop(name, job, {
      clock: house.clock,
      signal: stopping.signal,
      nudge,
      spacingMs: 0,
      log: ({ error }) => broken.push({ facts: { error }, message: name }),
    });
  const running = Promise.all([
    listen({ house, receivers: [receiver()], nudge, log, signal: stopping.signal }),
    loop("task-cards", () => updateTaskCards(house)),
    loop("proof-replies", () => answerProofReplies(house)),
    loop("deliver-outbox", () => deliverOutbox(house, [platform])),
  ]);
  return {
    house,
    broken,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
