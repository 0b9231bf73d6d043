import type { Clock } from "../ports/clock.ts";
import { ELSEWHERE, type Inbox, type InboxEntry } from "../ports/inbox.ts";
import { Trouble } from "../ports/trouble.ts";
import type { RunResult } from "./loop.ts";
import type { WorkPool } from "./work-pool.ts";

/**
 * How many arrivals are handled side by side. Enough for a platform that takes a fifth of a second for each answer, and
 * few enough that what arrives is not kept waiting behind what they read.
 */
const AT_ONCE = 24;
/** So long an arrival waits after the process that took it was killed. */
const LEASE_MS = 10_000;
const RENEW_MS = 3_000;
const RETRY_MAX_MS = 60_000;
/** With the longest rest about an hour: after that nobody waits for the answer any more. */
const TRIES_MAX = 60;
const PRUNE_EVERY_MS = 3_600_000;

export interface InboxOptions {
  readonly inbox: Inbox;
  /** Whose arrivals are handled here. */
  readonly platforms: readonly string[];
  /** Handles one. Rejects where it is to be tried again: with a Trouble, not before its `retryAfterMs`. */
  readonly handle: (entry: InboxEntry) => Promise<void>;
  /** Called after each, so that a loop fills the free place. */
  readonly settled: () => void;
  /** Told of what broke, which is no Trouble. */
  readonly broke: (entry: InboxEntry, error: unknown) => void;
  readonly clock: Clock;
}

/**
 * Handles what chat platforms handed over, side by side, of each thread one after another. A process killed in between
 * loses nothing: the lease runs out, and what had been done by then is told from the events it left.
 */
export function inboxPool(options: InboxOptions): WorkPool {
  const { inbox, platforms, clock } = options;
  const underWay = new Map<number, Promise<void>>();
  /** What another process alone can finish, and until when it is left to that one. */
  const leftToOthers = new Map<number, number>();
  let renewedAt = clock.now();
  let prunedAt = 0;

  const handle = async (entry: InboxEntry): Promise<void> => {
    try {
      await options.handle(entry);
    } catch (error) {
      if (!(error instanceof Trouble)) options.broke(entry, error);
      const elsewhere = error instanceof Trouble && error.code === ELSEWHERE;
      if (elsewhere) leftToOthers.set(entry.id, clock.now() + (error.retryAfterMs ?? 0));
      await inbox.unhandled(entry.id, wordsOf(error), elsewhere ? 0 : retryMs(entry, error));
      return;
    }
    await inbox.handled(entry.id);
  };

  const start = (entry: InboxEntry): void => {
    const work = handle(entry)
      // The store itself is away: the lease lapses and the entry is taken up again.
      .catch(() => undefined)
      .finally(() => {
        underWay.delete(entry.id);
        options.settled();
      });
    underWay.set(entry.id, work);
  };

  const housekeep = async (): Promise<void> => {
    if (underWay.size > 0 && clock.now() - renewedAt > RENEW_MS) {
      renewedAt = clock.now();
      await inbox.renew([...underWay.keys()], LEASE_MS);
    }
    if (clock.now() - prunedAt > PRUNE_EVERY_MS) {
      prunedAt = clock.now();
      await inbox.prune();
    }
  };

  return {
    async run(): Promise<RunResult> {
      if (platforms.length === 0) return { nextDueMs: null };
      await housekeep();
      const room = AT_ONCE - underWay.size;
      // A place that becomes free rings: until then nothing can be taken.
      if (room <= 0) return { nextDueMs: null };
      const dueMs = await inbox.dueInMs(platforms);
      if (dueMs === null || dueMs > 0) return { nextDueMs: dueMs };
      for (const [id, until] of leftToOthers) if (clock.now() >= until) leftToOthers.delete(id);
      const taken = await inbox.take(platforms, room, LEASE_MS, [...leftToOthers.keys()]);
      for (const entry of taken) start(entry);
      return { nextDueMs: taken.length === 0 ? null : await inbox.dueInMs(platforms) };
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** 1 s, 2 s, 4 s … a minute; null once it was tried often enough. */
function retryMs({ tries }: InboxEntry, error: unknown): number | null {
  if (tries >= TRIES_MAX || (error instanceof Trouble && error.code === "rejected")) return null;
  const asked = error instanceof Trouble ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.min(1000 * 2 ** Math.min(tries - 1, 20), RETRY_MAX_MS));
}
