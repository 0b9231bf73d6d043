/** The process's own clock and identity, so that a whole day of operation runs in a test and a failure replays. */
export interface Clock {
  /** Milliseconds since 1970 UTC. The queue's time is the database's; this one is for timers and logs. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Identity {
  /** A new unguessable id, 128 bits, URL-safe. */
  id(): string;
  /** A new secret of 256 bits, URL-safe. */
  secret(): string;
  /** SHA-256 of UTF-8 text, 64 lower-case hexadecimal digits. */
  sha256(text: string): string;
}
