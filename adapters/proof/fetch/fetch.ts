import { buildConnector, Client } from "undici";
import type { Answer, Fault } from "./answer.ts";
import { fault } from "./answer.ts";
import type { Lookup } from "./connect.ts";
import { BlockedAddress, guardedConnector, lookupBySystem } from "./connect.ts";
import { Deadline } from "./deadline.ts";
import { decodeBody } from "./decode.ts";
import type { Target } from "./target.ts";
import { checkTarget, internalOriginSet, resolveLocation } from "./target.ts";

/** `same-origin` is what a proof may do; `manual` hands a 3xx back as the answer. */
export type Redirects = "same-origin" | "any" | "manual";

export interface FetchOptions {
  readonly signal?: AbortSignal;
  readonly redirects?: Redirects;
  /** Sent to the first origin alone. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads one link from a machine that strangers choose. Never throws for anything a link or a server does. */
export interface Fetcher {
  get(url: string, options?: FetchOptions): Promise<Answer | Fault>;
  /** True where the link's exact origin is one the operator listed. */
  isInternal(url: string): boolean;
}

export interface FetcherSettings {
  /** Exact internal origins that may be read, such as `http://127.0.0.1:8080`. Everything else must be public. */
  readonly origins?: readonly string[];
  /** Everything together: look-up, every hop, the body. */
  readonly totalMs?: number;
  readonly connectMs?: number;
  readonly maxRedirects?: number;
  readonly maxHeaderBytes?: number;
  readonly maxBodyBytes?: number;
  readonly maxDecodedBytes?: number;
  readonly now?: () => number;
  /** Seams for tests: names, a private authority, and what makes sockets. */
  readonly lookup?: Lookup;
  readonly ca?: string;
  readonly connector?: typeof buildConnector;
}

type Limits = Required<Omit<FetcherSettings, "origins" | "ca">> & { readonly ca: string | undefined };

interface Hop {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const ASKING = {
  accept: "*/*",
  "accept-encoding": "identity",
  "user-agent": "gatehouse-proof",
} as const;

export function guardedFetcher(settings: FetcherSettings = {}): Fetcher {
  const origins = internalOriginSet(settings.origins ?? []);
  const limits: Limits = {
    totalMs: settings.totalMs ?? 15_000,
    connectMs: settings.connectMs ?? 5_000,
    maxRedirects: settings.maxRedirects ?? 5,
    maxHeaderBytes: settings.maxHeaderBytes ?? 16_384,
    maxBodyBytes: settings.maxBodyBytes ?? 1_048_576,
    maxDecodedBytes: settings.maxDecodedBytes ?? 4_194_304,
    now: settings.now ?? Date.now,
    lookup: settings.lookup ?? lookupBySystem,
    connector: settings.connector ?? buildConnector,
    ca: settings.ca,
  };
  return {
    isInternal: (url) => URL.canParse(url) && origins.has(new URL(url).origin),
    get: (url, options = {}) => get(url, options, limits, origins),
  };
}

async function get(
  first: string,
  options: FetchOptions,
  limits: Limits,
  origins: ReadonlySet<string>,
): Promise<Answer | Fault> {
  const deadline = new Deadline(limits.totalMs, options.signal);
  try {
    return await follow(first, options, deadline, limits, origins);
  } finally {
    deadline.clear();
  }
}

async function follow(
  first: string,
  options: FetchOptions,
  deadline: Deadline,
  limits: Limits,
  origins: ReadonlySet<string>,
): Promise<Answer | Fault> {
  const startedAt = limits.now();
  const redirects = options.redirects ?? "same-origin";
  let headers: Readonly<Record<string, string>> = { ...ASKING, ...options.headers };
  let target = checkTarget(first, origins);
  for (let hops = 0; ; hops += 1) {
    if (!target.ok) return target;
    const { url, internal } = target;
    const hop = await oneHop(target, headers, deadline, limits);
    if ("ok" in hop) return hop;
    const location = hop.headers.get("location");
    if (redirects === "manual" || !REDIRECTS.has(hop.status) || location === undefined) {
      const { status, headers: fields, body } = hop;
      const tookMs = limits.now() - startedAt;
      return { ok: true, url, internal, status, headers: fields, body, redirects: hops, startedAt, tookMs };
    }
    if (hops >= limits.maxRedirects) {
      return fault("too-many-redirects", first, `More than ${limits.maxRedirects} redirects.`);
    }
    const next = redirectTarget(location, url, redirects, origins);
    // What was meant for one origin is nobody else's: credentials stay behind.
    if (next.ok && next.url.origin !== url.origin) headers = ASKING;
    target = next;
  }
}

function redirectTarget(
  location: string,
  from: URL,
  redirects: Redirects,
  origins: ReadonlySet<string>,
): Target | Fault {
  const no = (why: string) => fault("redirect-refused", from.href, why);
  // Two Location fields were joined with a space in between, which makes them no address either.
  const resolved = resolveLocation(location, from);
  if (resolved === null) return no("The redirect's Location is not a plain address.");
  const next = checkTarget(resolved, origins);
  if (!next.ok) return { ...next, reason: `Redirected from ${from.host}: ${next.reason}` };
  if (from.protocol === "https:" && next.url.protocol === "http:") {
    return no("The redirect leaves https for http.");
  }
  if (redirects === "same-origin" && next.url.origin !== from.origin) {
    return no(`The redirect leaves ${from.origin} for ${next.url.origin}.`);
  }
  return next;
}

/** One request over one new client of that origin alone: no pool, no session and no connection outlives a hop. */
async function oneHop(
  target: Target,
  headers: Readonly<Record<string, string>>,
  deadline: Deadline,
  limits: Limits,
): Promise<Hop | Fault> {
  const { url, internal } = target;
  const { lookup, connectMs, ca, connector: build } = limits;
  const client = new Client(url.origin, {
    connect: guardedConnector({ internal, lookup, connectMs, ca, build }),
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.totalMs,
    bodyTimeout: limits.totalMs,
  });
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  deadline.stopBy(() => {
    const reason = new Error("stopped");
    reject(reason);
    client.destroy(reason, ended);
  });
  try {
    return await Promise.race([exchange(client, url, headers, limits), stopped]);
  } catch (error) {
    return explain(error, url, deadline, limits);
  } finally {
    // In the next turn: nobody waits for it, and whoever waits for the answer goes on.
    setImmediate(() => client.destroy(OVER, ended));
  }
}

/** One for all hops: a new error with its stack costs more than closing the connection does. */
const OVER = new Error("the hop is over");

function ended(): void {
  // Nobody waits for the socket to be gone.
}

async function exchange(
  client: Client,
  url: URL,
  headers: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<Hop | Fault> {
  const heard = await ask(client, url, headers, limits);
  if ("ok" in heard) return heard;
  const encoding = heard.headers.get("content-encoding") ?? "";
  const body = await decodeBody(heard.body, encoding, limits.maxDecodedBytes, url.href);
  return "ok" in body ? body : { ...heard, body };
}

/**
 * Asks, and listens until the body is complete or too large. `dispatch` is what undici's `request` is made of: neither
 * decompresses or follows anything, and this one makes no stream of a body that is read as a whole. As far as the server
 * is told the connection may be kept: what undici knows will be closed it closes, at some cost, before it tells the end.
 */
function ask(
  client: Client,
  url: URL,
  headers: Readonly<Record<string, string>>,
  { maxBodyBytes }: Limits,
): Promise<Hop | Fault> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let fields: ReadonlyMap<string, string> = new Map();
    const chunks: Uint8Array[] = [];
    let size = 0;
    client.dispatch(
      { method: "GET", path: url.pathname + url.search, headers },
      {
        onRequestStart: () => undefined,
        // Interim answers (1xx) come here first; the last one counts.
        onResponseStart(_, code, said) {
          status = code;
          fields = fieldsOf(said);
        },
        onResponseData(controller, chunk) {
          size += chunk.byteLength;
          if (size <= maxBodyBytes) {
            chunks.push(chunk);
            return;
          }
          resolve(fault("too-large", url.href, `The body is more than ${maxBodyBytes} bytes.`));
          controller.abort(OVER);
        },
        onResponseEnd: () => resolve({ status, headers: fields, body: Buffer.concat(chunks) }),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

function fieldsOf(
  said: Readonly<Record<string, string | readonly string[] | undefined>>,
): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(said)) {
    if (value !== undefined)
      fields.set(name.toLowerCase(), typeof value === "string" ? value : value.join(", "));
  }
  return fields;
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [...own, ...inner.flatMap(codesOf), ...codesOf(error.cause)];
}

function blockedBy(error: unknown): BlockedAddress | null {
  if (error instanceof BlockedAddress) return error;
  return error instanceof Error && error.cause !== undefined ? blockedBy(error.cause) : null;
}

function explain(error: unknown, url: URL, { ended: how }: Deadline, limits: Limits): Fault {
  const blocked = blockedBy(error);
  if (blocked !== null) return fault("blocked", url.href, `${blocked.message}.`);
  const codes = codesOf(error);
  const has = (pattern: RegExp) => codes.some((code) => pattern.test(code));
  if (has(/HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW/)) {
    return fault("too-large", url.href, `The headers are more than ${limits.maxHeaderBytes} bytes.`);
  }
  if (how === "time is up" || has(/TIMEOUT|ETIMEDOUT/)) {
    return fault("timeout", url.href, `${url.host} did not answer in time.`);
  }
  if (how === "called off") return fault("aborted", url.href, "The check was called off.");
  if (has(/^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/)) {
    return fault("tls", url.href, `${url.host} could not be trusted: ${codes[0]}.`);
  }
  if (has(/^HPE_|UND_ERR_(RES|RESPONSE|INVALID|NOT_SUPPORTED)/)) {
    return fault("bad-response", url.href, `${url.host} does not answer in HTTP: ${codes[0]}.`);
  }
  const why = codes[0] ?? (error instanceof Error ? error.message : "unknown");
  return fault("unreachable", url.href, `${url.host} cannot be reached: ${why}.`);
}
