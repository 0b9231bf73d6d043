import type { Verifier } from "../../../src/ports/verifier.ts";
import { outsideVerifiers } from "../all.ts";
import { guardedFetcher } from "../fetch/fetch.ts";
import type { Groups } from "../run.ts";

/** What verifiers outside the bot's own process are made from: plain data, as only that crosses. */
export interface PlainSettings {
  /** GATEHOUSE_PROOF_ROOT, as an absolute path. */
  readonly root: string;
  /** GATEHOUSE_PROOF_ORIGINS. */
  readonly origins: readonly string[];
  readonly githubUrl?: string;
  readonly githubToken?: string;
  readonly searchPath?: string;
  readonly sampleGapMs?: number;
}

/** The kinds that read the outside, in whichever process. */
export function verifiersOf({ origins, ...settings }: PlainSettings, groups?: Groups): readonly Verifier[] {
  return outsideVerifiers({ ...settings, fetcher: guardedFetcher({ origins }), groups });
}
