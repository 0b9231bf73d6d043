/** A look that took longer than this is not made again for everybody who asks meanwhile. */
const LONG_MS = 100;
/** Of all the time, looking takes at most one part in so many. */
const SHARE = 10;

/**
 * The same look for all who ask, where it takes long: whoever comes during it, or for a while after it, is answered by
 * it. Of a queue that is looked through at once, everybody gets a look of his own.
 */
export function sparingly<T>(
  look: () => Promise<T>,
  clock: () => number = () => performance.now(),
): () => Promise<T> {
  let latest: { readonly began: number; until: number; readonly answer: Promise<T> } | null = null;
  return () => {
    const now = clock();
    if (latest !== null && now - latest.began > LONG_MS && now < latest.until) return latest.answer;
    const mine = { began: now, until: Number.POSITIVE_INFINITY, answer: look() };
    latest = mine;
    const over = (ended: number): void => {
      const took = ended - mine.began;
      mine.until = took > LONG_MS ? ended + took * SHARE : ended;
    };
    mine.answer.then(
      () => over(clock()),
      () => {
        mine.until = 0;
      },
    );
    return mine.answer;
  };
}
