import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import { closePeers, serve, serveBytes } from "./support/peers.ts";

afterEach(closePeers);

const MIB = 1_048_576;

function within(maxMs: number, startedAt: number) {
  expect(performance.now() - startedAt).toBeLessThan(maxMs);
}

/** How much memory a fetch keeps or churns through at its worst, sampled while it runs. */
async function peakGrowth(run: () => Promise<unknown>): Promise<number> {
  const rss = () => process.memoryUsage().rss;
  const before = rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, rss());
  }, 2);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return Math.max(peak, rss()) - before;
}

describe("the body is capped", () => {
  test("one MiB is read and one byte more is not", async () => {
    const site = await serve((request, response) =>
      response.end(Buffer.alloc(MIB + Number(request.url?.slice(1)))),
    );
    const fetcher = guardedFetcher({ origins: [site.origin] });
    const fits = await fetcher.get(`${site.origin}/0`);
    expect(fits.ok && fits.body.byteLength).toBe(MIB);
    expect(await fetcher.get(`${site.origin}/1`)).toMatchObject({
      ok: false,
      code: "too-large",
      verdict: "failed",
    });
  });

  test("a body without end is cut at the cap, whatever the time limit", async () => {
    const hungUp = Promise.withResolvers<void>();
    const site = await serve((request, response) => {
      request.socket.on("close", () => hungUp.resolve());
      const chunk = Buffer.alloc(65_536, "x");
      const pump = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", pump);
      pump();
    });
    const startedAt = performance.now();
    const fetcher = guardedFetcher({ origins: [site.origin], totalMs: 60_000 });
    const growth = await peakGrowth(async () => {
      expect(await fetcher.get(site.origin)).toMatchObject({ ok: false, code: "too-large" });
    });
    within(5_000, startedAt);
    expect(growth).toBeLessThan(64 * MIB);
    await hungUp.promise;
  });

  test("a body that drips is cut at the time limit", async () => {
    const site = await serve((_, response) => {
      const timer = setInterval(() => response.write("."), 10);
      response.on("close", () => clearInterval(timer));
    });
    const startedAt = performance.now();
    const answer = await guardedFetcher({ origins: [site.origin], totalMs: 300 }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "timeout", verdict: "inconclusive" });
    within(2_000, startedAt);
  });

  test("a body shorter than it says is no answer", async () => {
    const site = await serveBytes((socket) => {
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort");
    });
    const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, verdict: "inconclusive" });
  });
});

describe("encodings are undone within a cap", () => {
  const zeros = Buffer.alloc(64 * MIB);
  const gzipped = gzipSync(zeros);

  test.each([
    ["gzip", gzipped],
    ["deflate", deflateSync(zeros)],
    ["br", brotliCompressSync(zeros)],
    ["zstd", zstdCompressSync(zeros)],
    ["gzip, gzip", gzipSync(gzipped)],
  ])("a %s bomb of 64 MiB is defused", async (encoding, bomb) => {
    const site = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bomb),
    );
    const startedAt = performance.now();
    const growth = await peakGrowth(async () => {
      const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
      expect(answer).toMatchObject({ ok: false, code: "too-large", verdict: "failed" });
    });
    within(3_000, startedAt);
    expect(growth).toBeLessThan(40 * MIB);
  });

  test.each([
    ["gzip", gzipSync("hello")],
    ["GZIP", gzipSync("hello")],
    ["deflate", deflateSync("hello")],
    ["br", brotliCompressSync("hello")],
    ["zstd", zstdCompressSync("hello")],
    ["identity", Buffer.from("hello")],
    ["gzip, br", brotliCompressSync(gzipSync("hello"))],
  ])("%s is read", async (encoding, body) => {
    const site = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(body),
    );
    const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(answer.ok && Buffer.from(answer.body).toString()).toBe("hello");
  });

  test.each([
    ["three layers", "gzip, gzip, gzip", gzipSync(gzipSync(gzipSync("hello")))],
    ["a thousand layers", "gzip,".repeat(1_000), gzipSync("hello")],
    ["an unknown one", "rot13", Buffer.from("uryyb")],
    ["a wrong one", "gzip", Buffer.from("hello")],
    ["a truncated one", "gzip", gzipSync("hello".repeat(1_000)).subarray(0, 30)],
  ])("%s is refused", async (_, encoding, body) => {
    const site = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(body),
    );
    const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "bad-encoding", verdict: "failed" });
  });

  test("none is asked for", async () => {
    const site = await serve((_, response) => response.end());
    await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(site.headers[0]).toMatchObject({ "accept-encoding": "identity" });
  });
});

