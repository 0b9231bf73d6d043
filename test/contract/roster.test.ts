import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addAgent } from "../../src/commands/add-agent.ts";
import { addEpic } from "../../src/commands/add-epic.ts";
import { addTask } from "../../src/commands/add-task.ts";
import { changeAgent } from "../../src/commands/change-agent.ts";
import type { House } from "../../src/commands/house.ts";
import { pauseLane, resumeLane } from "../../src/commands/pause-lane.ts";
import { setLane } from "../../src/commands/set-lane.ts";
import type { Outcome, Refusal } from "../../src/core/refusal.ts";
import { type HranaServer, startHranaServer } from "../remote/hrana-server.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

const by = { actor: "person:test:op" };
const route = { provider: "anthropic", model: "claude-opus-5" };

const answerOf = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.hint}`);
  return outcome.value;
};
const refusalOf = (outcome: Outcome<unknown>): Refusal => {
  if (outcome.ok) throw new Error("it was not refused");
  return outcome.refusal;
};

/** The same roster, in a file and on a server. */
const places = {
  file: () => openTestHouse(),
  async server() {
    const folder = mkdtempSync(join(tmpdir(), "gatehouse-roster-"));
    const server = await startHranaServer({ file: join(folder, "data.db") });
    const opened = await openTestHouse({ url: server.url });
    return {
      ...opened,
      async close() {
        await opened.close();
        await server.close();
        rmSync(folder, { recursive: true, force: true });
      },
    } satisfies TestHouse;
  },
};

describe.each(Object.entries(places))("the roster in a %s", (_, open) => {
  let opened: TestHouse;
  let house: House;
  beforeAll(async () => {
    opened = await open();
    house = opened.house;
  });
  afterAll(() => opened.close());

  /** The events a piece of work wrote. */
  const eventsOf = async (work: () => Promise<unknown>) => {
    const after = await house.log.lastEvent();
    await work();
    return house.log.events({ after, limit: 100 });
  };

  describe("lanes", () => {
    it("are added with a route, and the rest has its usual length", async () => {
      const events = await eventsOf(async () => {
        expect(answerOf(await setLane(house, { name: "builder", route }, by))).toMatchObject({
          name: "builder",
          route,
          capacity: 1,
          leaseMs: 900_000,
          heartbeatMs: 300_000,
          dispatch: { kind: "pull" },
          pausedReason: null,
          version: 1,
        });
      });

      expect(events).toMatchObject([
        { kind: "lane.set", actor: by.actor, task: null, version: null, data: { name: "builder", route } },
      ]);
    });

    it("keep what is not said when something of them is changed", async () => {
      await setLane(house, { name: "kept", route, capacity: 7, leaseMs: 60_000, heartbeatMs: 20_000 }, by);

      expect(answerOf(await setLane(house, { name: "kept", capacity: 9 }, by))).toMatchObject({
        route,
        capacity: 9,
        leaseMs: 60_000,
        heartbeatMs: 20_000,
        version: 2,
      });
    });

    it("need a route when they are new, and nothing is written without one", async () => {
      const events = await eventsOf(async () => {
        expect(refusalOf(await setLane(house, { name: "pathless", capacity: 3 }, by))).toMatchObject({
          sort: "invalid",
          field: "route",
        });
      });

      expect(events).toEqual([]);
      expect(await house.roster.lane("pathless")).toBeNull();
    });

    it.each([
      [{ name: "two words" }, "lane"],
      [{ name: "" }, "lane"],
      [{ name: "x".repeat(41) }, "lane"],
      [{ route: { provider: "anthropic", model: "claude opus" } }, "route.model"],
      [{ route: { provider: "", model: "m" } }, "route.provider"],
      [{ route: { provider: "a\u202eb", model: "m" } }, "route.provider"],
      [{ capacity: -1 }, "capacity"],
      [{ capacity: 1.5 }, "capacity"],
      [{ leaseMs: 999 }, "lease"],
      [{ leaseMs: 60_000 }, "heartbeat"],
      [{ heartbeatMs: 900_001 }, "heartbeat"],
      [{ heartbeatMs: 0 }, "heartbeat"],
      [{ dispatch: { kind: "pigeon" } }, "dispatch"],
    ])("refuse %o by its %s, and write nothing", async (wrong, field) => {
      const events = await eventsOf(async () => {
        const refusal = refusalOf(await setLane(house, { name: "odd", route, ...wrong }, by));

        expect(refusal).toMatchObject({ sort: "invalid", field });
        expect(refusal.hint).not.toBe("");
      });

      expect(events).toEqual([]);
    });

    it("ask of a change whether the lane as a whole still stands: a beat fits its lease", async () => {
      await setLane(house, { name: "tight", route, leaseMs: 10_000, heartbeatMs: 5_000 }, by);

      expect(refusalOf(await setLane(house, { name: "tight", leaseMs: 4_999 }, by)).field).toBe("heartbeat");
      expect(answerOf(await setLane(house, { name: "tight", leaseMs: 5_000 }, by)).leaseMs).toBe(5_000);
    });

    it("are paused with a reason and resumed, each once in the log however often it is said", async () => {
      await setLane(house, { name: "stop", route }, by);

      const events = await eventsOf(async () => {
        expect(answerOf(await pauseLane(house, { name: "stop", reason: "lunch" }, by)).pausedReason).toBe(
          "lunch",
        );
        await pauseLane(house, { name: "stop", reason: "lunch" }, by);
        expect(answerOf(await resumeLane(house, "stop", by)).pausedReason).toBeNull();
        await resumeLane(house, "stop", by);
      });

      expect(events.map(({ kind, data }) => [kind, data])).toEqual([
        ["lane.paused", { name: "stop", reason: "lunch" }],
        ["lane.resumed", { name: "stop", was: "lunch" }],
      ]);
      expect(refusalOf(await pauseLane(house, { name: "stop", reason: " " }, by)).field).toBe("reason");
      expect(refusalOf(await pauseLane(house, { name: "nowhere", reason: "x" }, by)).sort).toBe("missing");
    });

    it("count who works in them and what could be pulled", async () => {
      await setLane(house, { name: "busy", route, capacity: 5 }, by);
      const { key } = answerOf(await addAgent(house, { name: "worker", lanes: ["busy"] }, by));
      for (const title of ["one", "two", "three"]) {
        const requirements = [{ name: "report", kind: "file" }];
        answerOf(await addTask(house, { title, lane: "busy", acceptance: "done", requirements }, by));
      }
      await house.queue.claim({ lane: "busy", agent: "worker", session: "s", route });

      expect((await house.roster.lanes()).find(({ name }) => name === "busy")).toMatchObject({
        living: 1,
        runnable: 2,
      });
      expect(key).toMatch(/^gatehouse_[\w-]{43}$/);
    });

    it("are set by many at once without losing one", async () => {
      const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
      const events = await eventsOf(() =>
        Promise.all(names.map((name) => setLane(house, { name, route }, by))),
      );

      expect(events).toHaveLength(40);
      expect((await house.roster.lanes()).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    });
  });

  describe("epics", () => {
    it("are added once", async () => {
      const events = await eventsOf(async () => {
        expect(
          answerOf(await addEpic(house, { key: "CLIP", title: "Clips", goal: "a reel" }, by)),
        ).toMatchObject({
          key: "CLIP",
          title: "Clips",
          goal: "a reel",
        });
        expect(refusalOf(await addEpic(house, { key: "CLIP", title: "Again" }, by))).toMatchObject({
          sort: "refused",
          gate: "queue-truth",
          code: "exists",
          field: "key",
          got: "CLIP",
        });
      });

      expect(events.map(({ kind }) => kind)).toEqual(["epic.added"]);
      expect(await house.roster.epic("CLIP")).toMatchObject({ title: "Clips" });
    });

    it.each([
      [{ key: "clip" }, "key"],
      [{ key: "1CLIP" }, "key"],
      [{ key: "CLIP-1" }, "key"],
      [{ key: "X".repeat(25) }, "key"],
      [{ title: " " }, "title"],
      [{ title: "two\nlines" }, "title"],
      [{ goal: "x".repeat(301) }, "goal"],
    ])("refuse %o by its %s", async (wrong, field) => {
      expect(refusalOf(await addEpic(house, { key: "ODD", title: "Odd", ...wrong }, by)).field).toBe(field);
      expect(await house.roster.epic("ODD")).toBeNull();
    });

    it("count their tasks and those that are done", async () => {
      await addEpic(house, { key: "SUM", title: "Sums" }, by);
      answerOf(await addTask(house, { title: "a", epic: "SUM", requirements: [], draft: true }, by));

      expect((await house.roster.epics()).find(({ key }) => key === "SUM")).toMatchObject({
        tasks: 1,
        done: 0,
      });
    });
  });

  describe("agents", () => {
    it("are known by their key, of which only the hash is kept", async () => {
      await setLane(house, { name: "keys", route }, by);
      const made = answerOf(await addAgent(house, { name: "ada", lanes: ["keys", "keys"] }, by));

      expect(await house.roster.agentByKey(house.identity.sha256(made.key))).toEqual(made.agent);
      expect(made.agent).toMatchObject({
        name: "ada",
        role: "agent",
        lanes: ["keys"],
        paused: false,
        revoked: false,
      });
      expect(await house.roster.agentByKey(house.identity.sha256(`${made.key}x`))).toBeNull();
      expect(JSON.stringify(await house.log.events({ after: 0, limit: 1000 }))).not.toContain(made.key);
    });

    it("have keys of 256 bits that differ", async () => {
      const keys = new Set<string>();
      for (const name of ["k1", "k2", "k3"])
        keys.add(answerOf(await addAgent(house, { name, lanes: [], role: "operator" }, by)).key);

      expect(keys.size).toBe(3);
      for (const key of keys)
        expect(Buffer.from(key.replace("gatehouse_", ""), "base64url")).toHaveLength(32);
    });

    it("bear a name once, and revoked names are not used again", async () => {
      await addAgent(house, { name: "eve", lanes: [], role: "operator" }, by);
      await changeAgent(house, { name: "eve", change: "revoke" }, by);

      expect(
        refusalOf(await addAgent(house, { name: "eve", lanes: [], role: "operator" }, by)),
      ).toMatchObject({
        code: "exists",
        field: "name",
      });
    });

    it("pull from lanes that exist, at least one unless they are operators", async () => {
      const events = await eventsOf(async () => {
        expect(
          refusalOf(await addAgent(house, { name: "lost", lanes: ["keys", "nowhere"] }, by)),
        ).toMatchObject({
          field: "lane",
          got: "nowhere",
        });
        expect(refusalOf(await addAgent(house, { name: "lost", lanes: [] }, by)).field).toBe("lane");
        expect(refusalOf(await addAgent(house, { name: "a b", lanes: ["keys"] }, by)).field).toBe("agent");
      });

      expect(events).toEqual([]);
      expect((await house.roster.agents()).map(({ name }) => name)).not.toContain("lost");
    });

    it("are paused and resumed; revoked is for good, and the key is no key", async () => {
      const { key } = answerOf(await addAgent(house, { name: "kim", lanes: ["keys"] }, by));
      const owner = () => house.roster.agentByKey(house.identity.sha256(key));
      const turn = (change: "pause" | "resume" | "revoke") => changeAgent(house, { name: "kim", change }, by);

      const events = await eventsOf(async () => {
        expect(answerOf(await turn("pause")).paused).toBe(true);
        expect(answerOf(await turn("pause")).paused).toBe(true);
        expect(await owner()).toMatchObject({ paused: true });
        expect(answerOf(await turn("resume")).paused).toBe(false);
        expect(answerOf(await turn("revoke")).revoked).toBe(true);
        expect(answerOf(await turn("revoke")).revoked).toBe(true);
        expect(refusalOf(await turn("resume"))).toMatchObject({
          gate: "runnable-pull",
          code: "agent-revoked",
        });
      });

      expect(events.map(({ kind }) => kind)).toEqual(["agent.paused", "agent.resumed", "agent.revoked"]);
      expect(await owner()).toBeNull();
      expect(refusalOf(await changeAgent(house, { name: "nobody", change: "pause" }, by)).sort).toBe(
        "missing",
      );
    });

    it("are looked up together, each getting its own", async () => {
      const made = await Promise.all(
        ["m1", "m2", "m3"].map((name) => addAgent(house, { name, lanes: ["keys"] }, by).then(answerOf)),
      );
      const found = await Promise.all([
        house.roster.agentByKey("f".repeat(64)),
        ...made.map(({ key }) => house.roster.agentByKey(house.identity.sha256(key))),
      ]);

      expect(found.map((agent) => agent?.name ?? null)).toEqual([null, "m1", "m2", "m3"]);
    });
  });

  describe("the event log", () => {
    it("is read on from any event, oldest first, also of one task", async () => {
      const after = await house.log.lastEvent();
      const key = answerOf(await addTask(house, { title: "logged", requirements: [], draft: true }, by));
      await addEpic(house, { key: "LOG", title: "Logs" }, by);
      const all = await house.log.events({ after, limit: 10 });

      expect(all.map(({ kind, task }) => [kind, task])).toEqual([
        ["task.added", key],
        ["epic.added", null],
      ]);
      expect(await house.log.events({ after: all[0]!.id, limit: 10 })).toEqual([all[1]]);
      expect(await house.log.events({ after, limit: 1 })).toEqual([all[0]]);
      expect(await house.log.events({ after: 0, task: key, limit: 10 })).toEqual([all[0]]);
      expect(await house.log.lastEvent()).toBe(all[1]!.id);
    });

    it("finds what a request did by its id", async () => {
      const caller = { ...by, requestId: "request-1" };
      const key = answerOf(await addTask(house, { title: "asked", requirements: [], draft: true }, caller));

      expect(await house.log.byRequest("request-1")).toMatchObject({ task: key });
      expect(await house.log.byRequest("request-2")).toBeNull();
    });
  });
});

describe("a server that loses the answer", () => {
  let server: HranaServer;
  let opened: TestHouse;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-roster-"));
    server = await startHranaServer({ file: join(folder, "data.db") });
    opened = await openTestHouse({ url: server.url });
  });
  afterAll(async () => {
    await opened.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["after it did what was asked", "drop-after-execute"],
    ["before it did anything", "drop-before-execute"],
    ["through a gateway, after it did what was asked", "bad-gateway-after-execute"],
  ] as const)("%s gets each thing done once", async (_, fault) => {
    const { house } = opened;
    const key = `E${fault.toUpperCase().replaceAll("-", "")}`;
    server.faults.next(fault, /INSERT INTO epics/);
    const before = await house.log.lastEvent();

    expect(answerOf(await addEpic(house, { key, title: "Once" }, by))).toMatchObject({ key });
    expect(server.faults.pending).toBe(0);
    expect(await house.log.events({ after: before, limit: 10 })).toMatchObject([
      { kind: "epic.added", data: { key } },
    ]);
  });
});
