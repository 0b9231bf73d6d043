/** 2015, the first second of Discord's ids: milliseconds since 1970 UTC. */
const EPOCH = 1_420_070_400_000n;

/** Ids as Discord makes them: they hold the time they were made at and sort by it, as texts of 17 to 19 digits. */
export function snowflakes(now: () => number): () => string {
  let last = 0n;
  return () => {
    const next = (BigInt(Math.trunc(now())) - EPOCH) << 22n;
    last = next > last ? next : last + 1n;
    return String(last);
  };
}

/** When an id was made, in milliseconds since 1970 UTC. */
export function snowflakeTime(id: string): number {
  return Number((BigInt(id) >> 22n) + EPOCH);
}

export function isSnowflake(text: unknown): text is string {
  return typeof text === "string" && /^\d{17,20}$/.test(text);
}
