import { ProblemAnswer, problem } from "./problem.ts";

/** A bucket a caller: `burst` requests at once, `perSecond` in the long run. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export const GENEROUS: RateLimit = { perSecond: 200, burst: 400 };

const CALLERS_MAX = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Throws the 429 for a caller whose bucket is empty. `now` is a monotonic clock in milliseconds. */
export function rateLimiter({ perSecond, burst }: RateLimit, now: () => number): (caller: string) => void {
  const buckets = new Map<string, Bucket>();
  return (caller) => {
    const at = now();
    const bucket = buckets.get(caller) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    // The one asked least recently goes first: a full bucket forgotten is a full bucket.
    buckets.delete(caller);
    buckets.set(caller, bucket);
    if (buckets.size > CALLERS_MAX) buckets.delete(buckets.keys().next().value ?? caller);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return;
    }
    const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    throw new ProblemAnswer(
      problem(429, "rate", {
        expected: `at most ${perSecond} requests a second, ${burst} at once`,
        hint: `Slow down: try again in ${seconds} s.`,
      }),
      { "retry-after": String(seconds) },
    );
  };
}
