import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import { urlVerifier } from "../../adapters/proof/url.ts";
import type { Json } from "../../src/core/json.ts";
import { closePeers, internet, names, serve } from "./support/peers.ts";
import { verify, wants } from "./support/proofs.ts";

afterEach(closePeers);

const HEALTH = JSON.stringify({
  status: "ok",
  version: "1.4.2",
  checks: [{ name: "db", up: true }],
  "a/b~c": 1,
});

/** /health answers as it should, everything else is not there. */
const site: RequestListener = (request, response) => {
  if (request.url === "/health") response.setHeader("etag", '"v1"').end(HEALTH);
  else response.writeHead(404).end("not found");
};

async function check(handler: RequestListener, path: string, fields: { [field: string]: Json } = {}) {
  const peer = await serve(handler);
  const verifier = urlVerifier({
    fetcher: guardedFetcher({ origins: [peer.origin], totalMs: 500 }),
    sampleGapMs: 0,
  });
  const requirement = wants("url", { origin: peer.origin, ...fields });
  const verdict = await verify(verifier, { requirement, uri: peer.origin + path });
  return { verdict, peer };
}

describe("a page that answers as the policy wants", () => {
  test("passes after two samples and a probe beside it", async () => {
    const { verdict, peer } = await check(site, "/health", { path: "/health", contains: '"ok"' });
    expect(verdict).toMatchObject({ verdict: "passed", evidence: `url:${peer.origin}:"v1":/health` });
    const [first, ...beside] = peer.requests;
    expect(first).toBe("/health");
    // Both are under way at once, so which is heard first is nobody's to say.
    expect(beside).toHaveLength(2);
    expect(beside).toContain("/health");
    expect(beside).toContainEqual(expect.stringMatching(/^\/x[0-9a-f]{24}$/));
  });

  test("asks for the second sample and the probe side by side", async () => {
    const heard: ServerResponse[] = [];
    const { verdict } = await check((request, response) => {
      heard.push(response);
      if (heard.length === 1) response.end(HEALTH);
      else if (request.url !== "/health") response.statusCode = 404;
      // Neither is answered before both have come.
      if (heard.length === 3) for (const waiting of heard.slice(1)) waiting.end(HEALTH);
    }, "/health");
    expect(verdict).toMatchObject({ verdict: "passed" });
  });

  test("has its body's digest for evidence where there is no ETag", async () => {
    const { verdict } = await check((request, response) => {
      response.writeHead(request.url === "/a/b" ? 200 : 404).end("body");
    }, "/a/b");
    expect(verdict.evidence).toMatch(/:sha256:[0-9a-f]{64}:\/a\/b$/);
  });

  test.each<[string, { [field: string]: Json }, boolean]>([
    ["text that is there", { contains: '"version":"1.4.2"' }, true],
    ["text in another case", { contains: '"STATUS"' }, false],
    ["a pattern that matches", { matches: '"version":"1\\.[0-9]+\\.2"' }, true],
    ["a pattern that does not", { matches: '"version":"2\\.' }, false],
    ["a pointer and its value", { json: { pointer: "/status", equals: "ok" } }, true],
    ["a pointer into an array", { json: { pointer: "/checks/0", equals: { up: true, name: "db" } } }, true],
    ["an escaped pointer", { json: { pointer: "/a~1b~0c", equals: 1 } }, true],
    ["another value", { json: { pointer: "/status", equals: "OK" } }, false],
    ["a string for a number", { json: { pointer: "/a~1b~0c", equals: "1" } }, false],
    ["a part of an object", { json: { pointer: "/checks/0", equals: { up: true } } }, false],
    [
      "more than the object",
      { json: { pointer: "/checks/0", equals: { up: true, name: "db", x: null } } },
      false,
    ],
    ["a pointer to nothing", { json: { pointer: "/missing", equals: null } }, false],
    ["a pointer up the prototype", { json: { pointer: "/constructor/name", equals: "Object" } }, false],
    ["a pointer to an array's length", { json: { pointer: "/checks/length", equals: 1 } }, false],
    ["a padded index", { json: { pointer: "/checks/00", equals: { up: true, name: "db" } } }, false],
  ])("by %s", async (_, fields, holds) => {
    const { verdict } = await check(site, "/health", fields);
    expect(verdict.verdict).toBe(holds ? "passed" : "failed");
  });

  test("all rules hold together or not at all", async () => {
    const { verdict } = await check(site, "/health", { contains: '"ok"', matches: "nothing like this" });
    expect(verdict).toMatchObject({ verdict: "failed" });
  });
});

