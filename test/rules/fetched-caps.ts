// Rules of the guarded fetcher about how much: bytes, layers, time. Each server keeps a little more than a small limit.
import type { ServerResponse } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { internet, serveBytes } from "../proof/support/peers.ts";
import { type Attack, answers, authority, type FetchRow, PATIENT, PUBLIC } from "./attacks.ts";
import { inFile } from "./rule.ts";

const fetching = inFile("fetch/fetch.ts");
const deadline = inFile("fetch/deadline.ts");
const decode = inFile("fetch/decode.ts");
const connect = inFile("fetch/connect.ts");

const encoded = (encoding: string, body: Buffer, maxDecodedBytes = 1_000) =>
  answers((_, response) => response.writeHead(200, { "content-encoding": encoding }).end(body), {
    maxDecodedBytes,
  });
const ZEROS = Buffer.alloc(1_001);

/** A time limit, and a moment after it: the limit's timer is set first, so it always comes first. */
const TOTAL_MS = 150;
const LATER_MS = 600;
const later = (then: () => void) => setTimeout(then, LATER_MS);

/** A site that is done only after the time limit. */
const late = (answer: (response: ServerResponse) => unknown) =>
  answers((_, response) => answer(response), { totalMs: TOTAL_MS });

const dripsHeaders: Attack = async (make) => {
  const site = await serveBytes((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const drip = setInterval(() => socket.write("a: b\r\n"), 20);
    socket.on("close", () => clearInterval(drip));
    later(() => {
      clearInterval(drip);
      socket.end("content-length: 0\r\n\r\n");
    });
  });
  const answer = await make({ origins: [site.origin], totalMs: TOTAL_MS }).get(site.origin);
  return { answer, got: answer.ok };
};

/** A name that is told only after the time limit: was it waited for? */
const looksUpLate: Attack = async (make) => {
  let told = false;
  const lookup = async () => {
    await new Promise<void>((resolve) => {
      later(resolve);
    });
    told = true;
    return [{ address: PUBLIC, family: 4 }];
  };
  const answer = await make({ lookup, connector: internet({}).build, totalMs: TOTAL_MS }).get(
    "http://app.example.com/",
  );
  return { answer, got: told };
};

/** So many turns of a clock that stands still while the machine does, as the client's own does. */
const TURNS = 40;
const TURN_MS = 100;

/** A peer that takes the connection and never says a word of TLS: was it waited for until it was called off? */
const neverShakesHands: Attack = async (make) => {
  const site = await serveBytes(() => undefined);
  const origin = `https://localhost:${site.port}`;
  const { ca } = await authority();
  const control = new AbortController();
  let turns = 0;
  const clock = setInterval(() => {
    turns += 1;
    if (turns === TURNS) control.abort();
  }, TURN_MS);
  const fetcher = make({ ...PATIENT, origins: [origin], ca, connectMs: 50 });
  const answer = await fetcher.get(origin, { signal: control.signal });
  clearInterval(clock);
  return { answer, got: control.signal.aborted };
};

export const capRows: readonly FetchRow[] = [
  [
    "a body's size",
    /more than 1000 bytes/,
    [fetching("if (size <= maxBodyBytes) {", "if (true) {")],
    answers((_, response) => response.end(ZEROS), { maxBodyBytes: 1_000 }),
    // In chunks, without a length.
    answers((_, response) => response.write(ZEROS.subarray(0, 999)) && response.end("xx"), {
      maxBodyBytes: 1_000,
    }),
  ],
  [
    "the size of headers",
    /headers are more than 1000 bytes/,
    [fetching("maxHeaderSize: limits.maxHeaderBytes", "maxHeaderSize: 1_000_000")],
    answers((_, response) => response.writeHead(200, { "x-one": "a".repeat(1_000) }).end(), {
      maxHeaderBytes: 1_000,
    }),
    answers(
      (_, response) => {
        for (let n = 0; n < 100; n += 1) response.setHeader(`x-${n}`, "aaaaaaaaaa");
        response.end();
      },
      { maxHeaderBytes: 1_000 },
    ),
  ],
  [
    "a decoded body's size",
    /more than 1000 bytes once decoded/,
    [decode("{ maxOutputLength: maxBytes }", "{}")],
    encoded("gzip", gzipSync(ZEROS)),
    encoded("x-gzip", gzipSync(ZEROS)),
    encoded("deflate", deflateSync(ZEROS)),
    encoded("br", brotliCompressSync(ZEROS)),
    encoded("zstd", zstdCompressSync(ZEROS)),
    encoded("gzip, gzip", gzipSync(gzipSync(ZEROS))),
    encoded("br, zstd", zstdCompressSync(brotliCompressSync(ZEROS))),
  ],
  [
    "layers of encoding",
    /encoded 3 times|encoded 5 times/,
    [decode("layers.length > MAX_LAYERS", "false")],
    encoded("gzip, gzip, gzip", gzipSync(gzipSync(gzipSync("x")))),
    encoded("br, gzip, deflate", deflateSync(gzipSync(brotliCompressSync("x")))),
    encoded("gzip,,gzip,gzip,gzip,gzip", gzipSync(gzipSync(gzipSync(gzipSync(gzipSync("x")))))),
  ],
  [
    "encodings that are known",
    /encoded as/,
    [decode("if (decode === undefined)\n", "if (decode === undefined) continue;\n      if (false)\n")],
    encoded("rot13", Buffer.from("x")),
    encoded("gzip, compress", gzipSync("x")),
  ],
  [
    "an encoding that is what it says",
    /it claims to be/,
    [decode("} catch (error) {", "} catch (error) {\n      return bytes;")],
    encoded("gzip", Buffer.from("x")),
    encoded("gzip", gzipSync("hello".repeat(100)).subarray(0, 20)),
    encoded("br", Buffer.from("hello")),
  ],
  [
    // The client's own limits of headers and body, which a peer that drips does not meet, are of the same length.
    "all the time it takes",
    /did not answer in time/,
    [
      deadline('this.#end("time is up"), ms', 'this.#end("time is up"), 60_000'),
      fetching("headersTimeout: limits.totalMs", "headersTimeout: 60_000"),
      fetching("bodyTimeout: limits.totalMs", "bodyTimeout: 60_000"),
    ],
    late((response) => later(() => response.end("x"))),
    late((response) => {
      const drip = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(drip));
      later(() => {
        clearInterval(drip);
        response.end();
      });
    }),
    dripsHeaders,
    answers(
      (request, response) => {
        const step = Number(request.url?.slice(1));
        if (step === 20) response.end("arrived");
        else setTimeout(() => response.writeHead(302, { location: `/${step + 1}` }).end(), 30);
      },
      { totalMs: TOTAL_MS, maxRedirects: 30 },
    ),
  ],
  [
    ["the time a name takes", "the end of the client, which ends what waits for it"],
    /did not answer in time/,
    [
      fetching(", stopped])", ", stopped.catch(() => new Promise(() => undefined))])"),
      fetching("client.destroy(reason, ended);"),
    ],
    looksUpLate,
  ],
  [
    "the time a connection takes",
    /did not answer in time/,
    [connect("timeout: settings.connectMs", "timeout: 60_000")],
    neverShakesHands,
  ],
];
