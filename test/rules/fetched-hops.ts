// Rules of the guarded fetcher about ways: redirects, trust, what is told to whom, proxies.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { makeAuthority } from "../proof/support/authority.ts";
import { canary, serve } from "../proof/support/peers.ts";
import {
  type Attack,
  answers,
  authority,
  type FetchRow,
  PATIENT,
  redirects,
  sendsOn,
  shows,
} from "./attacks.ts";
import { inFile } from "./rule.ts";

const fetching = inFile("fetch/fetch.ts");
const deadline = inFile("fetch/deadline.ts");
const target = inFile("fetch/target.ts");
const connect = inFile("fetch/connect.ts");

const REDIRECT_AMBIGUOUS = target("AMBIGUOUS.test(location) || ");
const REDIRECT_SLASHES = target("scheme !== undefined && ", "false && ");

const to = (...locations: (string | string[])[]) => locations.map((location) => redirects(location));
const past = (days: number) => new Date(Date.now() - days * 86_400_000);

const byAnotherAuthority: Attack = async (make) =>
  shows("app.example.com", { ca: (await makeAuthority()).ca })(make);

/** An environment that asks to trust everybody: is a page asked anything whose certificate nobody knows? */
const trustsEverybody: Attack = async (make) => {
  const site = await serve((_, response) => response.end("x"), await (await authority()).issue("localhost"));
  const origin = `https://localhost:${site.port}`;
  const kept = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    const answer = await make({ ...PATIENT, origins: [origin] }).get(origin);
    return { answer, got: site.requests.length > 0 };
  } finally {
    if (kept === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = kept;
  }
};

/**
 * A page that was trusted once, and now shows a certificate of nobody's: whoever resumes the session of then is not shown it. Was
 * it asked a second time?
 */
