import type { Clock } from "../ports/clock.ts";
import type { RunResult } from "./loop.ts";
import { Turns } from "./turns.ts";

/** How many proofs are looked at side by side, and how many of them on one host. */
const AT_ONCE = 64;
const AT_ONCE_A_HOST = 4;
/** How far a run looks for proofs of hosts that have room. */
const LOOK_AT = 1000;
/** While what was seen still waits for room, the shelf is read anew so often, in milliseconds: a long list costs time. */
const LOOK_EVERY_MS = 100;
/** The lease on the work, renewed while it is under way: so long a proof waits after its process was killed. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

/**
 * A crowd begins in small groups, some 160 a second, and what was found is written in groups: together it costs less than
 * one by one, and between two groups heartbeats have the event loop to themselves. A group is what holds one up, and what
 * begins together answers together, so those that begin are few.
 */
const BEGIN = { everyMs: 12, atOnce: 2, most: 2 };
const SETTLE = { everyMs: 12, atOnce: 1, most: 16 };
/** So many under way hold up nobody, and need not wait to begin. */
const UNPACED = 12;

/** The places where proofs are looked at: several pools share them, so that a host bears no more than one would ask of it. */
export class Places {
  readonly #onHost = new Map<string, number>();
  #taken = 0;
  readonly #begin = new Turns(BEGIN);
  readonly #settle = new Turns(SETTLE);

  /** How many of `most` are free for a pool that holds `held` of them. */
  room(held: number, most: number): number {
    return Math.min(AT_ONCE - this.#taken, most - held);
  }

  onHost(host: string): number {
    return this.#onHost.get(host) ?? 0;
  }

  /** Resolves when one more may begin. */
  begin(): Promise<void> {
    return this.#taken <= UNPACED ? Promise.resolve() : this.#begin.next();
  }

  /** Resolves when what was found may be written. */
  settle(): Promise<void> {
    return this.#settle.next();
  }

  move(host: string, by: 1 | -1): void {
    const now = this.onHost(host) + by;
    if (now === 0) this.#onHost.delete(host);
    else this.#onHost.set(host, now);
    this.#taken += by;
  }
}

/** Where work waits, and how it is leased: rows of a table. */
export interface Shelf<Work> {
  due(limit: number): Promise<readonly { readonly id: number; readonly uri: string }[]>;
  take(ids: readonly number[], leaseMs: number): Promise<readonly Work[]>;
  renew(ids: readonly number[], leaseMs: number): Promise<void>;
  nextDue(): Promise<number | null>;
}

export interface PoolOptions<Work> {
  readonly shelf: Shelf<Work>;
  /** What a piece of work is called on the shelf, and where its link leads. */
  readonly about: (work: Work) => { readonly id: number; readonly uri: string };
  /** Does one piece. Where it rejects, the lease lapses and the work is taken up again. */
  readonly work: (work: Work) => Promise<void>;
  /** Called after each piece, so that a loop fills the free place. */
  readonly settled: () => void;
  readonly places: Places;
  /** How many of the places this pool may take. */
  readonly most?: number;
  readonly clock: Clock;
  /** The database's clock, which the shelf's times are of. */
  readonly now: () => Promise<number>;
}

export interface WorkPool {
  /** Starts what is due and there is room for; resolves as soon as it is started. */
  run(): Promise<RunResult>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

/**
 * Does leased work side by side: a slow host or a long command holds up its own proofs and no others. A process killed
 * in between loses nothing: the lease on the work lapses and it is taken up again.
 */
export function workPool<Work>(options: PoolOptions<Work>): WorkPool {
  const { shelf, about, places, clock, most = AT_ONCE } = options;
  const underWay = new Map<number, Promise<void>>();
  let renewedAt = clock.now();
  /** What the last look at the shelf saw and found no room for yet. */
  let waiting: readonly { readonly id: number; readonly host: string }[] = [];
  let lookedAt = 0;

  const start = (work: Work): void => {
    const { id, uri } = about(work);
    const host = hostOf(uri);
    places.move(host, 1);
    const task: Promise<void> = places
      .begin()
      .then(() => options.work(work))
      .catch(() => undefined)
      .finally(() => {
        places.move(host, -1);
        underWay.delete(id);
        options.settled();
      });
    underWay.set(id, task);
  };

  /** The longest due of hosts that have room. */
  const choose = async (): Promise<readonly number[]> => {
    const room = places.room(underWay.size, most);
    if (room <= 0) return [];
    if (waiting.length === 0 || clock.now() - lookedAt > LOOK_EVERY_MS) {
      const known = new Map(waiting.map(({ id, host }) => [id, host]));
      waiting = (await shelf.due(LOOK_AT)).map(({ id, uri }) => ({ id, host: known.get(id) ?? hostOf(uri) }));
      lookedAt = clock.now();
      // A long list took its time: whoever waits for the loop comes before the next write.
      if (waiting.length > AT_ONCE) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const planned = new Map<string, number>();
    const chosen: number[] = [];
    waiting = waiting.filter(({ id, host }) => {
      const there = planned.get(host) ?? places.onHost(host);
      if (chosen.length === room || there >= AT_ONCE_A_HOST) return true;
      planned.set(host, there + 1);
      chosen.push(id);
      return false;
    });
    return chosen;
  };

  return {
    async run() {
      if (clock.now() - renewedAt > RENEW_MS && underWay.size > 0) {
        renewedAt = clock.now();
        await shelf.renew([...underWay.keys()], LEASE_MS);
      }
      const chosen = await choose();
      const taken = chosen.length === 0 ? [] : await shelf.take(chosen, LEASE_MS);
      for (const work of taken) start(work);
      // What is due but found no room is started when a place is free; what came meanwhile, at the next look.
      if (waiting.length > 0 && underWay.size > 0) return { nextDueMs: LOOK_EVERY_MS };
      const next = underWay.size > 0 ? null : await shelf.nextDue();
      return { nextDueMs: next === null ? null : Math.max(0, next - (await options.now())) };
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/** What a link leads to, for the bound a host: files and commands are this machine's. */
function hostOf(uri: string): string {
  try {
    return new URL(uri).host || "local";
  } catch {
    return "local";
  }
}