describe("headers are capped", () => {
  test("a flood in one field", async () => {
    const site = await serve((_, response) =>
      response.writeHead(200, { "x-flood": "a".repeat(100_000) }).end(),
    );
    const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "too-large", verdict: "failed" });
  });

  test("the cap is ours to set", async () => {
    const site = await serve((_, response) => response.writeHead(200, { "x-some": "a".repeat(2_000) }).end());
    const fetcher = guardedFetcher({ origins: [site.origin], maxHeaderBytes: 1_024 });
    expect(await fetcher.get(site.origin)).toMatchObject({ ok: false, code: "too-large" });
  });

  test("a flood of fields without end", async () => {
    const site = await serveBytes((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket.write(`x-flood: ${"a".repeat(1_000)}\r\n`), 1);
      socket.on("close", () => clearInterval(timer));
    });
    const answer = await guardedFetcher({ origins: [site.origin], totalMs: 10_000 }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "too-large" });
  });

  test("headers that drip are cut at the time limit", async () => {
    const site = await serveBytes((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket.write("a: b\r\n"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    const startedAt = performance.now();
    const answer = await guardedFetcher({ origins: [site.origin], totalMs: 300 }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "timeout" });
    within(2_000, startedAt);
  });

  test("interim answers without end are cut at the time limit", async () => {
    const site = await serveBytes((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    });
    const answer = await guardedFetcher({ origins: [site.origin], totalMs: 300 }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, verdict: "inconclusive" });
  });
});

describe("time is capped", () => {
  test.each([
    ["a server that says nothing", () => {}],
    ["a redirect every 50 ms", undefined],
  ])("%s", async (_, silent) => {
    const site = await serve((_, response) => {
      if (silent === undefined) setTimeout(() => response.writeHead(302, { location: "/" }).end(), 50);
    });
    const startedAt = performance.now();
    const fetcher = guardedFetcher({ origins: [site.origin], totalMs: 200, maxRedirects: 1_000 });
    expect(await fetcher.get(site.origin)).toMatchObject({
      ok: false,
      code: "timeout",
      verdict: "inconclusive",
    });
    within(2_000, startedAt);
  });

  test("a look-up that never answers", async () => {
    const startedAt = performance.now();
    const fetcher = guardedFetcher({ lookup: () => new Promise(() => {}), totalMs: 200 });
    expect(await fetcher.get("http://app.example.com/")).toMatchObject({ ok: false, code: "timeout" });
    within(2_000, startedAt);
  });

  test("a call off is heard at once, before and during", async () => {
    const reached = Promise.withResolvers<void>();
    const site = await serve(() => reached.resolve());
    const fetcher = guardedFetcher({ origins: [site.origin], totalMs: 60_000 });
    expect(await fetcher.get(site.origin, { signal: AbortSignal.abort() })).toMatchObject({
      code: "aborted",
    });
    const control = new AbortController();
    const answer = fetcher.get(site.origin, { signal: control.signal });
    await reached.promise;
    control.abort();
    expect(await answer).toMatchObject({ ok: false, code: "aborted", verdict: "inconclusive" });
  });
});

describe("what is not HTTP is no answer", () => {
  test.each([
    ["rubbish", "\0\x01\x02rubbish\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
    [
      "a switch of protocols",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["nothing", ""],
  ])("%s", async (_, bytes) => {
    const site = await serveBytes((socket) => {
      socket.end(bytes);
    });
    const answer = await guardedFetcher({ origins: [site.origin], totalMs: 2_000 }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, verdict: "inconclusive" });
  });

  test("a closed port is unreachable", async () => {
    const site = await serve(() => {});
    await closePeers();
    const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "unreachable", verdict: "inconclusive" });
  });
});

test("nothing stays open after a fetch, even where the server would leave it open for good", async () => {
  const gone = Promise.withResolvers<void>();
  const site = await serveBytes((socket) => {
    socket.resume().on("close", () => gone.resolve());
    socket.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=600\r\ncontent-length: 2\r\n\r\nok");
  });
  expect(await guardedFetcher({ origins: [site.origin] }).get(site.origin)).toMatchObject({ ok: true });
  await gone.promise;
});

test("each fetch has a connection of its own, one after another and side by side", async () => {
  const site = await serve((_, response) => response.end("ok"));
  const fetcher = guardedFetcher({ origins: [site.origin] });
  await fetcher.get(site.origin);
  await Promise.all([fetcher.get(site.origin), fetcher.get(site.origin)]);
  expect(site.requests).toHaveLength(3);
  expect(site.connections).toBe(3);
});

test("a body that ends with its connection is read to its end", async () => {
  const site = await serveBytes((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\nfirst ");
    setImmediate(() => socket.end("last"));
  });
  const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
  expect(answer.ok && Buffer.from(answer.body).toString()).toBe("first last");
});

test("what a server sends behind its answer is no part of it", async () => {
  const site = await serveBytes((socket) => {
    const answer = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    socket.end(answer("mine") + answer("not asked for"));
  });
  const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
  expect(answer.ok && Buffer.from(answer.body).toString()).toBe("mine");
});
