import { request } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { House } from "../../src/commands/house.ts";
import { NOTICE_KINDS } from "../../src/core/notice.ts";
import { type DashboardOptions, dashboardApp } from "../../src/doors/dashboard/app.ts";
import { ringOnWrite } from "../../src/jobs/ring-on-write.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { type OpenPage, openPage } from "../support/page.ts";
import { added } from "../support/story.ts";

let open: TestHouse;
let stop: AbortController;
let server: Server;
let port: number;
const pages: OpenPage[] = [];

async function serve(options: Partial<DashboardOptions> = {}): Promise<void> {
  stop = new AbortController();
  const nudge = new Nudge();
  const house = ringOnWrite(open.house, nudge);
  const page = openPage(house);
  pages.push(page);
  const app = dashboardApp({ house, speech: page.speech, nudge, signal: stop.signal, ...options });
  server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  open = await openTestHouse();
  await seedRoster(open.house);
  await serve();
});
afterEach(async () => {
  stop.abort();
  await new Promise((resolve) => void server.close(resolve));
  for (const page of pages.splice(0)) await page.close();
  await open.close();
});

interface Ask {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request exactly as given: unlike `fetch`, this client may claim to be any host. */
function ask(path: string, { method = "GET", body, headers = {} }: Ask = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (piece: string) => (text += piece));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      asked.on("error", reject);
      asked.end(body);
    },
  );
}

const own = () => ({
  "content-type": "application/json",
  origin: `http://127.0.0.1:${port}`,
  "sec-fetch-site": "same-origin",
});
const line = (text: string, headers: Record<string, string> = {}) =>
  ask("/chat/lines", {
    method: "POST",
    body: JSON.stringify({ line: text }),
    headers: { ...own(), ...headers },
  });

describe("who may reach the page", () => {
  test("the page and its files are served with a policy that lets nothing else in", async () => {
    const page = await ask("/");
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
    expect(page.headers["content-security-policy"]).not.toContain("unsafe");
    expect(page.headers["x-frame-options"]).toBe("DENY");
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|\sstyle=|\son[a-z]+=/u);
    for (const [, path] of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/gu))
      expect((await ask(path!)).status).toBe(200);
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//u);
    const again = await ask("/", { headers: { "if-none-match": String(page.headers["etag"]) } });
    expect(again.status).toBe(304);
  });

  test.each(["/assets/../app.ts", "/assets/%2e%2e%2fapp.ts", "/assets/tsconfig.json", "/assets/nothing.js"])(
    "%s is no file of the page",
    async (path) => expect((await ask(path)).status).toBe(404),
  );

  test.each(["evil.example", "evil.example:4100", "127.0.0.1.evil.example", "0.0.0.0"])(
    "a host named %j is turned away: a foreign name may lead here",
    async (host) => {
      const asked = await ask("/chat/messages", { headers: { host } });
      expect(asked.status).toBeGreaterThanOrEqual(400);
      expect(asked.text).not.toContain("messages");
    },
  );

  test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "[::1]"])(
    "%s is this machine",
    async (name) => {
      expect((await ask("/chat/messages", { headers: { host: `${name}:${port}` } })).status).toBe(200);
    },
  );

  test.each(["x-forwarded-for", "forwarded", "via", "x-real-ip", "cf-connecting-ip"])(
    "what a proxy passed on (%s) is not this machine's person",
    async (name) => expect((await ask("/", { headers: { [name]: "203.0.113.9" } })).status).toBe(403),
  );

  test.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another port", { origin: "http://127.0.0.1:1" }],
    ["no origin at all, as a sandbox says", { origin: "null" }],
    ["another site, by the browser's word", { "sec-fetch-site": "cross-site" }],
    ["a sibling, by the browser's word", { "sec-fetch-site": "same-site" }],
    ["a form", { "content-type": "text/plain" }],
    ["a form of fields", { "content-type": "application/x-www-form-urlencoded" }],
  ])("nothing is written for %s", async (_name, headers) => {
    const key = await added(open.house);
    expect((await line(`/gate prioritize ${key} P1`, headers)).status).toBe(403);
    expect((await open.house.queue.task(key))?.task.priority).toBe("P2");
  });

  test("another site may link here, but not read", async () => {
    const site = { "sec-fetch-site": "cross-site" };
    expect((await ask("/", { headers: { ...site, "sec-fetch-mode": "navigate" } })).status).toBe(200);
    expect((await ask("/chat/messages", { headers: { ...site, "sec-fetch-mode": "no-cors" } })).status).toBe(
      403,
    );
  });

  test("a public name is answered to only where somebody said so", async () => {
    const headers = { host: "gate.example.org", "x-forwarded-for": "203.0.113.9" };
    stop.abort();
    await new Promise((resolve) => void server.close(resolve));
    await serve({ publicUrl: "https://gate.example.org" });
    expect((await ask("/", { headers })).status).toBe(403);
    stop.abort();
    await new Promise((resolve) => void server.close(resolve));
    await serve({ publicUrl: "https://gate.example.org", remote: true });
    expect((await ask("/", { headers })).status).toBe(200);
    expect((await ask("/", { headers: { ...headers, host: "other.example.org" } })).status).toBe(403);
  });
});

