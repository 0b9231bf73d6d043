/**
 * The queue's time is the database's: leases of many processes and hosts lapse by one clock. Statements write `:now`;
 * this puts the clock in. A test hands in its own, so that a day passes in a millisecond.
 */
export interface QueueClock {
  sql(text: string): string;
}

const DATABASE_NOW = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";
const cache = new Map<string, string>();

export const databaseClock: QueueClock = {
  sql(text) {
    let ready = cache.get(text);
    if (ready === undefined) {
      ready = text.replaceAll(":now", DATABASE_NOW);
      cache.set(text, ready);
    }
    return ready;
  },
};

/** A clock that stands still until it is told. Milliseconds since 1970 UTC. */
export function manualClock(start: number): QueueClock & { now: number } {
  return {
    now: start,
    sql(text) {
      return text.replaceAll(":now", String(this.now));
    },
  };
}
