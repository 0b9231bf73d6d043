import { afterEach, beforeEach, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import type { Json } from "../../src/core/json.ts";
import { hear } from "../../src/doors/chat/hear.ts";
import { speakers } from "../../src/doors/chat/speakers.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { inboxPool } from "../../src/jobs/answer-inbox.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { answerProofReplies } from "../../src/jobs/proof-replies.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import type { ChatPlatform } from "../../src/ports/chat.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import type { ChatReceiver, Heard } from "../../src/ports/chat-receiver.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";

// The door below every platform: what was kept in the inbox is handled, by whoever did it, and answered where it was
// done. The platform here is the test's own: its payloads are what they mean, and its messages are a list.

const PLATFORM = "paper";
const CHANNEL = "floor";

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 10, 23, 9) });
  await seedRoster(open.house);
  await open.house.channels.setChannel({ platform: PLATFORM, name: CHANNEL }, {});
  const mia = { platform: PLATFORM, sort: "person", subject: "mia", role: "operator" } as const;
  await open.house.roles.grant(mia, OPERATOR.actor);
});
afterEach(() => open.close());

function paper() {
  const answers: string[] = [];
  const said: { readonly under: string | null; readonly text: string }[] = [];
  const reactions: string[] = [];
  let failures = 0;
  const receiver: ChatReceiver = {
    name: PLATFORM,
    run: () => Promise.resolve(),
    read: (payload) => payload as unknown as Heard,
    async answer(_, { answer, visibility }) {
      if (failures > 0) {
        failures -= 1;
        throw new Trouble("unreachable", "The wire is cut.");
      }
      answers.push(`${visibility}: ${answerText(answer)}`);
    },
    groups: () => Promise.resolve([]),
  };
  const put = (delivery: Delivery, under: string | null) => {
    said.push({ under, text: delivery.text });
    return Promise.resolve(`m${said.length}`);
  };
  const platform: ChatPlatform = {
    name: PLATFORM,
    post: (delivery) => put(delivery, null),
    edit: (delivery) => put(delivery, null),
    reply: (to, delivery) => put(delivery, to.message),
    async react(to, reaction) {
      reactions.push(`${to.message} ${reaction}`);
    },
    find: () => Promise.resolve(null),
  };
  const hearing = { house: open.house, speakers: speakers(open.house, [receiver]), verbs: allVerbs };
  const broken: unknown[] = [];
  const pool = inboxPool({
    inbox: open.house.inbox,
    platforms: [PLATFORM],
    handle: (entry) => hear(hearing, receiver, entry),
    settled: () => undefined,
    broke: (_, error) => broken.push(error),
    clock: open.house.clock,
  });
  return {
    answers,
    said,
    reactions,
    broken,
    fail: (times: number) => {
      failures = times;
    },
    async happens(event: string, heard: Heard, thread: string | null = null) {
      await open.house.inbox.receive({
        platform: PLATFORM,
        event,
        thread,
        payload: heard as unknown as Json,
      });
    },
    async settle() {
      while ((await open.house.inbox.dueInMs([PLATFORM])) === 0) {
        await pool.run();
        await pool.idle();
      }
      await updateTaskCards(open.house);
      await answerProofReplies(open.house);
      while ((await deliverOutbox(open.house, [platform])).nextDueMs === 0);
    },
  };
}

const person = (id: string) => ({ platform: PLATFORM, id, groups: null });
const typed = (line: string, id = "mia"): Heard => {
  return { kind: "line", person: person(id), channel: CHANNEL, line, confirmed: false };
};
const ref = (message: string) => ({ platform: PLATFORM, channel: CHANNEL, message });
const wrote = (
  text: string,
  head: string | null,
  { id = "mia", addressed = false, name = "77" } = {},
): Heard => {
  return {
    kind: "message",
    person: person(id),
    message: ref(name),
    head: head === null ? null : ref(head),
    text,
    addressed,
  };
};
const statusOf = async (key: string) => (await open.house.queue.task(key))?.task.status;

async function withCard(of: ReturnType<typeof paper>): Promise<{ key: string; card: string }> {
  const key = await added(open.house, { requirements: [TRUE_COMMAND, { name: "report", kind: "file" }] });
  await claimed(open.house);
  await of.settle();
  const [card] = await open.house.outbox.cards(PLATFORM, 10);
  if (card === undefined) throw new Error("no card");
  return { key, card: card.anchor };
}

test("a line is run by whoever typed it, and answered where it was typed", async () => {
  const of = paper();
  const key = await added(open.house);
  await of.happens("e1", typed(`/gate prioritize ${key} P1`));
  await of.happens("e2", typed(`/gate prioritize ${key} P2`, "stranger"));
  await of.settle();
  expect(of.answers).toHaveLength(2);
  expect(of.answers).toContain(`channel: ${key} is P1 now.`);
  expect(of.answers.find((one) => one.startsWith("caller"))).toContain("role");
  expect((await open.house.queue.task(key))?.task.priority).toBe("P1");
  const [last] = (await open.house.log.events({ after: 0, task: key, limit: 50 })).slice(-1);
  expect(last).toMatchObject({ actor: "person:paper:mia", via: "paper:floor" });
});

