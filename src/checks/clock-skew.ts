import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** How far the process's clock may be from the database's, in milliseconds. */
const SKEW_MS = 30_000;

/** Leases lapse by the database's clock; what people read in logs is by the process's. */
export const clockSkew = defineCheck({
  rule: "clock-skew",
  title: "Clocks differ",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ clock, now }) => {
    const skewMs = now < clock.before ? now - clock.before : Math.max(0, now - clock.after);
    if (Math.abs(skewMs) < SKEW_MS) return [];
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    return [
      {
        key: "process",
        source: sourceOf({ other: "configuration:clock" }),
        detail: `The database's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} this process's: set both by the same time server.`,
        data: { skewMs },
      },
    ];
  },
});
