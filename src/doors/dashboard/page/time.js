// All times of the queue are the database's; the page keeps the difference to its own clock.
let aheadMs = 0;

/** @param {number} databaseNow Milliseconds since 1970 UTC. */
export function setDatabaseTime(databaseNow) {
  aheadMs = databaseNow - Date.now();
}

export function databaseTime() {
  return Date.now() + aheadMs;
}

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** @param {number} at */
export function hourOf(at) {
  return hour.format(at);
}

/** @param {number} at */
export function dayOf(at) {
  return day.format(at);
}

/** @param {number} at */
export function wholeTime(at) {
  return whole.format(at);
}

/**
 * A length of time as people say it: `40 s`, `11 min`, `2 h 5 min`, `3 d`.
 *
 * @param {number} ms
 */
export function lengthOf(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
