/** Why a fetch gave nothing to judge. Stable words: reasons are for people, these are for code. */
export type FaultCode =
  | "bad-url"
  | "blocked"
  | "redirect-refused"
  | "too-many-redirects"
  | "too-large"
  | "bad-encoding"
  | "tls"
  | "unreachable"
  | "bad-response"
  | "timeout"
  | "aborted";

/** A fetch that came to nothing. `verdict` says what that means for a proof; it never means passed. */
export interface Fault {
  readonly ok: false;
  readonly code: FaultCode;
  readonly verdict: "failed" | "inconclusive";
  readonly url: string;
  /** One sentence a person can act on. */
  readonly reason: string;
}

/** What a server answered, whatever its status. */
export interface Answer {
  readonly ok: true;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** True where that origin is on the operator's list of internal ones. */
  readonly internal: boolean;
  readonly status: number;
  /** Names in lower case; repeated fields joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** Decoded, within the caps. */
  readonly body: Uint8Array;
  readonly redirects: number;
  /** Milliseconds since 1970 UTC, and how long it all took. */
  readonly startedAt: number;
  readonly tookMs: number;
}

/** Codes that say something about the link; the rest say only that we could not look. */
const WRONG: ReadonlySet<FaultCode> = new Set([
  "bad-url",
  "blocked",
  "redirect-refused",
  "too-many-redirects",
  "too-large",
  "bad-encoding",
]);

/** Texts from strangers are shown to people: short, and without what could move a cursor. */
export function shown(text: string, max = 200): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, "\uFFFD");
  return clean.length > max ? `${clean.slice(0, max)}…` : clean;
}

export function fault(code: FaultCode, url: string, reason: string): Fault {
  const verdict = WRONG.has(code) ? "failed" : "inconclusive";
  return { ok: false, code, verdict, url: shown(url), reason: shown(reason, 400) };
}
