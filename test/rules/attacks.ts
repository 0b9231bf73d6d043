// Attacks on the guarded fetcher, each of which says whether it got what the fetcher keeps from it.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Answer, Fault } from "../../adapters/proof/fetch/answer.ts";
import type { FetcherSettings, FetchOptions, guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import type { Authority } from "../proof/support/authority.ts";
import { makeAuthority } from "../proof/support/authority.ts";
import { canary, internet, type Peer, serve } from "../proof/support/peers.ts";
import { type Name, named } from "./rule.ts";
import type { Place } from "./without.ts";

/** As the product makes it, or a product without one of its checks. */
export type MakeFetcher = typeof guardedFetcher;

/** What the fetcher said, and whether the attack got what it must not: a socket, a request, a secret, more than a cap. */
export interface Outcome {
  readonly answer: Answer | Fault;
  readonly got: boolean;
}

export type Attack = (make: MakeFetcher) => Promise<Outcome>;

/** An address anybody could mean, and another. */
export const PUBLIC = "93.184.216.34";
export const OTHER = "93.184.216.35";

const family = (address: string) => (address.includes(":") ? 6 : 4);
/** Whatever address is dialled leads there. */
const everywhere = (port: number, but: Readonly<Record<string, number>> = {}) =>
  new Proxy<Record<string, number>>({}, { get: (_, address) => but[String(address)] ?? port });

/** Time enough on the busiest machine, where an attack is not about time. */
export const PATIENT = { totalMs: 120_000, connectMs: 60_000 } as const;

let made: Promise<Authority> | null = null;
export const authority = (): Promise<Authority> => {
  made ??= makeAuthority();
  return made;
};

interface Visit extends FetcherSettings {
  /** What every name leads to. */
  readonly at?: readonly string[];
  /** The only address with a way to it; without it each has one. */
  readonly way?: string;
}

/** A link that is followed wherever it goes: every name leads to `at`, and every address to the canary. */
export function visits(link: string, { at = [PUBLIC], way, ...settings }: Visit = {}): Attack {
  return async (make) => {
    const bird = await canary();
    const net = internet(way === undefined ? everywhere(bird.port) : { [way]: bird.port });
    const lookup = () => Promise.resolve(at.map((address) => ({ address, family: family(address) })));
    const fetcher = make({ ...PATIENT, lookup, connector: net.build, ...settings });
    const answer = await fetcher.get(link, { redirects: "any" });
    if (net.dialled.length > 0) await bird.touched;
    return { answer, got: bird.connections > 0 };
  };
}

/** A public name that leads to one of these addresses. */
export const leadsTo = (...at: string[]): Attack => visits("http://app.example.com/", { at });
/** A name that the operator listed and that leads there meanwhile. */
export const listedLeadsTo = (...at: string[]): Attack =>
  visits("http://build.corp/", { at, origins: ["http://build.corp"] });

interface Redirected extends FetchOptions {
  readonly from?: "http" | "https";
}

/** A public page that redirects; every other name and address is the canary's. */
export function redirects(
  location: string | string[],
  { from = "http", ...options }: Redirected = {},
): Attack {
  return async (make) => {
    const { app, bird, fetcher } = await pageThatSends(make, location, from);
    const answer = await fetcher.get(`${from}://app.example.com/`, { redirects: "any", ...options });
    return { answer, got: bird.connections > 0 || app.connections > 1 };
  };
}

/** A secret meant for the first page alone, which sends whoever asks elsewhere: was it told there? */
export function sendsOn(secret: Readonly<Record<string, string>>): Attack {
  return async (make) => {
    const { app, bird, fetcher } = await pageThatSends(make, "http://other.example.com/x", "http");
    const answer = await fetcher.get("http://app.example.com/", { redirects: "any", headers: secret });
    const told = (peer: Peer) => Object.keys(secret).some((name) => peer.headers[0]?.[name] === secret[name]);
    if (!told(app)) throw new Error("the first page was told no secret");
    return { answer, got: told(bird) };
  };
}

async function pageThatSends(make: MakeFetcher, location: string | string[], from: "http" | "https") {
  const known = await authority();
  const sends: RequestListener = (request, response) => {
    if (request.url === "/") response.setHeader("location", location).writeHead(302).end();
    else response.end("arrived");
  };
  const app = await serve(sends, from === "https" ? await known.issue("app.example.com") : undefined);
  const bird = await canary();
  const net = internet(everywhere(bird.port, { [PUBLIC]: app.port }));
  const lookup = (name: string) =>
    Promise.resolve([{ address: name === "app.example.com" ? PUBLIC : OTHER, family: 4 }]);
  return { app, bird, fetcher: make({ ...PATIENT, lookup, connector: net.build, ca: known.ca }) };
}

/** A public HTTPS page that shows this certificate: was anything asked of it? */
export function shows(hostname: string, { notAfter, ca }: { notAfter?: Date; ca?: string } = {}): Attack {
  return async (make) => {
    const known = await authority();
    const app = await serve((_, response) => response.end("x"), await known.issue(hostname, notAfter));
    const lookup = () => Promise.resolve([{ address: PUBLIC, family: 4 }]);
    const connector = internet({ [PUBLIC]: app.port }).build;
    const answer = await make({ ...PATIENT, lookup, connector, ca: ca ?? known.ca }).get(
      "https://app.example.com/",
    );
    return { answer, got: app.requests.length > 0 };
  };
}

/** A listed site that answers as it likes: was what it answered taken? */
export function answers(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
  settings: FetcherSettings = {},
): Attack {
  return async (make) => {
    const site = await serve(handler);
    const answer = await make({ ...PATIENT, origins: [site.origin], ...settings }).get(site.origin);
    return { answer, got: answer.ok };
  };
}

export type FetchRow = readonly [name: Name, says: RegExp, places: readonly Place[], ...bad: Attack[]];

/** A rule of the fetcher. `says` is what is said of the attack where the rule stands: "read" where something was. */
export interface FetchRule {
  readonly kind: "fetcher";
  readonly name: string;
  readonly also?: string;
  readonly says: RegExp;
  readonly places: readonly Place[];
  readonly bad: readonly Attack[];
}

export function fetchRulesOf(rows: readonly FetchRow[]): readonly FetchRule[] {
  return rows.map(([called, says, places, ...bad]) => ({
    kind: "fetcher",
    ...named(called),
    says,
    places,
    bad,
  }));
}
