// The faults that a test can ask for do what they say, and the door is shut to strangers.
import { once } from "node:events";
import type { Client } from "@libsql/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { execute, insert as rawInsert, type TemporaryServer, temporaryServer } from "./temporary-server.ts";

let server: TemporaryServer;
let client: Client;

beforeEach(async () => {
  server = await temporaryServer();
  client = server.connect();
});
afterEach(() => server.remove());

const insert = (name: string) => ({ sql: "INSERT INTO things (name) VALUES (?)", args: [name] });

describe("a fault", () => {
  it("drop-before-execute loses the request", async () => {
    server.faults.next("drop-before-execute");
    await expect(client.batch([insert("a")], "write")).rejects.toThrow("fetch failed");
    expect(await server.holds("a")).toBe(false);
  });

  it("drop-after-execute commits and says nothing", async () => {
    server.faults.next("drop-after-execute");
    await expect(client.batch([insert("a")], "write")).rejects.toThrow("fetch failed");
    expect(await server.holds("a")).toBe(true);
  });

  it.each([
    ["bad-gateway", false],
    ["bad-gateway-after-execute", true],
  ] as const)("%s answers 502, and that the write was kept is %s", async (fault, kept) => {
    server.faults.next(fault);
    await expect(client.execute(insert("a"))).rejects.toMatchObject({ code: "SERVER_ERROR" });
    expect(await server.holds("a")).toBe(kept);
  });

  it("strikes once, and the next request is served", async () => {
    server.faults.next("bad-gateway");
    await expect(client.execute(insert("a"))).rejects.toThrow("502");
    await client.execute(insert("a"));
    expect(await server.holds("a")).toBe(true);
  });

  it("waits for the request that it was meant for", async () => {
    server.faults.next("drop-before-execute", /chosen/);
    await client.execute(insert("other"));
    expect(server.faults.pending).toBe(1);
    await expect(client.execute(insert("chosen"))).rejects.toThrow("fetch failed");
    expect(server.faults.pending).toBe(0);
  });

  it("can hold a request back until the test lets it go", async () => {
    const gate = Promise.withResolvers<void>();
    server.faults.next({ until: gate.promise });
    const struck = server.faults.struck();
    const held = client.execute(insert("held"));
    await struck;
    await client.execute(insert("overtaking"));
    expect(await server.holds("held")).toBe(false);
    gate.resolve();
    await held;
    expect(await server.holds("held")).toBe(true);
  });

  it("can delay a request by milliseconds", async () => {
    server.faults.next({ delayMs: 30 });
    const startedMs = performance.now();
    await client.execute("SELECT 1");
    // Timers may fire up to a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29);
  });

  it("can expire every stream at once", async () => {
    const transaction = await client.transaction("write");
    await transaction.execute(insert("a"));
    server.faults.expireStreams();
    await expect(transaction.commit()).rejects.toMatchObject({ code: "STREAM_EXPIRED" });
    expect(await server.holds("a")).toBe(false);
  });
});

describe("a writer that waits for the lock", () => {
  it("gives its place up when its connection is gone", async () => {
    const holder = await client.transaction("write");
    await holder.execute(insert("holder"));
    const leaving = new AbortController();
    const waiting = once(server.events, "waiting");
    const left = server.post([rawInsert("left")], { signal: leaving.signal });
    await waiting;
    leaving.abort();
    await expect(left).rejects.toThrow("aborted");
    const next = once(server.events, "waiting");
    const stayed = client.execute(insert("stayed"));
    await next;
    await holder.commit();
    await stayed;
    expect([await server.holds("left"), await server.holds("stayed")]).toEqual([false, true]);
  });

  it("is turned away when the server closes", async () => {
    const holder = await server.post([execute("BEGIN IMMEDIATE"), rawInsert("holder")]);
    expect(holder.body.baton).toBeTypeOf("string");
    const waiting = once(server.events, "waiting");
    const waiter = expect(server.post([rawInsert("waiter")])).rejects.toThrow("fetch failed");
    await waiting;
    await server.close();
    await waiter;
    expect([await server.holds("holder"), await server.holds("waiter")]).toEqual([false, false]);
  });
});

describe("a server with a token", () => {
  let guarded: TemporaryServer;
  beforeEach(async () => {
    guarded = await temporaryServer({ token: "open sesame" });
  });
  afterEach(() => guarded.remove());

  it.each([[undefined], ["open barley"]])("turns the token %s away with 401", async (authToken) => {
    const stranger = guarded.connect(authToken === undefined ? {} : { authToken });
    await expect(stranger.execute(insert("a"))).rejects.toThrow("401");
    expect(await guarded.holds("a")).toBe(false);
    expect(guarded.requests.unauthorized).toBe(1);
  });

  it("serves the one who knows it", async () => {
    await guarded.connect({ authToken: "open sesame" }).execute(insert("a"));
    expect(await guarded.holds("a")).toBe(true);
  });
});
