/** When a job fires, by the calendar of one time zone. Times are milliseconds since 1970 UTC. */
export interface Timetable {
  /** The first firing after that time; null where there is none any more. */
  next(after: number): number | null;
  /** The newest firing at that time or before; null where there was none yet. */
  last(at: number): number | null;
}
