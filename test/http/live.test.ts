import { afterAll, beforeAll, expect, test } from "vitest";
import { addedTask, openDoor, type TestDoor } from "./support/door.ts";

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

interface Stream {
  readonly response: Response;
  /** The next message, or null at the end of the stream. */
  next(): Promise<{ id: number; data: any } | null>;
  stop(): void;
}

async function listen(
  at: TestDoor,
  query = "",
  headers: Record<string, string> = {},
  key = at.operator,
): Promise<Stream> {
  const abort = new AbortController();
  const response = await fetch(`${at.base}/v1/events${query}`, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${key}`, ...headers },
    signal: abort.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    async next() {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end < 0) {
          const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
          if (done) return null;
          text += value;
          continue;
        }
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const id = lines.find((line) => line.startsWith("id: "));
        const data = lines.find((line) => line.startsWith("data: "));
        if (id !== undefined && data !== undefined)
          return { id: Number(id.slice(4)), data: JSON.parse(data.slice(6)) };
      }
    },
    stop: () => abort.abort(),
  };
}

test("the log as pages: oldest first, each event once, by the id of the last one seen", async () => {
  for (let index = 0; index < 12; index += 1) await addedTask(door);
  const seen: number[] = [];
  for (let after = 0; ; ) {
    const { body } = await door.ask("GET", `/v1/events?limit=5&after=${after}`);
    seen.push(...body.events.map((event: any) => event.id));
    if (body.events.length === 0) {
      expect(body.nextAfter).toBe(after);
      break;
    }
    after = body.nextAfter;
  }
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBe((await door.house.log.events({ after: 0, limit: 1000 })).length);
});

test("live: what stood already, then what happens, woken by the nudge; the id is the event's", async () => {
  const last = await door.house.log.lastEvent();
  const stream = await listen(door, `?after=${last - 2}`);
  expect(stream.response.status).toBe(200);
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
  expect((await stream.next())?.id).toBe(last - 1);
  expect((await stream.next())?.id).toBe(last);
  const task = await addedTask(door, { title: "Seen live" });
  const rungAt = performance.now();
  door.nudge.ring();
  const event = await stream.next();
  expect(performance.now() - rungAt).toBeLessThan(500);
  expect(event).toMatchObject({
    id: last + 1,
    data: { id: last + 1, kind: "task.added", task: task.key, actor: "agent:olga" },
  });
  stream.stop();
});

test("without a nudge the log is looked at within a second or so: other processes write too", async () => {
  const last = await door.house.log.lastEvent();
  const stream = await listen(door, `?after=${last}`);
  const pending = stream.next();
  const task = await addedTask(door);
  expect((await pending)?.data.task).toBe(task.key);
  stream.stop();
});

test("Last-Event-ID goes on where the client was cut off, whatever the address says", async () => {
  const last = await door.house.log.lastEvent();
  const stream = await listen(door, "?after=0", { "last-event-id": String(last - 1) });
  expect((await stream.next())?.id).toBe(last);
  stream.stop();
});

test("one task's events can be followed alone", async () => {
  const task = await addedTask(door);
  const stream = await listen(door, `?task=${task.key}`);
  expect((await stream.next())?.data).toMatchObject({ kind: "task.added", task: task.key });
  await addedTask(door);
  await door.ask("POST", `/v1/tasks/${task.key}/block`, { body: { reason: "x" } });
  door.nudge.ring();
  expect((await stream.next())?.data).toMatchObject({ kind: "task.blocked", task: task.key });
  stream.stop();
});

test("a stream needs a key and a fitting query, as every call", async () => {
  const accept = { accept: "text/event-stream" };
  expect((await door.ask("GET", "/v1/events", { key: null, headers: accept })).status).toBe(401);
  expect((await door.ask("GET", "/v1/events?after=x", { headers: accept })).status).toBe(422);
});

test("a revoked key's stream ends", async () => {
  const { body } = await door.ask("POST", "/v1/agents", { body: { name: "eve", lanes: ["builder"] } });
  const last = await door.house.log.lastEvent();
  const stream = await listen(door, `?after=${last}`, {}, body.key);
  const ended = stream.next();
  await door.ask("POST", "/v1/agents/eve/revoke");
  door.nudge.ring();
  // The revocation itself may still be seen; nothing after it is.
  const next = await ended;
  if (next !== null) expect(await stream.next()).toBeNull();
  await addedTask(door);
  expect(await stream.next()).toBeNull();
});

test("a client that reads nothing costs no memory, and gets all of it when it reads on", async () => {
  const start = await door.house.log.lastEvent();
  const task = await addedTask(door, { body: "x" });
  const big = "y".repeat(1900);
  const abort = new AbortController();
  const response = await fetch(`${door.base}/v1/events?after=${start}`, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${door.operator}` },
    signal: abort.signal,
  });
  for (let index = 0; index < 600; index += 1) {
    const verb = index % 2 === 0 ? "block" : "unblock";
    await door.ask("POST", `/v1/tasks/${task.key}/${verb}`, { body: { reason: big } });
    if (index % 100 === 0) door.nudge.ring();
  }
  const last = await door.house.log.lastEvent();
  const ids: number[] = [];
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const whole = text.lastIndexOf("\n\n");
    for (const match of text.slice(0, whole).matchAll(/^id: (\d+)$/gm)) ids.push(Number(match[1]));
    text = text.slice(whole);
    if (ids.at(-1) === last) break;
  }
  abort.abort();
  expect(ids).toEqual(Array.from({ length: last - start }, (_, index) => start + 1 + index));
});

test("so many may listen and no more; who goes away makes room", async () => {
  const streams = await Promise.all(Array.from({ length: 256 }, () => listen(door, "?after=999999")));
  expect(streams.map((stream) => stream.response.status)).toEqual(streams.map(() => 200));
  const turnedAway = await door.ask("GET", "/v1/events", { headers: { accept: "text/event-stream" } });
  expect(turnedAway.status).toBe(503);
  expect(turnedAway.body.code).toBe("streams");
  // A HEAD opens nothing.
  expect((await door.ask("HEAD", "/v1/events", { headers: { accept: "text/event-stream" } })).status).toBe(
    200,
  );
  for (const stream of streams) stream.stop();
  let status = 503;
  const deadline = performance.now() + 5000;
  while (status === 503 && performance.now() < deadline) {
    const again = await listen(door, "?after=999999");
    status = again.response.status;
    again.stop();
  }
  expect(status).toBe(200);
});

test("a silent stream says every 15 s that it is still there", async () => {
  let now = 0;
  const other = await openDoor({ door: { now: () => now } });
  const abort = new AbortController();
  const response = await fetch(`${other.base}/v1/events?after=999999`, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${other.operator}` },
    signal: abort.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe("retry: 1000\n\n");
  now = 14_999;
  other.nudge.ring();
  const next = reader.read();
  await other.ask("GET", "/v1/lanes");
  now = 15_000;
  other.nudge.ring();
  expect((await next).value).toBe(": still here\n\n");
  abort.abort();
  await other.close();
});

test("closing the door ends live streams at once", async () => {
  const other = await openDoor();
  const streams = await Promise.all(Array.from({ length: 5 }, () => listen(other, "?after=999999")));
  const ends = Promise.all(streams.map((stream) => stream.next()));
  const start = performance.now();
  await other.close();
  expect(await ends).toEqual([null, null, null, null, null]);
  expect(performance.now() - start).toBeLessThan(1000);
});
