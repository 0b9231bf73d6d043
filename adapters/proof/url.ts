import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { sha256, verdictOfFault, verdictOfStatus } from "./answers.ts";
import type { BodyRules } from "./body-rules.ts";
import { bodyFault, bodyFields } from "./body-rules.ts";
import { defineVerifier, failed, inconclusive, isVerdict, passed } from "./define.ts";
import type { Answer } from "./fetch/answer.ts";
import { shown } from "./fetch/answer.ts";
import type { Fetcher } from "./fetch/fetch.ts";

export interface UrlSettings {
  readonly fetcher: Fetcher;
  /** Between the two samples, so that one lucky answer is not enough. */
  readonly sampleGapMs?: number;
}

function isExactOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** A path, with its query if it has one, in the one spelling that a URL gives it. */
function isExactPath(text: string): boolean {
  if (!text.startsWith("/") || text.startsWith("//") || !URL.canParse(text, "https://gatehouse.dev"))
    return false;
  const url = new URL(text, "https://gatehouse.dev");
  return url.pathname + url.search === text;
}

export const originField = z
  .string()
  .refine(isExactOrigin, "an exact origin such as https://app.example.com");

interface Rules extends BodyRules {
  readonly origin: string;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
}

/**
 * `url`: a page or endpoint that answers as it should; the link is its URL.
 *
 * Holds when the link's origin is exactly the policy's and stays so through redirects, its path and query are exactly
 * the policy's `path` if there is one, the answer has `status` (200 unless said) and its body shows all of
 * `contains`, `matches` (RE2) and `json` that are given, twice; and when a random path beside it does not do the
 * same, for then the answer says nothing about this one. A policy that wants 400 or above asks no such question,
 * and one that wants a redirect reads the redirect itself.
 */
export function urlVerifier(settings: UrlSettings): Verifier {
  const { fetcher, sampleGapMs = 250 } = settings;
  return defineVerifier({
    kind: "url",
    fields: {
      origin: originField,
      path: z.string().max(2048).refine(isExactPath, "a path such as /health or /search?q=1").optional(),
      status: z.int().min(200).max(599).optional(),
      ...bodyFields,
    },
    matches: (wanted, uri) => linkFault(uri, wanted) === null,
    async verify(wanted, proof, signal) {
      const rules: Rules = wanted;
      const wrong = linkFault(proof.uri, rules);
      if (wrong !== null) return failed(wrong);
      const answering = sample(fetcher, proof.uri, rules, proof.now, signal);
      // Made while the first answer is waited for.
      const probe = probeBeside(new URL(proof.uri), rules);
      const first = await answering;
      if (isVerdict(first)) return first;
      await pause(sampleGapMs, signal);
      // The probe beside it waits for nothing the second sample says: whoever waits for the verdict waits once.
      const [second, soft] = await Promise.all([
        sample(fetcher, proof.uri, rules, proof.now, signal),
        softNotFound(fetcher, probe, rules, signal),
      ]);
      if (isVerdict(second)) return second;
      if (soft !== null) return soft;
      const { pathname } = new URL(proof.uri);
      const digest = sha256(second.body);
      const identity = second.headers.get("etag") ?? `sha256:${digest}`;
      return passed(
        `${rules.origin}${shown(pathname)} answered ${second.status} as the policy wants, twice.`,
        `url:${rules.origin}:${shown(identity, 256)}:${pathname}`,
        {
          status: second.status,
          url: shown(second.url.href),
          sha256: digest,
          tookMs: [first.tookMs, second.tookMs],
        },
      );
    },
  });
}

/** Why a link is not the one the policy means, before anything is asked of anybody. */
function linkFault(uri: string, rules: Rules): string | null {
  if (!URL.canParse(uri)) return "A url proof is linked by its URL.";
  const url = new URL(uri);
  // Only the spelling a URL itself has: "http:host", "/a/../b" or a user name are another link than they seem.
  if (uri !== url.href && uri !== url.origin) return "The link is not written in its plain form.";
  if (url.origin !== rules.origin) return `The policy wants a link below ${rules.origin}.`;
  if (url.username !== "" || url.password !== "") return "A link carries no user name or password.";
  if (uri.includes("#")) return "The link has a fragment, which no server sees.";
  // By the text: an empty query leaves no trace in the parsed URL and is another link all the same.
  if (rules.path !== undefined && uri.slice(url.origin.length) !== rules.path) {
    return `The policy wants ${rules.origin}${rules.path}.`;
  }
  return null;
}

function wantedStatus(rules: Rules): number {
  return rules.status ?? 200;
}

function ask(fetcher: Fetcher, uri: string, rules: Rules, signal: AbortSignal) {
  const wanted = wantedStatus(rules);
  return fetcher.get(uri, { signal, redirects: wanted >= 300 && wanted < 400 ? "manual" : "same-origin" });
}

async function sample(
  fetcher: Fetcher,
  uri: string,
  rules: Rules,
  now: number,
  signal: AbortSignal,
): Promise<Answer | Verdict> {
  const answer = await ask(fetcher, uri, rules, signal);
  if (!answer.ok) return verdictOfFault(answer);
  if (answer.url.origin !== rules.origin) return failed(`The answer came from ${answer.url.origin}.`);
  if (answer.status !== wantedStatus(rules)) return verdictOfStatus(answer, wantedStatus(rules), now);
  const wrong = bodyFault(answer.body, rules);
  return wrong === null ? answer : failed(wrong, { status: answer.status, sha256: sha256(answer.body) });
}

/** A path beside the proved one that nobody can have made; null where the policy asks no such question. */
function probeBeside(url: URL, rules: Rules): URL | null {
  if (wantedStatus(rules) >= 400) return null;
  const sibling = new URL(url);
  // With a letter first: of one in a hundred thousand all would be digits, and many a site has a page for any number.
  sibling.pathname = url.pathname.replace(/[^/]*\/?$/, `x${randomBytes(12).toString("hex")}`);
  return sibling;
}

/** Asks that path. If it does as well, the proof proves nothing. */
async function softNotFound(
  fetcher: Fetcher,
  probe: URL | null,
  rules: Rules,
  signal: AbortSignal,
): Promise<Verdict | null> {
  if (probe === null) return null;
  const answer = await ask(fetcher, probe.href, rules, signal);
  if (!answer.ok) return answer.verdict === "failed" ? null : verdictOfFault(answer);
  if (answer.status !== wantedStatus(rules)) {
    const known = answer.status < 500 && answer.status !== 429;
    return known ? null : inconclusive(`A random path beside it answered ${answer.status}.`, {}, 1_000);
  }
  if (bodyFault(answer.body, rules) !== null) return null;
  return failed("A random path beside it answers the same, so the answer says nothing about this one.", {
    probe: probe.pathname,
  });
}

/** Waits, or returns at once when called off; the next request then says so. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
