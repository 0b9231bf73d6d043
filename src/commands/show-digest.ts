import { type DigestFacts, readWindow, type Window } from "../core/digest.ts";
import { done, invalid, type Outcome, refused } from "../core/refusal.ts";
import type { House } from "./house.ts";

/** How many of each kind of need a digest names. */
const SHOWN = 5;

/** The figures of any window, with the window before it, and who is needed now. */
export async function digestOf(
  house: House,
  window: Window,
  lanes: readonly string[] | null,
): Promise<DigestFacts> {
  const { from, to } = window;
  const [now, counts, before, needs] = await Promise.all([
    house.queue.now(),
    house.digests.count(window, lanes),
    house.digests.count({ from: from - (to - from), to: from }, lanes),
    house.floor.needs({ lanes, limit: SHOWN }),
  ]);
  return { now, window, counts, before, needs };
}

/** The digest of a window as somebody wrote it: `1h`, `24h`, `7d`, or two moments with a slash between them. */
export async function showDigest(
  house: House,
  {
    window: text,
    lanes,
    zone,
  }: { readonly window: string; readonly lanes: readonly string[] | null; readonly zone: string },
): Promise<Outcome<DigestFacts>> {
  const window = readWindow(text, await house.queue.now(), zone);
  if (window === null) {
    return refused(
      invalid("window", {
        expected: "30m, 24h or 7d up to now, or 2026-03-30T09:00/2026-03-30T17:00; a year at the most",
        got: text,
        hint: "Say how far back to look, or from when to when.",
      }),
    );
  }
  return done(await digestOf(house, window, lanes));
}
