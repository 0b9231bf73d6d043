import type { Route } from "./route.ts";

export type AttemptOutcome =
  | "done"
  | "released"
  | "lapsed"
  | "blocked"
  | "cancelled"
  | "failed"
  | "offer-lapsed";

/** One try at a task by one session. Its row is never overwritten by the next try. */
export interface Attempt {
  /** `CLIP-12.2`: the second attempt at CLIP-12. */
  readonly id: string;
  readonly taskId: number;
  readonly number: number;
  readonly epoch: number;
  readonly agent: string;
  readonly agentId: number;
  readonly lane: string;
  readonly session: string;
  /** What the session said it runs on when it claimed. */
  readonly route: Route;
  readonly startedAt: number;
  readonly leaseMs: number;
  readonly leaseExpiresAt: number;
  readonly lastHeartbeatAt: number;
  readonly beats: number;
  readonly note: string | null;
  readonly policyHash: string;
  readonly proofSetHash: string | null;
  readonly endedAt: number | null;
  readonly outcome: AttemptOutcome | null;
  readonly reason: string | null;
}

/** A lease lives strictly before its expiry: at the very millisecond it is over. */
export function leaseLives(attempt: Pick<Attempt, "leaseExpiresAt" | "endedAt">, now: number): boolean {
  return attempt.endedAt === null && now < attempt.leaseExpiresAt;
}

export function attemptId(taskKey: string, number: number): string {
  return `${taskKey}.${number}`;
}

/** Null where the text is no attempt's id. */
export function parseAttemptId(id: string): { readonly taskKey: string; readonly number: number } | null {
  const match = /^([A-Z][A-Z0-9]{0,23}-[1-9][0-9]{0,8})\.([1-9][0-9]{0,8})$/.exec(id);
  return match ? { taskKey: match[1] as string, number: Number(match[2]) } : null;
}
