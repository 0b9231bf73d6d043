/**
 * What is needed cannot be used: a database that is locked, full or of a newer version, a platform that does not answer.
 * One coded error for every adapter; `message` is a whole sentence that says what to do.
 */
export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
