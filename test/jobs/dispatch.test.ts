import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { beat } from "../../src/commands/beat.ts";
import { dispatchReadyWork } from "../../src/commands/dispatch-ready-work.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import type { Dispatch } from "../../src/core/dispatch.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { offerPool } from "../../src/jobs/send-offers.ts";
import { updateTaskCards } from "../../src/jobs/task-cards.ts";
import { DISPATCH_SECRET, openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, OPERATOR, ROUTE, well } from "../support/story.ts";

const MINUTE = 60_000;
const NINE = Date.UTC(2026, 2, 30, 9);

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real receiver on loopback that answers as it is told, the last answer for all that follow; 0: not at all. */
class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  answers: number[] = [204];

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        this.received.push({ headers: request.headers, body });
        const status = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? 204;
        if (status !== 0) response.writeHead(status).end();
      });
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/offers`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let open: TestHouse;
let receiver: Receiver;
let url: string;
beforeEach(async () => {
  open = await openTestHouse({ startAt: NINE });
  await seedRoster(open.house, { capacity: 2 });
  receiver = new Receiver();
  url = await receiver.listen();
});
afterEach(async () => {
  receiver.close();
  await open.close();
});

async function hands(dispatch: Dispatch, lane = "builder"): Promise<void> {
  well(await setLane(open.house, { name: lane, dispatch }, OPERATOR));
}

/** Runs the job, and sends what is due now. */
async function dispatched(): Promise<Readonly<Record<string, unknown>>> {
  const { value } = await dispatchReadyWork(open.house);
  await sent();
  return Object.fromEntries(
    value.lanes.map(({ lane, offered, skipped }) => [lane, offered.length > 0 ? offered : skipped]),
  );
}

async function sent(): Promise<void> {
  const pool = offerPool(open.house, new AbortController().signal);
  await pool.run();
  await pool.idle();
}

async function status(key: string) {
  return (await open.house.queue.task(key))?.task.status;
}

interface Payload {
  readonly offer: string;
  readonly expiresAt: string;
  readonly attempt: {
    readonly id: string;
    readonly epoch: number;
    readonly session: string;
    readonly lane: string;
  };
  readonly task: { readonly key: string; readonly acceptance: string };
}

function payloadOf({ body }: Received): Payload {
  return JSON.parse(body) as Payload;
}

/** The first heartbeat, from nothing but what was sent. */
function taken({ attempt, task }: Payload) {
  const { id, epoch, session, lane } = attempt;
  return beat(
    open.house,
    { attempt: id, epoch, lane, task: task.key, session, agent: "ada", route: ROUTE },
    { actor: "agent:ada" },
  );
}

describe("what is offered", () => {
  test("nothing where lanes pull, and nobody is woken where nothing is runnable", async () => {
    await added(open.house);
    expect(await dispatched()).toEqual({ builder: "pull" });
    await hands({ kind: "webhook", agent: "ada", url });
    await claimed(open.house);
    expect(await dispatched()).toEqual({ builder: "nothing-runnable" });
    expect(receiver.received).toEqual([]);
  });

  test("never more than the free capacity, the most urgent first", async () => {
    await hands({ kind: "webhook", agent: "ada", url });
    for (const priority of ["P3", "P1", "P0", "P2"] as const) await added(open.house, { priority });
    await claimed(open.house);
    expect(await dispatched()).toEqual({ builder: ["GATE-2.1"] });
    expect(await dispatched()).toEqual({ builder: "at-capacity" });
    expect(await status("GATE-2")).toBe("offered");
    expect(receiver.received).toHaveLength(1);
  });

  test("nothing for a paused lane or an agent who may not pull", async () => {
    await hands({ kind: "webhook", agent: "eve", url });
    await added(open.house);
    expect(await dispatched()).toEqual({ builder: "agent-barred" });
    await open.house.roster.pauseLane("builder", "audit", OPERATOR.actor);
    expect(await dispatched()).toEqual({ builder: "lane-paused" });
    expect(await status("GATE-1")).toBe("queued");
  });

  test("what lapsed is taken back first, and offered in the same run", async () => {
    await hands({ kind: "webhook", agent: "ada", url });
    await added(open.house);
    await claimed(open.house);
    open.clock.advance(15 * MINUTE);
    expect(await dispatched()).toEqual({ builder: "nothing-runnable" });
    open.clock.advance(1000);
    expect(await dispatched()).toEqual({ builder: ["GATE-1.2"] });
  });
});

describe("by webhook", () => {
  beforeEach(async () => {
    await hands({ kind: "webhook", agent: "ada", url });
    await added(open.house);
  });

  test("a signed offer holds all that its first heartbeat needs, and that heartbeat takes it", async () => {
    await dispatched();
    const [request] = receiver.received as [Received];
    const { headers, body } = request;
    const signed = createHmac("sha256", DISPATCH_SECRET).update(
      `${String(headers["gatehouse-timestamp"])}.${body}`,
    );
    expect(headers["gatehouse-signature"]).toBe(`v1=${signed.digest("hex")}`);
    expect(Math.abs(Number(headers["gatehouse-timestamp"]) - Date.now() / 1000)).toBeLessThan(30);
    expect(headers["idempotency-key"]).toBe("GATE-1.1");
    const payload = payloadOf(request);
    expect(payload).toMatchObject({
      expiresAt: "2026-03-30T09:02:00.000Z",
      task: { acceptance: "It plays" },
    });

    expect(well(await taken(payload)).leaseExpiresAt).toBe(NINE + 15 * MINUTE);
    expect(await status("GATE-1")).toBe("active");
    expect(await open.house.dispatches.settle()).toEqual({ lapsed: 0, taken: 1 });
    expect(await open.house.dispatches.settle()).toEqual({ lapsed: 0, taken: 0 });
  });

  test("is tried again after a 500 and after no answer, as the same offer, and then no more", async () => {
    receiver.answers = [500, 0, 204];
    await dispatched();
    await sent();
    expect(receiver.received).toHaveLength(1);
    open.clock.advance(1000);
    await sent();
    open.clock.advance(2000);
    await sent();
    for (let later = 0; later < 3; later += 1) {
      open.clock.advance(10_000);
      await sent();
    }
    expect(receiver.received).toHaveLength(3);
    expect(
      new Set(receiver.received.map(({ headers, body }) => `${String(headers["idempotency-key"])} ${body}`))
        .size,
    ).toBe(1);
    const events = await open.house.log.events({ after: 0, limit: 100 });
    expect(events.filter(({ kind }) => kind === "task.offered")).toHaveLength(1);
  });

  test("is not tried again where the receiver will not have it", async () => {
    receiver.answers = [410];
    await dispatched();
    open.clock.advance(30_000);
    await sent();
    expect(receiver.received).toHaveLength(1);
  });

  test("is not sent at all once the offer is over", async () => {
    receiver.answers = [500];
    await dispatched();
    open.clock.advance(3 * MINUTE);
    await dispatchReadyWork(open.house);
    await sent();
    expect(receiver.received).toHaveLength(1);
  });
});

test("an offer nobody takes goes back to the queue and counts against the target, not the task", async () => {
  await hands({ kind: "webhook", agent: "ada", url, offerSeconds: 60 });
  await added(open.house);
  expect(await dispatched()).toEqual({ builder: ["GATE-1.1"] });
  const first = payloadOf(receiver.received[0] as Received);
  open.clock.advance(MINUTE - 1);
  expect(await dispatched()).toEqual({ builder: "nothing-runnable" });
  open.clock.advance(1);
  expect(await dispatched()).toEqual({ builder: "target-cooling" });
  const facts = await open.house.queue.task("GATE-1");
  expect(facts?.task).toMatchObject({ status: "queued", failures: 0, lapses: 0 });
  expect(facts?.attempt).toMatchObject({ outcome: "offer-lapsed" });
  // Whoever comes too late is told so.
  expect(await taken(first)).toMatchObject({ ok: false, refusal: { code: "attempt-ended" } });

  open.clock.advance(MINUTE);
  expect(await dispatched()).toEqual({ builder: ["GATE-1.2"] });
  open.clock.advance(MINUTE);
  expect(await dispatched()).toEqual({ builder: "target-cooling" });
  open.clock.advance(MINUTE);
  expect(await dispatched(), "the second rest is twice as long").toEqual({ builder: "target-cooling" });
  open.clock.advance(MINUTE);
  expect(await dispatched()).toEqual({ builder: ["GATE-1.3"] });
  well(await taken(payloadOf(receiver.received.at(-1) as Received)));
  expect(await open.house.dispatches.settle()).toEqual({ lapsed: 0, taken: 1 });
  expect((await open.house.dispatches.cooling()).size).toBe(0);
});

test("two runs at the same moment offer a task once", async () => {
  await hands({ kind: "webhook", agent: "ada", url });
  await added(open.house);
  const runs = await Promise.all([dispatchReadyWork(open.house), dispatchReadyWork(open.house)]);
  expect(runs.flatMap(({ value }) => value.lanes.flatMap(({ offered }) => offered))).toEqual(["GATE-1.1"]);
});

describe("by command", () => {
  test("a program of its own gets the offer on its standard input, in a folder of its own", async () => {
    const script =
      "let text = ''; process.stdin.on('data', (part) => { text += part; }).on('end', () => require('fs').writeFileSync('offer.json', text));";
    await hands({ kind: "command", agent: "ada", argv: [process.execPath, "-e", script] });
    await added(open.house, { title: "Cut; rm -rf $HOME" });
    await dispatched();
    const file = join(open.folder, "dispatch", "GATE-1.1", "offer.json");
    const payload = JSON.parse(readFileSync(file, "utf8")) as Payload;
    expect(payload.task).toMatchObject({ key: "GATE-1", title: "Cut; rm -rf $HOME" });
    well(await taken(payload));
    expect(await status("GATE-1")).toBe("active");
  });

  test("one that fails is started again with the same offer; one that is not there is not", async () => {
    const script =
      "const fs = require('fs'); fs.appendFileSync('tries', 'x'); process.stderr.write('no room'); process.exit(fs.readFileSync('tries', 'utf8').length < 3 ? 1 : 0);";
    await hands({ kind: "command", agent: "ada", argv: [process.execPath, "-e", script] });
    await added(open.house);
    await dispatched();
    for (let later = 0; later < 5; later += 1) {
      open.clock.advance(10_000);
      await sent();
    }
    expect(readFileSync(join(open.folder, "dispatch", "GATE-1.1", "tries"), "utf8")).toBe("xxx");

    await hands({ kind: "command", agent: "ada", argv: ["/nowhere/agent"] });
    await added(open.house);
    await dispatched();
    open.clock.advance(10_000);
    expect(await open.house.dispatches.due(10)).toEqual([]);
  });

  test("one that takes too long is ended with all it started", async () => {
    const script =
      "require('child_process').spawn(process.execPath, ['-e', \"setTimeout(() => require('fs').writeFileSync('late', ''), 1800)\"]); setInterval(() => 0, 1000);";
    await hands({ kind: "command", agent: "ada", argv: [process.execPath, "-e", script], timeoutSeconds: 1 });
    await added(open.house);
    const began = Date.now();
    await dispatched();
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await open.house.dispatches.nextDue()).toBe(NINE + 1000);
    expect(existsSync(join(open.folder, "dispatch", "GATE-1.1", "late"))).toBe(false);
  });
});

test("by chat: one card in the channel that mentions the agent", async () => {
  await open.house.channels.setChannel({ platform: "local", name: "workshop" }, { kinds: [] });
  await hands({ kind: "chat", agent: "ada", platform: "local", channel: "workshop" });
  await added(open.house);
  await dispatched();
  await sent();
  const notices = await open.house.outbox.notices({ kind: "task-card", after: 0, limit: 10 });
  expect(notices).toMatchObject([
    { task: "GATE-1", deliveries: [{ platform: "local", channel: "workshop" }] },
  ]);
  expect(notices[0]?.text).toMatch(/^@ada GATE-1 Cut the clip — offered/u);
});

test.each([
  [
    "taken up",
    async (payload: Payload) => void well(await taken(payload)),
    /^GATE-1 Cut the clip — active .* held by ada/u,
    "active",
  ],
  [
    "left to lapse",
    async () => {
      open.clock.advance(3 * 60_000);
      await reclaimLapsed(open.house);
    },
    /^GATE-1 Cut the clip — queued/u,
    "queued",
  ],
] as const)(
  "an offer's card that was %s says so where it stands, once, and nowhere else",
  async (_, ends, text, now) => {
    await open.house.channels.setChannel({ platform: "local", name: "gatehouse" }, { kinds: [] });
    await open.house.channels.setChannel({ platform: "local", name: "workshop" }, { kinds: [] });
    await hands({ kind: "chat", agent: "ada", platform: "local", channel: "workshop" });
    await added(open.house);
    await dispatched();
    const deliver = async () => {
      await updateTaskCards(open.house);
      while ((await deliverOutbox(open.house, allPlatforms(open.house))).nextDueMs === 0);
    };
    await deliver();
    const channel = () => open.house.localChat.page("workshop", { limit: 10 });
    const [card, ...others] = await channel();
    expect(others).toEqual([]);
    expect(card).toMatchObject({ data: { status: "offered", mention: "ada", offer: { offer: "GATE-1.1" } } });
    await ends(card?.data["offer"] as unknown as Payload);
    await deliver();
    const after = await channel();
    expect(after).toMatchObject([{ id: card?.id, data: { status: now, mention: "ada" } }]);
    expect(after[0]?.text).toMatch(text);
    expect(after[0]?.data["offer"]).toBeUndefined();
    expect(await open.house.localChat.page("gatehouse", { limit: 10 })).toEqual([]);
  },
);

test.each<[string, Dispatch, string]>([
  ["an unknown way", { kind: "pigeon" }, "dispatch"],
  ["no agent", { kind: "webhook", url: "https://a.example" }, "dispatch.agent"],
  ["no address", { kind: "webhook", agent: "ada" }, "dispatch.url"],
  [
    "a password in the address",
    { kind: "webhook", agent: "ada", url: "https://a:b@a.example" },
    "dispatch.url",
  ],
  ["another scheme", { kind: "webhook", agent: "ada", url: "file:///etc/passwd" }, "dispatch.url"],
  [
    "an unknown setting",
    { kind: "webhook", agent: "ada", url: "https://a.example", retries: 3 },
    "dispatch.retries",
  ],
  ["no program", { kind: "command", agent: "ada", argv: [] }, "dispatch.argv"],
  ["no channel", { kind: "chat", agent: "ada", platform: "local" }, "dispatch.channel"],
  [
    "an offer of no length",
    { kind: "chat", agent: "ada", platform: "local", channel: "x", offerSeconds: 0 },
    "dispatch.offerSeconds",
  ],
  ["settings for pull", { kind: "pull", agent: "ada" }, "dispatch.agent"],
])("a lane is refused %s", async (_, dispatch, field) => {
  const set = await setLane(open.house, { name: "builder", dispatch }, OPERATOR);
  expect(set).toMatchObject({ ok: false, refusal: { sort: "invalid", gate: "runnable-pull", field } });
});
