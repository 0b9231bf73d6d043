/** A request that carries an Idempotency-Key, before it does anything. */
export interface KeyedRequest {
  readonly agent: number;
  readonly key: string;
  /** What was asked, hashed: the same key with another question is refused. */
  readonly fingerprint: string;
}

export type Begun =
  /** This caller may act. `again`: an earlier run began and never recorded its answer; it may have acted. */
  | { readonly state: "begun"; readonly startedAt: number; readonly again: boolean; readonly token: string }
  | { readonly state: "answered"; readonly status: number; readonly body: string }
  | { readonly state: "running"; readonly retryAfterMs: number }
  | { readonly state: "mismatched" };

/**
 * The first answer to each keyed request, for a day. The row stands before the request acts, so that after a crash in
 * between the next try finds it, and looks up in the event log whether the change was made.
 */
export interface IdempotencyStore {
  begin(request: KeyedRequest): Promise<Begun>;
  /** Keeps the answer; nothing where another run took over in between. */
  answer(
    request: KeyedRequest,
    token: string,
    answer: { readonly status: number; readonly body: string },
  ): Promise<void>;
  /** The run ended without an answer worth keeping: the next one may begin at once. */
  abandon(request: KeyedRequest, token: string): Promise<void>;
}
