import { createHash } from "node:crypto";
import type { Verdict } from "../../src/core/proof.ts";
import type { Seen } from "./define.ts";
import { failed, inconclusive } from "./define.ts";
import type { Answer, Fault } from "./fetch/answer.ts";
import { shown } from "./fetch/answer.ts";

const MAX_RETRY_MS = 3_600_000;

/** Retry-After in milliseconds, whether it was said in seconds or as a date; undefined where it says neither. */
function retryAfterMs(headers: ReadonlyMap<string, string>, now: number): number | undefined {
  const said = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(said)) return Math.min(Number(said) * 1000, MAX_RETRY_MS);
  const date = /^[A-Z][a-z]{2}, /.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(date - now, 0), MAX_RETRY_MS);
}

/** What a fetch that came to nothing means for a proof. */
export function verdictOfFault(fault: Fault): Verdict {
  const seen = { code: fault.code, url: fault.url };
  return fault.verdict === "failed" ? failed(fault.reason, seen) : inconclusive(fault.reason, seen);
}

/**
 * What an answer means whose status is not the one wanted. Refused, limited, broken, or hidden behind a private
 * host's 404, we have not seen the thing itself, and that is not the same as it being wrong.
 */
export function verdictOfStatus(answer: Answer, wanted: number, now: number): Verdict {
  const seen: Seen = { status: answer.status, url: shown(answer.url.href) };
  const reason = `${answer.url.host} answered ${answer.status}; ${wanted} is wanted.`;
  const unknown =
    answer.status === 401 ||
    answer.status === 403 ||
    (answer.status === 404 && answer.internal) ||
    answer.status === 408 ||
    answer.status === 429 ||
    answer.status >= 500;
  return unknown ? inconclusive(reason, seen, retryAfterMs(answer.headers, now)) : failed(reason, seen);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
