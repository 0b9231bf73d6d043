import type { Verifier } from "../../src/ports/verifier.ts";
import type { AttestationSettings } from "./attestation.ts";
import { attestationVerifier } from "./attestation.ts";
import { type ChatMessageSettings, chatMessageVerifier } from "./chat-message.ts";
import type { CommandSettings } from "./command.ts";
import { commandVerifier } from "./command.ts";
import type { FileSettings } from "./file.ts";
import { fileVerifier } from "./file.ts";
import type { GitHubSettings } from "./github/api.ts";
import { githubChecksVerifier } from "./github-checks.ts";
import { githubCommitVerifier } from "./github-commit.ts";
import { githubPrVerifier } from "./github-pr.ts";
import { githubReleaseVerifier } from "./github-release.ts";
import { type HumanSettings, humanVerifier } from "./human.ts";
import { testReportVerifier } from "./test-report.ts";
import type { UrlSettings } from "./url.ts";
import { urlVerifier } from "./url.ts";

/**
 * What the verifiers are told about this installation. Only `root` (GATEHOUSE_PROOF_ROOT) and `fetcher` (made by
 * `guardedFetcher({ origins })` from GATEHOUSE_PROOF_ORIGINS) are needed; each kind's settings say the rest.
 */
export type ProofSettings = OutsideSettings & Partial<HumanSettings> & Partial<ChatMessageSettings>;

type OutsideSettings = FileSettings & CommandSettings & UrlSettings & AttestationSettings & GitHubSettings;

/** Every kind of proof this build can check. A new kind is one file here and one line below. */
export function allVerifiers(settings: ProofSettings): readonly Verifier[] {
  return [...outsideVerifiers(settings), ...insideVerifiers(settings)];
}

/** Kinds that read the network, files or what a program says: they need settings alone, and may look in the worker. */
export function outsideVerifiers(settings: OutsideSettings): readonly Verifier[] {
  return [
    fileVerifier(settings),
    commandVerifier(settings),
    urlVerifier(settings),
    testReportVerifier(settings),
    attestationVerifier(settings),
    githubPrVerifier(settings),
    githubCommitVerifier(settings),
    githubChecksVerifier(settings),
    githubReleaseVerifier(settings),
  ];
}

/** Kinds that ask what the bot itself holds, its people and its chats: they look where those are. */
export function insideVerifiers(
  settings: Partial<HumanSettings> & Partial<ChatMessageSettings>,
): readonly Verifier[] {
  const { chatMessages, approvals } = settings;
  return [
    ...(chatMessages === undefined ? [] : [chatMessageVerifier({ chatMessages })]),
    ...(approvals === undefined ? [] : [humanVerifier({ approvals })]),
  ];
}