describe("lines and threads", () => {
  test("a line that changes something stands in the channel, with what it did; a question stays with who asked", async () => {
    const key = await added(open.house);
    const asked = JSON.parse((await line("/gate status")).text);
    expect(asked).toMatchObject({ answer: { kind: "status" }, message: null });
    const done = JSON.parse((await line(`/gate prioritize ${key} P1`)).text);
    expect(done).toMatchObject({ answer: { kind: "done" } });
    const { messages } = JSON.parse((await ask("/chat/messages")).text);
    expect(messages).toMatchObject([
      {
        id: done.message,
        kind: "answer",
        author: "person:local:operator",
        task: key,
        data: { line: `/gate prioritize ${key} P1` },
      },
    ]);
    expect((await open.house.log.events({ after: 0, task: key, limit: 9 })).at(-1)?.actor).toBe(
      "person:local:operator",
    );
  });

  test("asked twice under one name, as after an answer that got lost, it is done once", async () => {
    const key = await added(open.house);
    const post = (path: string, body: object) =>
      ask(path, {
        method: "POST",
        body: JSON.stringify({ request: "asked-once", ...body }),
        headers: own(),
      });
    const answers = await Promise.all(
      [1, 2].map(() => post("/chat/lines", { line: `/gate prioritize ${key} P1` })),
    );
    const [first, second] = answers.map(({ text }) => JSON.parse(text));
    expect(first).toEqual(second);
    // Another process, or this one after a restart, no longer knows what it answered.
    await serve();
    const again = JSON.parse((await post("/chat/lines", { line: `/gate prioritize ${key} P1` })).text);
    expect(again).toEqual({ answer: null, message: null });
    const { messages } = JSON.parse((await ask("/chat/messages")).text);
    expect(messages).toHaveLength(1);
    const events = await open.house.log.events({ after: 0, task: key, limit: 9 });
    expect(events.filter(({ kind }) => kind === "task.prioritized")).toHaveLength(1);
    const told = async () => JSON.parse((await ask(`/chat/threads/${first.message}`)).text).messages;
    await Promise.all(
      [1, 2].map(() => post(`/chat/threads/${first.message}`, { text: "well", request: "said-once" })),
    );
    expect(await told()).toMatchObject([{ text: "well", kind: "said" }]);
  });

  test("what another process on the same database took is answered to the page that asked", async () => {
    const { house } = open;
    const key = await added(house);
    let takes = 0;
    const inbox = (mine: boolean): House["inbox"] => ({
      ...house.inbox,
      // The other one is always first: this one takes only what was given back.
      async take(...asked) {
        if (mine && takes === 0) return [];
        const taken = await house.inbox.take(...asked);
        if (!mine) takes += taken.length;
        return taken;
      },
    });
    const page = openPage({ ...house, inbox: inbox(true) });
    const other = openPage({ ...house, inbox: inbox(false) });
    pages.push(page, other);
    const asking = page.line(`/gate prioritize ${key} P1`);
    expect(await asking).toMatchObject({ answer: { kind: "done" }, message: expect.any(Number) });
    takes = 0;
    const refused = page.line(`/gate prioritize ${key} P1 --version 1`);
    await vi.waitUntil(() => takes > 0, 10_000);
    expect(await refused).toMatchObject({ answer: { kind: "refused" }, message: null });
  }, 30_000);

  test.each([
    ["not JSON", "{", 422],
    ["no line", "{}", 422],
    ["an empty line", '{"line":""}', 422],
    ["a field too many", '{"line":"/gate","as":"admin"}', 422],
    ["a line too long", JSON.stringify({ line: "x".repeat(4001) }), 422],
    ["a body too large", JSON.stringify({ line: "x".repeat(40_000) }), 413],
  ])("%s is refused in a sentence", async (_name, body, status) => {
    const answer = await ask("/chat/lines", { method: "POST", body, headers: own() });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ title: expect.any(String), hint: expect.any(String) });
  });

  test("a thread that is not there, or is itself a reply, takes no reply", async () => {
    const reply = (id: number) =>
      ask(`/chat/threads/${id}`, { method: "POST", body: '{"text":"hello"}', headers: own() });
    expect((await reply(4242)).status).toBe(404);
    const head = await open.house.localChat.post({
      channel: "gatehouse",
      thread: null,
      author: "bot:gatehouse",
      kind: "digest",
      task: null,
      text: "x",
      data: {},
    });
    const first = JSON.parse((await reply(head!)).text);
    expect((await reply(first.message)).status).toBe(404);
  });

  test("what could hide or turn round other text never reaches the page", async () => {
    await open.house.localChat.post({
      channel: "gatehouse",
      thread: null,
      author: "bot:gatehouse",
      kind: "digest",
      task: null,
      text: "safe \u202egnp.exe\u2066 \u0007",
      data: { nested: ["\u202eevil"] },
    });
    const { text } = await ask("/chat/messages");
    for (const hidden of ["\u202e", "\u2066", "\\u202e", "\\u2066", "\\u0007"])
      expect(text).not.toContain(hidden);
    expect(text).toContain("gnp.exe");
  });
});

