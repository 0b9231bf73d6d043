import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "../../../src/core/json.ts";
import type { Requirement, Verdict } from "../../../src/core/proof.ts";
import type { ProofUnderTest, Verifier } from "../../../src/ports/verifier.ts";

export interface Case {
  readonly requirement: Requirement;
  readonly uri: string;
  readonly claimedAt?: number;
  readonly agent?: string;
  readonly attempt?: string;
  readonly now?: number;
  readonly attachedAt?: number;
}

export const proofOf = ({ requirement, uri, ...rest }: Case): ProofUnderTest => ({
  requirement,
  uri,
  attachedAt: rest.attachedAt ?? rest.now ?? Date.now(),
  task: { key: "CLIP-12", createdBy: "rosa" },
  attempt: { id: rest.attempt ?? "attempt-1", agent: rest.agent ?? "ada", claimedAt: rest.claimedAt ?? 0 },
  now: rest.now ?? Date.now(),
});

export function verify(
  verifier: Verifier,
  given: Case,
  signal = new AbortController().signal,
): Promise<Verdict> {
  return verifier.verify(proofOf(given), signal);
}

export function wants(kind: string, fields: { readonly [field: string]: Json } = {}): Requirement {
  return { name: "it", kind, ...fields };
}

const folders: string[] = [];

/** A folder of the test's own, gone with `removeFolders`. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gatehouse-proof-")));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
