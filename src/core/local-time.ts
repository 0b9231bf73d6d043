/** A wall clock in a zone: what people there read. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallTime(at: number, zone: string): WallTime {
  let format = formats.get(zone);
  if (format === undefined) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric" } as const;
    format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
      ...fields,
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
      timeZone: zone,
    });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

/** When the hour began in which people of that zone are now, in milliseconds since 1970 UTC. */
export function hourStart(at: number, zone: string): number {
  const { minute, second } = wallTime(at, zone);
  return Math.floor(at / 1000) * 1000 - (minute * 60 + second) * 1000;
}

/** `09:05` */
export function clockText(at: number, zone: string): string {
  const { hour, minute } = wallTime(at, zone);
  return `${two(hour)}:${two(minute)}`;
}

/** `30 Mar 09:05` where it is not the day of `now`, else `09:05`. */
export function momentText(at: number, now: number, zone: string): string {
  const then = wallTime(at, zone);
  const today = wallTime(now, zone);
  const sameDay = then.year === today.year && then.month === today.month && then.day === today.day;
  return sameDay ? clockText(at, zone) : `${then.day} ${MONTHS[then.month - 1]} ${clockText(at, zone)}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Every day from `from` to `until`, both `HH:MM`; over midnight where `until` is the earlier one. */
export interface QuietHours {
  readonly from: string;
  readonly until: string;
}

/** `22:00-07:00`; null where it is none, or where it would never end. */
export function readQuietHours(text: string): QuietHours | null {
  const match = /^((?:[01]\d|2[0-3]):[0-5]\d)\s*-\s*((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text.trim());
  const [, from = "", until = ""] = match ?? [];
  return match === null || from === until ? null : { from, until };
}

const DAY_MS = 86_400_000;

/** The quiet spell that goes on now, else the next one. Where the clocks change it ends when the wall clock says so. */
export function quietSpell(
  { from, until }: QuietHours,
  now: number,
  zone: string,
): { readonly from: number; readonly until: number } {
  const overnight = until < from ? 1 : 0;
  for (const day of [-1, 0, 1]) {
    const spell = { from: atWall(now, day, from, zone), until: atWall(now, day + overnight, until, zone) };
    if (spell.until > now) return spell;
  }
  return { from: atWall(now, 2, from, zone), until: atWall(now, 2 + overnight, until, zone) };
}

/** When the wall clock of the zone says `HH:MM`, so many days after today's. */
function atWall(now: number, days: number, text: string, zone: string): number {
  const { year, month, day } = wallTime(now, zone);
  const [hour = 0, minute = 0] = text.split(":").map(Number);
  return fromWall(Date.UTC(year, month - 1, day, hour, minute) + days * DAY_MS, zone);
}

/** `2026-03-30T09:00` by the zone's clock, or with `Z` or an offset by that; null where it is no such moment. */
export function wallMoment(text: string, zone: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?$/.exec(text.trim());
  const at = match === null ? Number.NaN : Date.parse(`${match[1]}${match[2] ?? "Z"}`);
  if (match === null || Number.isNaN(at)) return null;
  return match[2] === undefined ? fromWall(at, zone) : at;
}

/** `wanted` is a wall clock's time written as if it were UTC. A time that does not exist is taken an hour later. */
function fromWall(wanted: number, zone: string): number {
  // The offset is that of the moment itself: one guess finds the day's, the second one that of the hour.
  const guess = wanted - offset(wanted, zone);
  return wanted - offset(guess, zone);
}

function offset(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = wallTime(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