describe("the stream", () => {
  interface Piece {
    readonly id: string;
    readonly event: string;
    readonly data: any;
  }

  /** Reads a stream until it has so many messages, then goes away. */
  async function listen(
    path: string,
    wanted: number,
    headers: Record<string, string> = {},
  ): Promise<Piece[]> {
    const gone = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal: gone.signal });
    const pieces: Piece[] = [];
    let buffer = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      buffer += chunk;
      const whole = buffer.split("\n\n");
      buffer = whole.pop() ?? "";
      for (const text of whole) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, "mu").exec(text)?.[1] ?? "";
        if (field("event") !== "")
          pieces.push({ id: field("id"), event: field("event"), data: JSON.parse(field("data")) });
      }
      if (pieces.filter(({ event }) => event !== "floor").length >= wanted) break;
    }
    gone.abort();
    return pieces;
  }

  const say = (text: string) =>
    open.house.localChat.post({
      channel: "gatehouse",
      thread: null,
      author: "bot:gatehouse",
      kind: "digest",
      task: null,
      text,
      data: {},
    });
  const texts = (pieces: readonly Piece[]) =>
    pieces.flatMap(({ event, data }) => (event === "message" ? [data.text] : []));

  test("what another process writes arrives without a ring, each change once, in order", async () => {
    const heard = listen("/chat/stream?after=0", 3);
    for (const text of ["one", "two", "three"]) await say(text);
    expect(texts(await heard)).toEqual(["one", "two", "three"]);
  });

  test("a reader that comes back names the last change it saw and gets the later ones alone", async () => {
    for (const text of ["one", "two"]) await say(text);
    const first = await listen("/chat/stream?after=0", 2);
    await say("three");
    const later = await listen("/chat/stream?after=0", 1, { "last-event-id": first.at(-1)!.id || "2" });
    expect(texts(later)).toEqual(["three"]);
  });

  test("a reader that saw more than there is starts anew", async () => {
    expect((await listen("/chat/stream?after=9999", 1)).map(({ event }) => event)).toEqual(["reset"]);
  });

  test("what goes on now comes along, once for as long as it stays so", async () => {
    const heard = listen("/chat/stream?after=0", 3);
    for (const text of ["one", "two", "three"]) await say(text);
    const floors = (await heard).filter(({ event }) => event === "floor");
    expect(floors).toHaveLength(1);
    expect(floors[0]?.data).toMatchObject({ lanes: [{ name: "builder", capacity: 100 }], work: [] });
  });

  test("ends when the bot stops", async () => {
    const heard = fetch(`http://127.0.0.1:${port}/chat/stream?after=0`);
    const response = await heard;
    stop.abort();
    expect(await response.text()).toContain("retry:");
  });
});

test("the page has a drawing for every kind of notice", async () => {
  const { text } = await ask("/assets/notices.js");
  for (const kind of NOTICE_KINDS) expect(text).toContain(`case "${kind}":`);
});
