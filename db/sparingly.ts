/** A look that took longer than this is not made again for everybody who asks meanwhile. */
const LONG_MS = 100;
/** Of all the time, looking takes at most one part in so many. */
const SHARE = 10;

interface Look<T> {
  readonly began: number;
  /** How long it took; null while it is under way. */
  took: number | null;
  /** Until when its answer is nobody's but those who come during it or soon after. */
  until: number;
  readonly answer: Promise<T>;
}

/**
 * The same look for all who ask, where it takes long: whoever comes during it, or for a while after it, is answered by
 * it. While it is made anew, those who come are answered by the one before, if that is not too old by then, and wait for
 * nothing. Of a queue that is looked through at once, everybody gets a look of his own.
 */
export function sparingly<T>(
  look: () => Promise<T>,
  clock: () => number = () => performance.now(),
): () => Promise<T> {
  let latest: Look<T> | null = null;
  let before: Look<T> | null = null;
  const stillGood = (now: number): Promise<T> | null =>
    before?.took != null && before.took > LONG_MS && now < before.until + before.took * SHARE
      ? before.answer
      : null;
  return () => {
    const now = clock();
    if (latest !== null && latest.took === null) {
      const old = stillGood(now);
      if (old !== null) return old;
    }
    if (latest !== null && now - latest.began > LONG_MS && now < latest.until) return latest.answer;
    const mine: Look<T> = { began: now, took: null, until: Number.POSITIVE_INFINITY, answer: look() };
    if (latest?.took != null) before = latest;
    latest = mine;
    mine.answer.then(
      () => {
        const ended = clock();
        mine.took = ended - mine.began;
        mine.until = mine.took > LONG_MS ? ended + mine.took * SHARE : ended;
      },
      () => {
        mine.took = 0;
        mine.until = 0;
      },
    );
    return stillGood(now) ?? mine.answer;
  };
}
