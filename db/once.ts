import { DoubtfulWrite } from "./connection.ts";

/** How often a write is sent, and for how long in milliseconds, before its fate is left in doubt. */
const TRIES = 4;
const GIVE_UP_MS = 8000;

/**
 * Makes a write whose answer may be lost, exactly once. Both steps answer null where nothing stands.
 *
 * `write` must carry tokens by which it changes nothing, or fails, once it has been carried out; `look` finds what
 * stands under them. A request without an answer may still be under way and be carried out after it was looked for, so
 * once there was a doubt only `look` tells. Rejects with DoubtfulWrite where it was sent several times and neither
 * answered nor found.
 */
export async function writeOnce<T>(
  write: () => Promise<T | null>,
  look: () => Promise<T | null>,
): Promise<T | null> {
  const began = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      const written = await write();
      return tries === 1 ? written : await look();
    } catch (error) {
      const doubtful = error instanceof DoubtfulWrite;
      const found = doubtful || tries > 1 ? await look() : null;
      if (found !== null) return found;
      if (!doubtful || tries >= TRIES || performance.now() - began > GIVE_UP_MS) throw error;
      await new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** tries));
    }
  }
}
