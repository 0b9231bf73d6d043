import { Octokit } from "@octokit/core";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import type { z } from "zod";
import type { Verdict } from "../../../src/core/proof.ts";
import { failed, inconclusive, isVerdict } from "../define.ts";
import { shown } from "../fetch/answer.ts";

export interface GitHubSettings {
  /** GITHUB_API_URL; https://api.github.com without it. */
  readonly githubUrl?: string;
  /** GITHUB_TOKEN. Without it only public repositories are seen, and few requests an hour. */
  readonly githubToken?: string;
  /** Which GitHub account is whose: an agent's name to its login. Whom it knows must have made the proof himself. */
  readonly githubAccounts?: ReadonlyMap<string, string>;
  readonly githubTimeoutMs?: number;
  /** Before the one retry after a 5xx. */
  readonly githubRetryMs?: number;
}

export type Params = Readonly<Record<string, string | number>>;

/** What 404 means where it is asked: `unseen` for what may only be hidden from us, a sentence for what is not there. */
export type Missing = "unseen" | { readonly sentence: string };

/** GitHub's REST interface, read only. Every call answers its value in the given shape, or the verdict why not. */
export interface GitHub {
  /** The host as evidence names it. */
  readonly provider: string;
  /** Where its pages are, so that links to them can be told from others. */
  readonly web: readonly string[];
  get<S extends z.ZodType>(route: string, params: Params, shape: S, ask: Ask): Promise<z.infer<S> | Verdict>;
}

export interface Ask {
  readonly signal: AbortSignal;
  readonly missing: Missing;
}

const DEFAULT_URL = "https://api.github.com";
const API_VERSION = "2022-11-28";
const MAX_RETRY_MS = 3_600_000;
/** A rate limit is told to whoever asked, who comes back later; waiting here would hold up every other proof. */
const DO_NOT_RETRY = [400, 401, 403, 404, 410, 422, 429, 451];
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

const Client = Octokit.plugin(retry, throttling);

export function connectGitHub(settings: GitHubSettings): GitHub {
  const baseUrl = (settings.githubUrl ?? DEFAULT_URL).replace(/\/+$/, "");
  const octokit = new Client({
    baseUrl,
    ...(settings.githubToken === undefined ? {} : { auth: settings.githubToken }),
    userAgent: "gatehouse-proof",
    log: SILENT,
    // A moved repository is not the one the policy names.
    request: { redirect: "manual" },
    retry: { retries: 1, retryAfterBaseValue: settings.githubRetryMs ?? 500, doNotRetry: DO_NOT_RETRY },
    throttle: { id: baseUrl, onRateLimit: () => false, onSecondaryRateLimit: () => false },
  });
  const timeoutMs = settings.githubTimeoutMs ?? 15_000;
  const host = new URL(baseUrl).host;
  return {
    provider: host === "api.github.com" ? "github.com" : host,
    web: webOrigins(baseUrl),
    async get(route, params, shape, ask) {
      const signal = AbortSignal.any([ask.signal, AbortSignal.timeout(timeoutMs)]);
      try {
        const headers = { "x-github-api-version": API_VERSION };
        const answer: { status: number; data: unknown } = await octokit.request(`GET ${route}`, {
          ...params,
          headers,
          request: { signal },
        });
        if (answer.status !== 200) return unknownAnswer(route, answer.status);
        const parsed = shape.safeParse(answer.data);
        return parsed.success
          ? parsed.data
          : inconclusive(`GitHub's answer to ${route} is not what it should be.`);
      } catch (error) {
        return explain(error, route, ask);
      }
    },
  };
}

function unknownAnswer(route: string, status: number): Verdict {
  const moved = status >= 300 && status < 400;
  return inconclusive(
    moved
      ? "The repository has moved; the policy names its old place."
      : `GitHub answered ${status} to ${route}.`,
    { status },
  );
}

/** Pages of a GitHub whose interface is elsewhere: of the public one, of an Enterprise Server, of a stand-in. */
function webOrigins(baseUrl: string): readonly string[] {
  if (baseUrl === DEFAULT_URL) return ["https://github.com"];
  const { origin, protocol, hostname, port } = new URL(baseUrl);
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  const names = loopback.includes(hostname) ? loopback : [hostname, hostname.replace(/^api\./, "")];
  const ports = port === "" ? "" : `:${port}`;
  return [...new Set([origin, "https://github.com", ...names.map((name) => `${protocol}//${name}${ports}`)])];
}

interface Refused {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

function refusedBy(error: unknown): Refused | null {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return null;
  const response =
    "response" in error ? (error.response as { headers?: Refused["headers"] } | undefined) : undefined;
  return { status: error.status, headers: response?.headers ?? {} };
}

/** When to come back: Retry-After, or when the hour's allowance is counted anew. */
function comeBackMs(headers: Refused["headers"]): number | undefined {
  const after = Number(headers["retry-after"]);
  if (headers["retry-after"] !== undefined && Number.isFinite(after))
    return Math.min(after * 1000, MAX_RETRY_MS);
  if (String(headers["x-ratelimit-remaining"]) !== "0") return undefined;
  const reset = Number(headers["x-ratelimit-reset"]) * 1000;
  const said = Date.parse(String(headers["date"]));
  if (!Number.isFinite(reset) || !Number.isFinite(said)) return undefined;
  return Math.min(Math.max(reset - said, 0), MAX_RETRY_MS);
}

function explain(error: unknown, route: string, ask: Ask): Verdict {
  if (ask.signal.aborted) return inconclusive("The check was called off.");
  const refused = refusedBy(error);
  const why = error instanceof Error ? shown(error.message, 160) : "unknown";
  if (refused === null) return inconclusive(`GitHub cannot be reached: ${why}`);
  const { status, headers } = refused;
  if (status === 404 && ask.missing !== "unseen") return failed(ask.missing.sentence, { status });
  if (status === 404) return inconclusive("GitHub shows nothing there, or not to this token.", { status });
  return inconclusive(`GitHub answered ${status} to ${route}: ${why}`, { status }, comeBackMs(headers));
}

const PER_PAGE = 100;
const MAX_PAGES = 50;

/** Every page of a list, or a verdict: a list read in part proves nothing about what is not in it. */
export async function allPages<S extends z.ZodType, T>(
  github: GitHub,
  route: string,
  params: Params,
  shape: S,
  itemsOf: (page: z.infer<S>) => { readonly items: readonly T[]; readonly total: number },
  ask: Ask,
): Promise<readonly T[] | Verdict> {
  const all: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const answer = await github.get(route, { ...params, per_page: PER_PAGE, page }, shape, ask);
    if (typeof answer === "object" && answer !== null && isVerdict(answer)) return answer;
    const { items, total } = itemsOf(answer);
    all.push(...items);
    if (all.length >= total) return all;
    if (items.length === 0) return inconclusive(`GitHub lists ${total} and shows ${all.length}.`);
  }
  return inconclusive(`GitHub lists more than ${PER_PAGE * MAX_PAGES}; they cannot all be read.`);
}
