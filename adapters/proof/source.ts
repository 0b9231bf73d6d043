import type { Verdict } from "../../src/core/proof.ts";
import { sha256, verdictOfFault, verdictOfStatus } from "./answers.ts";
import { failed, isVerdict } from "./define.ts";
import type { Fetcher } from "./fetch/fetch.ts";
import { olderThanClaim, readLocalFile, relativePath } from "./local-file.ts";

export interface SourceSettings {
  readonly root: string;
  readonly fetcher: Fetcher;
}

/** A document a proof points at, read whole. */
export interface Source {
  /** `local`, or the origin it came from. */
  readonly provider: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** When its keeper says it was last changed; null where the keeper says nothing. */
  readonly modifiedAt: number | null;
}

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** HTTP dates have whole seconds: one written in the second of the claim is not older than it. */
const HTTP_DATE_MS = 1_000;

export function isSourceUri(uri: string): boolean {
  return relativePath(uri) !== null || /^https?:\/\//.test(uri);
}

export interface SourceAsk {
  readonly uri: string;
  readonly claimedAt: number;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Reads `file:relative/path` below the root, or a URL through the guarded fetcher; refuses what is older than the claim. */
export async function readSource(settings: SourceSettings, ask: SourceAsk): Promise<Source | Verdict> {
  const path = relativePath(ask.uri);
  if (path === null) return fetchSource(settings.fetcher, ask);
  const { signal } = ask;
  const options = { root: settings.root, maxBytes: MAX_DOCUMENT_BYTES, keep: true, signal };
  const file = await readLocalFile(path, options);
  if (isVerdict(file)) return file;
  const { bytes, sha256: digest, modifiedAt } = file;
  return olderThanClaim(file, ask.claimedAt) ?? { provider: "local", bytes, sha256: digest, modifiedAt };
}

async function fetchSource(fetcher: Fetcher, ask: SourceAsk): Promise<Source | Verdict> {
  const answer = await fetcher.get(ask.uri, { signal: ask.signal });
  if (!answer.ok) return verdictOfFault(answer);
  if (answer.status !== 200) return verdictOfStatus(answer, 200, ask.now);
  const said = Date.parse(answer.headers.get("last-modified") ?? "");
  const modifiedAt = Number.isNaN(said) ? null : said;
  if (modifiedAt !== null && modifiedAt + HTTP_DATE_MS <= ask.claimedAt) {
    return failed(
      "The document was last changed before the task was claimed, so it shows nothing of this attempt.",
      {
        modifiedAt,
        claimedAt: ask.claimedAt,
      },
    );
  }
  const { body } = answer;
  return { provider: answer.url.origin, bytes: body, sha256: sha256(body), modifiedAt };
}
