import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ran, runHere } from "../support/command-line.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

let opened: TestHouse;
const gatehouse = (...args: string[]): Promise<Ran> => runHere(opened.house, args);

beforeAll(async () => {
  opened = await openTestHouse();
});
afterAll(() => opened.close());

describe("lanes", () => {
  it("are set, listed, paused and resumed", async () => {
    const set = await gatehouse(
      "lane",
      "set",
      "builder",
      "--route",
      "openrouter/meta/llama-4",
      "--capacity",
      "3",
    );
    expect(set.out).toBe(
      "Lane builder runs on openrouter/meta/llama-4: capacity 3, lease 15m, a heartbeat every 5m\n",
    );
    expect(
      (await gatehouse("lane", "set", "builder", "--lease", "90s", "--heartbeat", "30s", "--json")).json,
    ).toEqual({
      name: "builder",
      route: { provider: "openrouter", model: "meta/llama-4" },
      capacity: 3,
      leaseSeconds: 90,
      heartbeatSeconds: 30,
      dispatch: { kind: "pull" },
      pausedReason: null,
      version: 2,
      observe: "optional",
      routeAliases: [],
    });
    await gatehouse("lane", "pause", "builder", "--reason", "a bad deploy");
    const { out } = await gatehouse("lane", "list");
    expect(out).toMatch(/^builder +openrouter\/meta\/llama-4 +0 of 3 +0 +90s +30s +a bad deploy$/m);
    await gatehouse("lane", "resume", "builder");
    expect((await gatehouse("lane", "list", "--json")).json.lanes).toMatchObject([
      { name: "builder", pausedReason: null, living: 0, runnable: 0 },
    ]);
  });

  it.each([
    ["15m", 900],
    ["90s", 90],
    ["1h", 3600],
    ["1.5m", 90],
    ["2500ms", 2.5],
    ["1d", 86_400],
  ])("take %s for a length of time", async (lease, leaseSeconds) => {
    const args = ["--route", "a/b", "--lease", lease, "--heartbeat", "1s", "--json"];

    expect((await gatehouse("lane", "set", "timed", ...args)).json.leaseSeconds).toBe(leaseSeconds);
  });

  it.each([
    ["15", ["--lease", "15"], "It takes a length of time such as 90s, 15m or 1h."],
    ["a quarter", ["--lease", "a quarter"], "It takes a length of time"],
    ["-5m", ["--lease", "-5m"], "It takes a length of time"],
    ["a route without a model", ["--route", "anthropic"], "It takes PROVIDER/MODEL"],
    ["a fraction of a worker", ["--capacity", "1.5"], "It takes a whole number"],
  ])("take %s for wrong usage", async (_, args, words) => {
    const { status, err } = await gatehouse("lane", "set", "odd", "--route", "a/b", ...args);

    expect(status).toBe(2);
    expect(err).toContain(words);
  });

  it("say which way of handing out work there is", async () => {
    const { status, err } = await gatehouse("lane", "set", "odd", "--route", "a/b", "--dispatch", "pigeon");

    expect(status).toBe(1);
    expect(err).toContain("  expected  pull, webhook, command, chat\n  got       pigeon\n");
    const argv = ["--dispatch-argv", '["./start", "--once"]', "--dispatch-timeout", "30s", "--offer", "5m"];
    const set = ["lane", "set", "runs", "--route", "a/b", "--dispatch", "command", "--dispatch-agent", "ada"];
    expect((await gatehouse(...set, ...argv, "--json")).json).toMatchObject({
      dispatch: {
        kind: "command",
        agent: "ada",
        argv: ["./start", "--once"],
        timeoutSeconds: 30,
        offerSeconds: 300,
      },
    });
    expect((await gatehouse(...set, "--dispatch-argv", "./start")).status).toBe(2);
    expect((await gatehouse("lane", "set", "pulled", "--route", "a/b", "--dispatch", "pull")).status).toBe(0);
  });

  it("are refused without a route while they are new", async () => {
    const { status, err } = await gatehouse("lane", "set", "new", "--capacity", "2");

    expect(status).toBe(1);
    expect(err).toContain("  field     route\n  expected  PROVIDER/MODEL\n");
  });
});

describe("epics", () => {
  it("are added, listed and shown", async () => {
    expect((await gatehouse("epic", "add", "CLIP", "Clips", "--goal", "a reel")).out).toBe(
      "Epic CLIP added: Clips\n",
    );
    expect((await gatehouse("epic", "list", "--json")).json.epics).toContainEqual({
      key: "CLIP",
      title: "Clips",
      goal: "a reel",
      tasks: 0,
      done: 0,
    });
    expect((await gatehouse("epic", "list")).out).toMatch(/^CLIP +0 +0 +Clips$/m);
    expect((await gatehouse("epic", "show", "CLIP")).out).toContain("goal         a reel\n");
    expect((await gatehouse("epic", "show", "NONE")).status).toBe(1);
    expect((await gatehouse("epic", "add", "clip", "Clips")).status).toBe(1);
  });
});

describe("agents", () => {
  it("get a key that is printed once, alone on standard output", async () => {
    await gatehouse("lane", "set", "keys", "--route", "a/b");
    const { out, err } = await gatehouse("agent", "add", "ada", "--lane", "keys");

    expect(out).toMatch(/^gatehouse_[\w-]{43}\n$/);
    expect(err).toContain("shown only now");
    expect(await opened.house.roster.agentByKey(opened.house.identity.sha256(out.trim()))).toMatchObject({
      name: "ada",
    });
    expect((await gatehouse("agent", "list", "--json")).out).not.toContain(out.trim());
  });

  it("print exactly their name and key as JSON", async () => {
    const { json } = await gatehouse("agent", "add", "op", "--role", "operator", "--json");

    expect(Object.keys(json)).toEqual(["name", "key"]);
    expect(json.name).toBe("op");
  });

  it("are listed, paused, resumed and revoked", async () => {
    await gatehouse("agent", "add", "kim", "--lane", "keys", "--lane", "builder");

    expect((await gatehouse("agent", "pause", "kim")).out).toBe("Agent kim is paused\n");
    expect((await gatehouse("agent", "list")).out).toMatch(/^kim +agent +builder, keys +paused +\d{4}-/m);
    expect((await gatehouse("agent", "resume", "kim", "--json")).json).toMatchObject({ paused: false });
    expect((await gatehouse("agent", "revoke", "kim")).out).toBe("Agent kim is revoked\n");
    const again = await gatehouse("agent", "resume", "kim");
    expect(again.status).toBe(1);
    expect(again.err).toContain("refused by runnable-pull: agent-revoked\n");
  });

  it("need a lane, and one that exists", async () => {
    expect((await gatehouse("agent", "add", "lost")).err).toContain("at least one lane");
    expect((await gatehouse("agent", "add", "lost", "--lane", "nowhere")).err).toContain(
      "  got       nowhere\n",
    );
  });
});

describe("audit show", () => {
  it("prints the newest events, and those of one task", async () => {
    const last = await opened.house.log.lastEvent();
    await gatehouse("task", "add", "Logged", "--draft");
    const { json } = await gatehouse("audit", "show", "--after", String(last), "--json");

    expect(json.events).toMatchObject([{ kind: "task.added", actor: "person:cli:tess", task: "GATE-1" }]);
    expect((await gatehouse("audit", "show", "--task", "GATE-1")).out).toMatch(/GATE-1 +1 +task\.added/);
    expect((await gatehouse("audit", "show", "--limit", "2", "--json")).json.events).toHaveLength(2);
  });
});