test("a line whose answer fails is answered later, and what it did is not done twice", async () => {
  const of = paper();
  const key = await added(open.house);
  of.fail(2);
  await of.happens("e1", typed(`/gate prioritize ${key} P1`));
  await of.settle();
  expect(of.answers).toEqual([]);
  open.clock.advance(1000);
  await of.settle();
  open.clock.advance(2000);
  await of.settle();
  expect(of.answers).toHaveLength(1);
  const events = await open.house.log.events({ after: 0, task: key, limit: 50 });
  expect(events.filter(({ kind }) => kind === "task.prioritized")).toHaveLength(1);
});

test("a link below a card is attached once, however often the message is handed over", async () => {
  const of = paper();
  const { key, card } = await withCard(of);
  for (const _ of [1, 2, 3]) await of.happens("message:floor:77", wrote("report: file:out.txt", card));
  await of.settle();
  expect(of.reactions).toEqual(["77 ⏳"]);
  expect((await open.house.queue.task(key))?.proofs).toHaveLength(1);
});

test("handled again after a crash, a message attaches nothing twice", async () => {
  const of = paper();
  const { key, card } = await withCard(of);
  await of.happens("message:floor:77", wrote("report: file:out.txt", card));
  const [entry] = await open.house.inbox.take([PLATFORM], 1, 30_000);
  const receiver = { name: PLATFORM, read: (payload: Json) => payload as unknown as Heard } as ChatReceiver;
  const hearing = { house: open.house, speakers: speakers(open.house, []), verbs: allVerbs };
  if (entry === undefined) throw new Error("nothing came");
  await hear(hearing, receiver, entry);
  open.clock.advance(30_000);
  await of.settle();
  const events = await open.house.log.events({ after: 0, task: key, limit: 50 });
  expect(events.filter(({ kind }) => kind === "proof.attached")).toHaveLength(1);
});

test("people's own threads are left alone, with links and without", async () => {
  const of = paper();
  await withCard(of);
  const before = of.said.length;
  await of.happens("e1", wrote("look: https://example.com/a", "somebody else's"));
  await of.happens("e2", wrote("nice", null));
  await of.settle();
  expect(of.said).toHaveLength(before);
  expect(of.reactions).toEqual([]);
});

test("whoever names the bot may leave out /gate, and is answered below their message", async () => {
  const of = paper();
  const key = await added(open.house);
  await of.happens("e1", wrote(`prioritize ${key} P1`, null, { addressed: true, name: "5" }));
  await of.happens("e2", wrote("", null, { addressed: true, name: "6" }));
  await of.happens("e3", wrote("hello there", null, { addressed: true, name: "7" }));
  await of.settle();
  expect(of.said.find(({ under }) => under === "5")?.text).toBe(`${key} is P1 now.`);
  expect(of.said.find(({ under }) => under === "6")?.text).toContain("/gate help");
  expect(of.said.find(({ under }) => under === "7")?.text).toContain("Commands begin with");
});

test("a blocked task asks on its card, and the answer below it unblocks", async () => {
  const of = paper();
  const key = await added(open.house);
  const asked = { kind: "question", reason: "Two fonts", question: "Which font?", choices: [] };
  well(await blockTask(open.house, { key, ...asked }, OPERATOR));
  await of.settle();
  const [card] = await open.house.outbox.cards(PLATFORM, 10);
  await of.happens("e1", wrote("The licensed one", card?.anchor ?? null));
  await of.settle();
  expect(await statusOf(key)).toBe("queued");
  expect(of.reactions).toContain("77 ✅");
});

test("what a line about a message attaches is told on that message, and withdrawn with it", async () => {
  const of = paper();
  const { key } = await withCard(of);
  const line = `/gate prove ${key} file:out.txt --requirement report`;
  await of.happens("e1", { ...typed(line), about: ref("55") } as Heard);
  await of.settle();
  expect(of.reactions).toEqual(["55 ⏳"]);
  const deleted = { kind: "edited", person: null, message: ref("55"), head: null, text: null } as const;
  await of.happens("e2", deleted);
  await of.settle();
  const proofs = (await open.house.queue.task(key))?.proofs ?? [];
  expect(proofs.map(({ verdict }) => verdict)).toEqual(["failed"]);
});

test("a completion that somebody announces is answered with what the queue says", async () => {
  const of = paper();
  const key = await added(open.house);
  await of.happens("e1", wrote(`🔵🔵🔵 AUTO-COMPLETE ${key}`, null));
  await of.settle();
  expect(of.said.find(({ under }) => under === "77")?.text).toContain(`${key} is queued`);
  expect(of.reactions).toEqual(["77 ❌"]);
});

test("a channel nobody subscribed is answered, and told nothing else", async () => {
  const of = paper();
  const elsewhere = { platform: PLATFORM, channel: "aside", message: "9" };
  const heard: Heard = {
    kind: "message",
    person: person("mia"),
    message: elsewhere,
    head: null,
    text: "status",
    addressed: true,
  };
  await of.happens("e1", heard);
  await of.settle();
  expect(of.said.map(({ under }) => under)).toEqual(["9"]);
  expect(await open.house.channels.channel(PLATFORM, "aside")).toMatchObject({ kinds: [] });
});

test("a channel that asked for some lanes hears of their tasks alone", async () => {
  const of = paper();
  await open.house.channels.setChannel({ platform: PLATFORM, name: CHANNEL }, { lanes: ["other"] });
  await added(open.house);
  await claimed(open.house);
  await of.settle();
  expect(of.said).toEqual([]);
});