describe("the link must be exactly the policy's", () => {
  test.each([
    "/Health",
    "/health/",
    "/health?x=1",
    "/healt",
    "//health",
    "/./health",
    "/x/../health",
    "/%68ealth",
    "",
  ])("%j is not /health", async (path) => {
    const { verdict, peer } = await check(site, path, { path: "/health" });
    expect(verdict).toMatchObject({ verdict: "failed" });
    expect(peer.requests).toEqual([]);
  });

  test.each([
    "https://127.0.0.1:1/health",
    "http://127.0.0.1:1@127.0.0.1:2/health",
    "http://127.0.0.1:10/health",
    "http://127.0.0.1:1.evil.example.com/health",
    "data:text/plain,ok",
    "javascript:1",
    "http:127.0.0.1:1/health",
    "http:\\\\127.0.0.1:1\\health",
    "\thttp://127.0.0.1:1/health",
    "rubbish",
    "",
  ])("%j is not below http://127.0.0.1:1", async (uri) => {
    const verifier = urlVerifier({ fetcher: guardedFetcher({ origins: ["http://127.0.0.1:1"] }) });
    const requirement = wants("url", { origin: "http://127.0.0.1:1" });
    expect(await verify(verifier, { requirement, uri })).toMatchObject({ verdict: "failed" });
    expect(verifier.matches(requirement, uri)).toBe(false);
  });

  test("an origin nobody listed is not read, policy or not", async () => {
    const peer = await serve(site);
    const verifier = urlVerifier({ fetcher: guardedFetcher() });
    const verdict = await verify(verifier, {
      requirement: wants("url", { origin: peer.origin }),
      uri: `${peer.origin}/health`,
    });
    expect(verdict).toMatchObject({ verdict: "failed", seen: { code: "blocked" } });
    expect(peer.connections).toBe(0);
  });
});

describe("what was not seen is not passed", () => {
  const always =
    (status: number, headers = {}): RequestListener =>
    (_, response) =>
      response.writeHead(status, headers).end();

  test.each([401, 403, 404, 408, 429, 500, 502, 503, 504])("%d is inconclusive", async (status) => {
    const { verdict } = await check(always(status), "/health");
    expect(verdict).toMatchObject({ verdict: "inconclusive" });
  });

  test.each([201, 204, 302, 400, 410, 418])("%d is wrong", async (status) => {
    const { verdict } = await check(always(status), "/health");
    expect(verdict).toMatchObject({ verdict: "failed" });
  });

  test("404 of a public host is wrong too", async () => {
    const peer = await serve(always(404));
    const { lookup } = names({ "app.example.com": ["93.184.216.34"] });
    const fetcher = guardedFetcher({ lookup, connector: internet({ "93.184.216.34": peer.port }).build });
    const requirement = wants("url", { origin: "http://app.example.com" });
    const verdict = await verify(urlVerifier({ fetcher }), { requirement, uri: "http://app.example.com/x" });
    expect(verdict).toMatchObject({ verdict: "failed" });
  });

  test.each([403, 404, 410, 503])("%d passes where the policy expects just that", async (status) => {
    const { verdict } = await check(always(status), "/gone", { status });
    expect(verdict).toMatchObject({ verdict: "passed" });
  });

  test("Retry-After is passed on, in seconds and as a date", async () => {
    const seconds = await check(always(429, { "retry-after": "7" }), "/health");
    expect(seconds.verdict.retryAfterMs).toBe(7_000);
    const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000).toUTCString();
    const dated = await check(always(503, { "retry-after": date }), "/health");
    expect(dated.verdict.retryAfterMs).toBeGreaterThan(50_000);
    const odd = await check(always(429, { "retry-after": "soon" }), "/health");
    expect(odd.verdict.retryAfterMs).toBeUndefined();
  });

  test("a server that says nothing, hangs up or is not there is inconclusive", async () => {
    expect((await check(() => {}, "/health")).verdict).toMatchObject({ verdict: "inconclusive" });
    const rude = await check((request) => request.socket.destroy(), "/health");
    expect(rude.verdict).toMatchObject({ verdict: "inconclusive" });
  });

  test("one good answer of two is not enough", async () => {
    let asked = 0;
    const flapping: RequestListener = (request, response) => {
      if (request.url !== "/health") response.writeHead(404).end();
      else response.writeHead(asked++ % 2 === 0 ? 200 : 503).end("ok");
    };
    expect((await check(flapping, "/health")).verdict).toMatchObject({ verdict: "inconclusive" });
    let said = 0;
    const moody: RequestListener = (request, response) => {
      if (request.url !== "/health") response.writeHead(404).end();
      else response.end(said++ === 0 ? "ok" : "down");
    };
    expect((await check(moody, "/health", { contains: "ok" })).verdict).toMatchObject({ verdict: "failed" });
  });
});

