import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Json } from "../../core/json.ts";
import { ProblemAnswer, problem } from "./problem.ts";

/** What a call takes as its body. */
export interface BodyRules {
  /** As it is sent and, where it came compressed, as it is meant: in bytes. */
  readonly maxBytes: number;
  readonly gzip: boolean;
  /** What to do where it came in another form. */
  readonly hint: string;
}

const PLAIN: BodyRules = {
  maxBytes: 1024 * 1024,
  gzip: false,
  hint: "Send the body as JSON, with the header Content-Type: application/json.",
};
/** How deep lists and objects of a body may nest: what walks it further down is recursive. */
const DEPTH_MAX = 32;
/** How long, in milliseconds and bytes, a body that is too large may go on while its sender reads the answer. */
const DROP_MS = 5_000;
const DROP_BYTES = 64 * 1024 * 1024;

/**
 * The JSON of a request's body, `{}` where there is none. Reads no more than the limit, whatever the headers promise;
 * refuses what is not JSON in valid UTF-8, since a replaced character would be stored as something nobody sent.
 */
export async function readJson(request: Request, rules: BodyRules = PLAIN): Promise<Json> {
  const sent = await readBytes(request, rules);
  if (sent.length === 0) return {};
  checkMediaType(request.headers, rules);
  const zipped = encodingOf(request.headers) === "gzip";
  const value = parse(decode(zipped ? await unzip(sent, rules) : sent));
  checkShape(value);
  return value;
}

async function readBytes(request: Request, rules: BodyRules): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > rules.maxBytes) throw tooLarge(rules);
  if (request.body === null) return new Uint8Array();
  const body = (request.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await body.read().catch(() => {
      throw unreadable("cut-off", "a whole body", "The connection ended before the body did: send it again.");
    });
    if (done) break;
    length += value.length;
    if (length > rules.maxBytes) {
      drop(body).catch(() => undefined);
      throw tooLarge(rules);
    }
    chunks.push(value);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/**
 * Lets the rest of a body go by unread, for a while: a connection that ends while its sender still sends is reset, and
 * the reset may overtake the answer, so that the sender would never learn what was wrong.
 */
async function drop(body: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const until = performance.now() + DROP_MS;
  let left = DROP_BYTES;
  while (left > 0 && performance.now() < until) {
    const { done, value } = await body.read();
    if (done) return;
    left -= value.length;
  }
  await body.cancel();
}

const inflate = promisify(gunzip);

/** A small body may unfold into an enormous one: it is not unfolded further than a plain one might be long. */
async function unzip(bytes: Uint8Array, rules: BodyRules): Promise<Uint8Array> {
  try {
    return await inflate(bytes, { maxOutputLength: rules.maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(rules);
    throw unreadable(
      "not-gzip",
      "gzip",
      "The body is not what its Content-Encoding says: send it again, or uncompressed.",
    );
  }
}

function encodingOf(headers: Headers): string {
  return (headers.get("content-encoding") ?? "identity").trim().toLowerCase();
}

function tooLarge({ maxBytes }: BodyRules): ProblemAnswer {
  return new ProblemAnswer(
    problem(413, "body-too-large", {
      field: "body",
      expected: `at most ${maxBytes} bytes`,
      hint: "Send less: long material belongs behind a link.",
    }),
  );
}

function checkMediaType(headers: Headers, { gzip, hint }: BodyRules): void {
  const type = headers.get("content-type") ?? "";
  const encoding = encodingOf(headers);
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new ProblemAnswer(
      problem(415, "media-type", {
        field: "Content-Type",
        expected: "application/json, in UTF-8",
        got: type === "" ? null : type,
        hint,
      }),
    );
  }
  if (encoding !== "identity" && !(gzip && encoding === "gzip")) {
    throw new ProblemAnswer(
      problem(415, "content-encoding", {
        field: "Content-Encoding",
        expected: gzip ? "gzip or identity" : "identity",
        got: headers.get("content-encoding"),
        hint: `Send the body ${gzip ? "compressed with gzip, or " : ""}uncompressed.`,
      }),
      { "accept-encoding": gzip ? "gzip, identity" : "identity" },
    );
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable("not-utf-8", "UTF-8", "The body holds bytes that are no UTF-8: encode it as UTF-8.");
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = (error as Error).message.slice(0, 200);
    throw unreadable("not-json", "JSON", `The body is no JSON: ${reason}`);
  }
}

/** Walks without recursion: depth, halves of surrogate pairs, and keys that mean something to JavaScript itself. */
function checkShape(value: Json): void {
  const stack: { value: Json; depth: number }[] = [{ value, depth: 1 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value: item, depth } = next;
    if (typeof item === "string") checkText(item);
    if (item === null || typeof item !== "object") continue;
    if (depth > DEPTH_MAX) {
      throw unreadable(
        "too-deep",
        `at most ${DEPTH_MAX} levels`,
        "The body nests too deeply: send it flatter.",
      );
    }
    for (const [key, inner] of Object.entries(item)) {
      checkText(key);
      if (key === "__proto__")
        throw unreadable("key-name", "another name", "No field may be named __proto__.");
      stack.push({ value: inner, depth: depth + 1 });
    }
  }
}

function checkText(text: string): void {
  if (text.isWellFormed()) return;
  throw unreadable(
    "half-character",
    "whole characters",
    "A text holds half of a surrogate pair: it is no character.",
  );
}

function unreadable(code: string, expected: string, hint: string): ProblemAnswer {
  return new ProblemAnswer(problem(400, code, { field: "body", expected, hint }));
}
