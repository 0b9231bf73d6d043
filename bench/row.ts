import { alternate, type Rounds, type SideCall } from "./processes.ts";

/** How much a run does: `quick` for a look in passing, the other for the figures that are kept. */
export interface Scale {
  readonly quick: boolean;
  readonly rounds: number;
}

/** What a row must keep: a ratio to the limit, not less or not more than so much. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Null where the row is only told. */
  readonly target: Target | null;
  /** Says nothing of a short run, and is left out of a quick one. */
  readonly long?: true;
  readonly measure: (scale: Scale) => Promise<Measured>;
}

/** Medians of the rounds, in the row's unit. `ratio` is the median of each round's own. */
export interface Measured {
  readonly ours: number;
  readonly limit: number;
  readonly ratio: number;
  /** The same ratio by processor time, where both sides are processes that work. */
  readonly cpuRatio?: number;
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Ours beside the limit, in things a second. */
export async function rates(
  { ours, limit }: { readonly ours: SideCall; readonly limit: SideCall },
  scale: Rounds,
): Promise<Measured> {
  const [a = [], b = []] = await alternate([ours, limit], scale);
  const ratioBy = (time: "wallMs" | "cpuMs"): number =>
    median(a.map((one, round) => (b[round]?.[time] ?? Number.NaN) / one[time]));
  return {
    ours: median(a.map(({ done, wallMs }) => (done / wallMs) * 1000)),
    limit: median(b.map(({ done, wallMs }) => (done / wallMs) * 1000)),
    ratio: ratioBy("wallMs"),
    cpuRatio: ratioBy("cpuMs"),
  };
}

/** Times or sizes against a bound. */
export function bounded(values: readonly number[], bound: number): Measured {
  const ours = median(values);
  return { ours, limit: bound, ratio: ours / bound };
}

export function met(target: Target | null, ratio: number): boolean | null {
  if (target === null) return null;
  return "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
}
