import type { AttemptOutcome } from "./attempt.ts";
import type { Json } from "./json.ts";
import type { Requirement, VerdictName } from "./proof.ts";
import type { Route } from "./route.ts";
import type { Observe } from "./route-facts.ts";
import type { Block, Limits, Priority, Status, Task } from "./task.ts";

/** The own format's name and version: the first line of an export. */
export const ARCHIVE_FORMAT = "gatehouse";
export const ARCHIVE_VERSION = 1;

/** The records of an archive. All times are milliseconds since 1970 UTC; secrets are in none of them. */
export interface ArchivedLane {
  readonly name: string;
  readonly route: Route;
  readonly capacity: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The kind alone: where work is sent may hold a secret, and is set anew. */
  readonly dispatch: { readonly kind: string };
  readonly pausedAt: number | null;
  readonly pausedReason: string | null;
  readonly observe: Observe;
  readonly routeAliases: readonly string[];
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ArchivedEpic {
  readonly key: string;
  readonly title: string;
  readonly goal: string;
  /** The number of its newest task: the next one is this plus one. */
  readonly lastNumber: number;
  readonly createdAt: number;
}

/** A name for attempts to refer to. It comes back revoked: keys and rights are never exported. */
export interface ArchivedAgent {
  readonly name: string;
  readonly role: "agent" | "operator";
  readonly createdAt: number;
}

export interface Link {
  readonly kind: string;
  readonly target: string;
}

export interface Origin {
  readonly source: string;
  readonly externalId: string;
  readonly labels: { readonly [field: string]: Json };
}

export interface ArchivedAttempt {
  readonly number: number;
  readonly epoch: number;
  readonly agent: string;
  readonly lane: string;
  readonly session: string;
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

/** Without the message that attached it: that was answered where it stands, and is not to be answered again. */
export interface ArchivedProof {
  readonly attempt: number;
  readonly requirement: string;
  readonly kind: string;
  readonly uri: string;
  readonly attachedBy: string;
  readonly attachedAt: number;
  readonly superseded: boolean;
  readonly verdict: VerdictName;
  readonly reason: string | null;
  readonly evidence: string | null;
  readonly seen: { readonly [field: string]: Json } | null;
  readonly checkedAt: number | null;
  readonly checks: number;
}

export interface ArchivedEvent {
  /** The change's own token: the same event is known by it in every database. */
  readonly change: string;
  readonly kind: string;
  readonly actor: string;
  readonly at: number;
  readonly data: { readonly [field: string]: Json };
}

/** An event of a task's history: one a version, oldest first. */
export interface ArchivedTaskEvent extends ArchivedEvent {
  readonly version: number;
  readonly attempt: number | null;
}

/** A task's own row and what hangs on it, without its history. */
export interface ArchivedTaskRow {
  readonly key: string;
  readonly epic: string;
  readonly lane: string | null;
  readonly priority: Priority;
  readonly status: Status;
  readonly version: number;
  readonly epoch: number;
  readonly attempts: number;
  readonly failures: number;
  readonly lapses: number;
  readonly limits: Limits;
  readonly notBefore: number | null;
  readonly readyAt: number | null;
  readonly policyHash: string;
  readonly completion: Task["completion"];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly title: string;
  readonly body: string;
  readonly acceptance: string;
  readonly requirements: readonly Requirement[];
  /** Keys. */
  readonly dependencies: readonly string[];
  readonly links: readonly Link[];
  readonly origins: readonly Origin[];
  readonly block: Block | null;
}

/** What was announced when a task was completed: kept beside its event, and never sent again. */
export interface ArchivedAnnouncement {
  /** Of the `task.completed` event. */
  readonly version: number;
  readonly text: string;
  readonly data: { readonly [field: string]: Json };
  readonly at: number;
}

export interface ArchivedHistory {
  readonly attempts: readonly ArchivedAttempt[];
  readonly proofs: readonly ArchivedProof[];
  readonly events: readonly ArchivedTaskEvent[];
  readonly announcements: readonly ArchivedAnnouncement[];
}

export interface ArchivedTask {
  readonly row: ArchivedTaskRow;
  readonly history: ArchivedHistory;
}

/** Who works and where, with the events that are no task's. */
export interface ArchivedRoster {
  readonly lanes: readonly ArchivedLane[];
  readonly epics: readonly ArchivedEpic[];
  readonly agents: readonly ArchivedAgent[];
  readonly events: readonly ArchivedEvent[];
}

export interface Archive extends ArchivedRoster {
  readonly tasks: readonly (ArchivedTask & { readonly line: number })[];
}