describe("a site that answers everything says nothing", () => {
  test.each<[string, RequestListener, { [field: string]: Json }]>([
    ["with one page", (_, response) => response.end("<h1>App</h1>"), { contains: "<h1>App" }],
    [
      "with the path in it",
      (request, response) => response.end(`hello ${request.url}`),
      { contains: "hello" },
    ],
    [
      "with 200 for not found",
      (request, response) => response.end(request.url === "/a/b" ? "b" : "lost"),
      {},
    ],
    [
      "by a redirect to its front page",
      (request, response) => {
        if (request.url === "/") response.end("front");
        else response.writeHead(302, { location: "/" }).end();
      },
      {},
    ],
  ])("%s", async (_, handler, fields) => {
    const { verdict } = await check(handler, "/a/b", fields);
    expect(verdict).toMatchObject({ verdict: "failed", reason: expect.stringContaining("random path") });
  });

  test("unless the policy's rule tells this page from the others", async () => {
    const handler: RequestListener = (request, response) =>
      response.end(request.url === "/a/b" ? "b" : "lost");
    const { verdict, peer } = await check(handler, "/a/b", { contains: "b" });
    expect(verdict).toMatchObject({ verdict: "passed" });
    expect(peer.requests).toContainEqual(expect.stringMatching(/^\/a\/x[0-9a-f]{24}$/));
  });

  test.each([429, 500, 503])("a probe that is answered %d shows nothing either way", async (status) => {
    const { verdict } = await check((request, response) => {
      response.writeHead(request.url === "/health" ? 200 : status).end();
    }, "/health");
    expect(verdict).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("redirects", () => {
  test("to another origin are refused", async () => {
    const other = await serve((_, response) => response.end("ok"));
    const { verdict } = await check((_, response) => {
      response.writeHead(302, { location: `${other.origin}/health` }).end();
    }, "/health");
    expect(verdict).toMatchObject({ verdict: "failed" });
    expect(other.connections).toBe(0);
  });

  test("are read themselves where the policy wants one", async () => {
    const handler: RequestListener = (request, response) => {
      if (request.url === "/old")
        response.writeHead(301, { location: "https://elsewhere.example.com/" }).end();
      else response.writeHead(404).end();
    };
    expect((await check(handler, "/old", { status: 301 })).verdict).toMatchObject({ verdict: "passed" });
  });
});

describe("patterns cost a bounded time", () => {
  const faults = (fields: { [field: string]: Json }) =>
    urlVerifier({ fetcher: guardedFetcher() })
      .check(wants("url", { origin: "https://app.example.com", ...fields }))
      .map((fault) => fault.field);

  test("a bad one, a look-ahead, a back-reference and a huge one are faults", () => {
    for (const matches of ["(", "[", "*", "(?=x)", "(a)\\1", "a{1001}", "[a-z]{1000}", ""]) {
      expect(faults({ matches })).toEqual(["matches"]);
    }
    expect(faults({ matches: "(a+)+$" })).toEqual([]);
  });

  test("one that would stall RegExp answers at once, one too dear for the body fails", async () => {
    const body = `${"a".repeat(500_000)}!`;
    const handler: RequestListener = (request, response) => {
      response.writeHead(request.url === "/x" ? 200 : 404).end(body);
    };
    const startedAt = performance.now();
    const stalling = await check(handler, "/x", { matches: "^(a+)+$" });
    expect(stalling.verdict).toMatchObject({ verdict: "failed" });
    const dear = await check(handler, "/x", { matches: "[a-z]{400}[0-9]" });
    expect(dear.verdict).toMatchObject({ verdict: "failed", reason: expect.stringContaining("too long") });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("a JSON body nested without end is judged, not crashed on", async () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    const { verdict } = await check((_, response) => response.end(deep), "/x", {
      json: { pointer: "/0/0", equals: "ok" },
    });
    expect(verdict).toMatchObject({ verdict: "failed" });
  });
});

test("fields that do not fit are named, at any depth", () => {
  const requirement = wants("url", {
    origin: "https://app.example.com/",
    path: "health",
    status: 99,
    json: { pointer: "status", equals: 1, other: 2 },
    method: "POST",
  });
  const faults = urlVerifier({ fetcher: guardedFetcher() }).check(requirement);
  expect(faults.map((fault) => fault.field).toSorted()).toEqual([
    "json.other",
    "json.pointer",
    "method",
    "origin",
    "path",
    "status",
  ]);
});
