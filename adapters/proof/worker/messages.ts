import type { Verdict } from "../../../src/core/proof.ts";
import type { ProofUnderTest } from "../../../src/ports/verifier.ts";

/** What the bot tells the process that looks at proofs. The first message of a life is its settings. */
export type ToWorker =
  | { readonly settings: unknown }
  | { readonly ask: number; readonly proof: ProofUnderTest }
  | { readonly callOff: number }
  | { readonly ping: true };

/** What it answers. `ready`: it has loaded what it needs. `began` and `ended` name process groups it started, so that whoever outlives it can end them. */
export type FromWorker =
  | { readonly ready: true }
  | { readonly answer: number; readonly verdict: Verdict }
  | { readonly began: number }
  | { readonly ended: number }
  | { readonly pong: true };
