import type { TrustedRoot } from "@sigstore/protobuf-specs";
import type { Verifier } from "../../src/ports/verifier.ts";
import { attestationVerifier } from "./attestation.ts";
import { commandVerifier } from "./command.ts";
import type { Fetcher } from "./fetch/fetch.ts";
import { fileVerifier } from "./file.ts";
import { testReportVerifier } from "./test-report.ts";
import { urlVerifier } from "./url.ts";

/** What the verifiers are told about this installation. */
export interface ProofSettings {
  /** GATEHOUSE_PROOF_ROOT: the folder of file and command proofs. */
  readonly root: string;
  /** Made by `guardedFetcher({ origins })` from GATEHOUSE_PROOF_ORIGINS. */
  readonly fetcher: Fetcher;
  /** PATH of command proofs; a safe default without it. */
  readonly searchPath?: string;
  /** Whom attestations trust; Sigstore's public root without it. */
  readonly trustedRoot?: () => Promise<TrustedRoot>;
  /** Between the two samples of a url proof. */
  readonly sampleGapMs?: number;
}

/** Every kind of proof this build can check. A new kind is one file here and one line below. */
export function allVerifiers(settings: ProofSettings): readonly Verifier[] {
  return [
    fileVerifier(settings),
    commandVerifier(settings),
    urlVerifier(settings),
    testReportVerifier(settings),
    attestationVerifier(settings),
  ];
}