const resumesASession: Attack = async (make) => {
  const known = await authority();
  const tickets = { ticketKeys: randomBytes(48), sessionIdContext: "gatehouse" };
  const site = createServer({ ...(await known.issue("localhost")), ...tickets });
  let asked = 0;
  site.on("request", (_, response) => {
    asked += 1;
    response.end("x");
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const { port } = site.address() as AddressInfo;
  const origin = `https://localhost:${port}`;
  const fetcher = make({ ...PATIENT, origins: [origin], ca: known.ca });
  try {
    const first = await fetcher.get(origin);
    if (!first.ok) throw new Error(first.reason);
    site.setSecureContext({ ...(await (await makeAuthority()).issue("localhost")), ...tickets });
    const answer = await fetcher.get(origin);
    return { answer, got: asked > 1 };
  } finally {
    site.close();
  }
};

/** A site that speaks HTTP/2 to whoever can: its headers come in a way that no cap of ours is on. */
const floodsByAnotherWay: Attack = async (make) => {
  const known = await authority();
  const site = createSecureServer({ ...(await known.issue("localhost")), allowHTTP1: true });
  site.on("request", (_, response) => {
    for (let n = 0; n < 20; n += 1) response.setHeader(`x-${n}`, "a".repeat(1_000));
    response.end("x");
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const origin = `https://localhost:${(site.address() as AddressInfo).port}`;
  try {
    const answer = await make({ ...PATIENT, origins: [origin], ca: known.ca }).get(origin);
    return { answer, got: answer.ok };
  } finally {
    site.close();
  }
};

/** A proxy for everything the process asks for: did it hear of this? */
const asksAProxy: Attack = async (make) => {
  const [site, proxy] = [await serve((_, response) => response.end("direct")), await canary()];
  const kept = getGlobalDispatcher();
  const agent = new EnvHttpProxyAgent({ httpProxy: proxy.origin, noProxy: "", proxyTunnel: false });
  setGlobalDispatcher(agent);
  try {
    const answer = await make({ ...PATIENT, origins: [site.origin] }).get(site.origin);
    return { answer, got: proxy.connections > 0 };
  } finally {
    setGlobalDispatcher(kept);
    await agent.destroy();
  }
};

/** A call off before anything began: was anybody asked all the same? */
const calledOffBefore: Attack = async (make) => {
  const site = await serve((_, response) => response.end("x"));
  const fetcher = make({ ...PATIENT, origins: [site.origin] });
  const answer = await fetcher.get(site.origin, { signal: AbortSignal.abort() });
  return { answer, got: site.requests.length > 0 };
};

/** A call off once somebody is asked: was the answer waited for all the same? */
const calledOffMeanwhile: Attack = async (make) => {
  const control = new AbortController();
  const site = await serve((_, response) => {
    control.abort();
    setImmediate(() => response.end("x"));
  });
  const fetcher = make({ ...PATIENT, origins: [site.origin] });
  const answer = await fetcher.get(site.origin, { signal: control.signal });
  return { answer, got: answer.ok };
};

const list = (origin: string): Attack => {
  return async (make) => {
    try {
      const answer = await make({ ...PATIENT, origins: [origin] }).get("");
      return { answer, got: true };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { answer: { ok: false, code: "bad-url", verdict: "failed", url: "", reason }, got: false };
    }
  };
};

export const hopRows: readonly FetchRow[] = [
  [
    "a redirect is checked as a link is",
    /^Redirected from app\.example\.com: /,
    [
      fetching(
        "const next = checkTarget(resolved, origins);",
        "const next = checkTarget(resolved, new Set([new URL(resolved).origin]));",
      ),
    ],
    ...to("http://127.0.0.1/", "http://2130706433/", "http://[::1]/", "//127.0.0.1/", "http://localhost/"),
    ...to("http://app.example.com:22/", "http://app.example.com./x", "http://metadata.google.internal/"),
  ],
  [
    "a redirect holds nothing that two readers read differently",
    /Location is not a plain address/,
    [REDIRECT_AMBIGUOUS],
    ...to("\\\\other.example.com\\", "/\\other.example.com/", "/\t/other.example.com/", "/x y", "/x\\y"),
    ...to(["/x", "/x"]),
  ],
  [
    ["a redirect has no backslashes for slashes", "a redirect's scheme has its slashes"],
    /Location is not a plain address/,
    [REDIRECT_AMBIGUOUS, REDIRECT_SLASHES],
    ...to("http:\\\\other.example.com\\", "http:\\other.example.com"),
  ],
  [
    "a redirect's scheme has its slashes",
    /Location is not a plain address/,
    [REDIRECT_SLASHES],
    ...to(
      "http:other.example.com",
      "http:/other.example.com",
      "http:///other.example.com",
      "https:other.example.com",
    ),
  ],
  [
    "https is not left for http",
    /leaves https for http/,
    [fetching('from.protocol === "https:" && next.url.protocol === "http:"', "false")],
    redirects("http://app.example.com/x", { from: "https" }),
    redirects("http://other.example.com/", { from: "https" }),
  ],
  [
    "the origin is not left where it may not be",
    /The redirect leaves http:/,
    [fetching('redirects === "same-origin" && next.url.origin !== from.origin', "false")],
    ...["http://other.example.com/", "http://app.example.com:8080/", "https://app.example.com/"].map(
      (location) => redirects(location, { redirects: "same-origin" }),
    ),
  ],
  [
    "credentials stay with the origin they are for",
    /^read$/,
    [fetching("if (next.ok && next.url.origin !== url.origin) headers = ASKING;")],
    ...["authorization", "cookie", "x-api-key", "proxy-authorization"].map((name) =>
      sendsOn({ [name]: "s3cret" }),
    ),
  ],
  [
    "so many redirects",
    /More than 2 redirects/,
    [fetching("hops >= limits.maxRedirects", "false")],
    answers(
      (request, response) => {
        const left = 3 - Number(request.url?.slice(1));
        if (left <= 0) response.end("arrived");
        else response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end();
      },
      { maxRedirects: 2 },
    ),
  ],
  [
    "certificates",
    /could not be trusted/,
    [connect("rejectUnauthorized: true", "rejectUnauthorized: false")],
    shows("wrong.example.com"),
    shows("app.example.com", { notAfter: past(0.5) }),
    byAnotherAuthority,
  ],
  [
    "certificates, whatever the environment says",
    /could not be trusted/,
    [connect("rejectUnauthorized: true,")],
    trustsEverybody,
  ],
  [
    ["certificates, each time anew", "a client and a connector of its own for each request"],
    /could not be trusted/,
    [
      connect("maxCachedSessions: 0", "maxCachedSessions: 100"),
      fetching(
        "connect: guardedConnector({ internal, lookup, connectMs, ca, build }),",
        "connect: (guardedFetcher.kept ??= guardedConnector({ internal, lookup, connectMs, ca, build })),",
      ),
    ],
    resumesASession,
  ],
  [
    "HTTP/1 alone, whose headers are capped",
    /headers are more than 16384 bytes/,
    [connect("allowH2: false", "allowH2: true")],
    floodsByAnotherWay,
  ],
  [
    "no proxy",
    /^read$/,
    [
      fetching("import { buildConnector, Client }", "import { buildConnector, Client, getGlobalDispatcher }"),
      fetching("client.dispatch(\n      {", "getGlobalDispatcher().dispatch(\n      { origin: url.origin,"),
    ],
    asksAProxy,
  ],
  [
    "a call off is heard that came before",
    /called off/,
    [deadline("if (signal?.aborted === true) this.#calledOff();")],
    calledOffBefore,
  ],
  [
    "a call off is heard that comes meanwhile",
    /called off/,
    [deadline('signal?.addEventListener("abort", this.#calledOff);')],
    calledOffMeanwhile,
  ],
  [
    "the list holds exact origins",
    /is not an exact origin/,
    [target("if (!exact) throw", "if (false) throw")],
    ...["127.0.0.1:80", "http://127.0.0.1:80/", "http://a.corp/path", "http://*.corp", "HTTP://a.corp"].map(
      list,
    ),
    ...["http://u@a.corp", "ftp://a.corp", ""].map(list),
  ],
];
