import type { Clock } from "../../../src/ports/clock.ts";

/** How often something may be done: once each `everyMs`, after up to `burst` at once. */
export interface Rate {
  readonly everyMs: number;
  readonly burst: number;
}

interface Lane {
  /** When the last of those that have a place would be done, were there no bursts; of the places given, of the calls made. */
  given: number;
  made: number;
  pausedUntil: number;
  /** Who waits, and when their turn is. */
  readonly turns: Map<string, number>;
}

/**
 * A turn nobody has come for is given up after so long, in milliseconds. Long, since who needs turns in two lanes comes for
 * the one when he has got the other.
 */
const FORGOTTEN_MS = 15 * 60_000;
/** Lanes of channels that have long been quiet are not kept. */
const LANES_MAX = 10_000;

/**
 * Turns at what Slack limits, a lane for each channel and method. Nobody waits here: who comes too early is told in how
 * many milliseconds his own turn is, and it is kept for him, so that a thousand who wait come back one by one. The
 * generic cell rate algorithm, once for the turns given away and once for the calls really made, since some come late.
 */
export class Pace {
  readonly #clock: Pick<Clock, "now">;
  readonly #lanes = new Map<string, Lane>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** 0: go on now, it is counted. Else in how many milliseconds it is this one's turn. */
  wait(name: string, { everyMs, burst }: Rate, who: string): number {
    const now = this.#clock.now();
    const lane = this.#lane(name);
    const slackMs = (burst - 1) * everyMs;
    const free = Math.max(now, lane.pausedUntil);
    let turn = lane.turns.get(who);
    if (turn === undefined || (turn < lane.pausedUntil && now < lane.pausedUntil)) {
      turn = Math.max(free, lane.given - slackMs);
      lane.given = Math.max(turn, lane.given) + everyMs;
    }
    turn = Math.max(turn, lane.made - slackMs);
    if (turn > now) {
      lane.turns.set(who, turn);
      return Math.ceil(turn - now);
    }
    lane.turns.delete(who);
    lane.made = Math.max(now, lane.made) + everyMs;
    return 0;
  }

  /** In how many milliseconds the pause of a lane is over; 0 where there is none. */
  paused(name: string): number {
    return Math.max(0, (this.#lanes.get(name)?.pausedUntil ?? 0) - this.#clock.now());
  }

  /** Slack said to wait: nobody's turn comes before that, and then one by one. */
  pause(name: string, { everyMs, burst }: Rate, ms: number): void {
    const lane = this.#lane(name);
    const until = this.#clock.now() + ms;
    lane.pausedUntil = Math.max(lane.pausedUntil, until);
    const empty = until + (burst - 1) * everyMs;
    lane.made = Math.max(lane.made, empty);
    lane.given = Math.max(lane.given, empty);
  }

  #lane(name: string): Lane {
    const now = this.#clock.now();
    const known = this.#lanes.get(name);
    if (known !== undefined) {
      for (const [who, turn] of known.turns) {
        // They are in the order they were given: the first that is not forgotten ends it.
        if (turn > now - FORGOTTEN_MS) break;
        known.turns.delete(who);
      }
      return known;
    }
    if (this.#lanes.size >= LANES_MAX) this.#forget(now);
    const lane: Lane = { given: now, made: now, pausedUntil: 0, turns: new Map() };
    this.#lanes.set(name, lane);
    return lane;
  }

  #forget(now: number): void {
    for (const [name, { given, pausedUntil, turns }] of this.#lanes) {
      if (given <= now && pausedUntil <= now && turns.size === 0) this.#lanes.delete(name);
    }
  }
}
