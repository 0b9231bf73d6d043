import type { Json } from "../../src/core/json.ts";
import type { GoodProof, World } from "../proof/support/world.ts";
import type { Place } from "./without.ts";

/** A good proof about to be spoilt. */
export interface Spoilt extends GoodProof {
  agent?: string;
  signal?: AbortSignal;
}

/** Makes a good proof bad by what one rule forbids and nothing else; may change the world it stands in. */
export type Spoil = (good: Spoilt, world: World) => unknown;

/**
 * A rule of a verifier: the sentence that only this rule says, where its check stands in the source, and bad proofs that
 * nothing but this rule refuses: with the check taken out each of them passes.
 */
export interface Rule {
  readonly kind: string;
  readonly name: string;
  /** What else keeps the same out: each of the places is enough, and all are taken out together. */
  readonly also?: string;
  readonly says: RegExp;
  readonly places: readonly Place[];
  readonly bad: readonly Spoil[];
}

/** A rule's name, or that and what else keeps the same out. */
export type Name = string | readonly [name: string, also: string];
type Row = readonly [name: Name, says: RegExp, places: readonly Place[], ...bad: Spoil[]];

export function named(called: Name): { readonly name: string; readonly also?: string } {
  return typeof called === "string" ? { name: called } : { name: called[0], also: called[1] };
}

export function rulesOf(kind: string, rows: readonly Row[]): readonly Rule[] {
  return rows.map(([called, says, places, ...bad]) => ({ kind, ...named(called), says, places, bad }));
}

/** A check in one file, as it stands there; what stands there without it. */
export const inFile =
  (file: string) =>
  (check: string, without = ""): Place => ({ file: `adapters/proof/${file}`, check, without });

/** The requirement wants something else in these fields; undefined is no such field. */
export function wants(fields: { readonly [field: string]: Json | undefined }): Spoil {
  return (good) => {
    const { name, kind, ...rest } = { ...good.requirement, ...fields };
    const kept = Object.entries(rest).filter((entry): entry is [string, Json] => entry[1] !== undefined);
    good.requirement = { name, kind, ...Object.fromEntries(kept) };
  };
}

export const links = (uri: string): Spoil => {
  return (good) => {
    good.uri = uri;
  };
};

export const relinks = (from: string | RegExp, to: string): Spoil => {
  return (good) => {
    good.uri = good.uri.replace(from, to);
  };
};

/** Claimed only then, in milliseconds since 1970 UTC. */
export const claims = (at: number): Spoil => {
  return (good) => {
    good.claimedAt = at;
  };
};

/** Several changes that are one bad proof together. */
export const all = (...spoils: readonly Spoil[]): Spoil => {
  return async (good, world) => {
    for (const spoil of spoils) await spoil(good, world);
  };
};
