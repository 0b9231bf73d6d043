import { z } from "zod";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, isVerdict, passed, sha256Field } from "./define.ts";
import { isRelativePath, olderThanClaim, readLocalFile, relativePath } from "./local-file.ts";

export interface FileSettings {
  /** GATEHOUSE_PROOF_ROOT: proofs live below it. */
  readonly root: string;
  readonly maxFileBytes?: number;
}

/**
 * `file`: a file below the proof root, linked as `file:relative/path`.
 *
 * Holds when it is a regular file reached through no link, its path is the policy's `path` if there is one, it has at
 * least `minBytes` (1 unless said), its digest is the policy's `sha256` if there is one, and it was written after
 * the claim. A pinned digest stands for the content itself, so then the age does not matter.
 */
export function fileVerifier(settings: FileSettings): Verifier {
  return defineVerifier({
    kind: "file",
    fields: {
      path: z.string().refine(isRelativePath, "a relative path without dots").optional(),
      sha256: sha256Field.optional(),
      minBytes: z.int().min(0).optional(),
    },
    matches: (wanted, uri) => {
      const path = relativePath(uri);
      return path !== null && (wanted.path === undefined || wanted.path === path);
    },
    async verify(wanted, proof, signal) {
      const path = relativePath(proof.uri);
      if (path === null) return failed("A file proof is linked as file:relative/path, below the proof root.");
      if (wanted.path !== undefined && wanted.path !== path) {
        return failed(`The policy wants file:${wanted.path}.`, { path });
      }
      const { root, maxFileBytes: maxBytes } = settings;
      const file = await readLocalFile(path, {
        root,
        signal,
        ...(maxBytes === undefined ? {} : { maxBytes }),
      });
      if (isVerdict(file)) return file;
      const seen = { path, sha256: file.sha256, size: file.size, modifiedAt: file.modifiedAt };
      const floor = wanted.minBytes ?? (wanted.sha256 === undefined ? 1 : 0);
      if (file.size < floor)
        return failed(`The file has ${file.size} bytes; at least ${floor} are wanted.`, seen);
      if (wanted.sha256 !== undefined && file.sha256 !== wanted.sha256) {
        return failed(`The file's sha256 is ${file.sha256}; the policy wants ${wanted.sha256}.`, seen);
      }
      const old = wanted.sha256 === undefined ? olderThanClaim(file, proof.attempt.claimedAt) : null;
      if (old !== null) return old;
      return passed(
        `${path} is there, ${file.size} bytes.`,
        `file:local:sha256:${file.sha256}:${path}`,
        seen,
      );
    },
  });
}
