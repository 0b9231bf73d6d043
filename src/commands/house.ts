import type { Change } from "../core/change.ts";
import { done, missing, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import type { JobName } from "../core/schedule.ts";
import type { BriefFile, BriefStore } from "../ports/briefs.ts";
import type { ChannelStore } from "../ports/channels.ts";
import type { Clock, Identity } from "../ports/clock.ts";
import type { ContradictionStore } from "../ports/contradictions.ts";
import type { DigestStore } from "../ports/digests.ts";
import type { Dispatcher } from "../ports/dispatcher.ts";
import type { DispatchStore } from "../ports/dispatches.ts";
import type { FloorStore } from "../ports/floor.ts";
import type { IdempotencyStore } from "../ports/idempotency.ts";
import type { ImportStore } from "../ports/imports.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { IntegrityStore } from "../ports/integrity.ts";
import type { JobRunStore } from "../ports/job-runs.ts";
import type { LinkStore } from "../ports/links.ts";
import type { TaskListing } from "../ports/listing.ts";
import type { LocalChatStore } from "../ports/local-chat.ts";
import type { EventLog } from "../ports/log.ts";
import type { OutboxStore } from "../ports/outbox.ts";
import type { PolicyStore } from "../ports/policies.ts";
import type { ProofReplies } from "../ports/proof-replies.ts";
import type { ProofWorkStore } from "../ports/proof-work.ts";
import type { Committed, QueueStore, TaskFacts } from "../ports/queue.ts";
import type { RecheckStore } from "../ports/rechecks.ts";
import type { RefusalStore } from "../ports/refusals.ts";
import type { RoleStore } from "../ports/roles.ts";
import type { RosterStore } from "../ports/roster.ts";
import type { RouteStore } from "../ports/routes.ts";
import type { Timetable } from "../ports/schedule.ts";
import type { TaskSearch } from "../ports/search.ts";
import type { Source } from "../ports/source.ts";
import type { ValidationStore } from "../ports/validation.ts";
import type { Verifier } from "../ports/verifier.ts";
import type { WatchStore } from "../ports/watch.ts";

/** What every command may use: the stores and ports `main` wired, and nothing else. */
export interface House {
  readonly queue: QueueStore;
  readonly roster: RosterStore;
  readonly log: EventLog;
  readonly outbox: OutboxStore;
  readonly localChat: LocalChatStore;
  readonly proofReplies: ProofReplies;
  readonly proofWork: ProofWorkStore;
  readonly rechecks: RecheckStore;
  readonly inbox: Inbox;
  readonly integrity: IntegrityStore;
  readonly policies: PolicyStore;
  readonly listing: TaskListing;
  readonly search: TaskSearch;
  readonly idempotency: IdempotencyStore;
  readonly refusals: RefusalStore;
  readonly imports: ImportStore;
  readonly validation: ValidationStore;
  readonly briefs: BriefStore;
  readonly watch: WatchStore;
  readonly contradictions: ContradictionStore;
  readonly briefFile: BriefFile;
  readonly roles: RoleStore;
  readonly links: LinkStore;
  readonly routes: RouteStore;
  readonly jobRuns: JobRunStore;
  readonly channels: ChannelStore;
  readonly floor: FloorStore;
  readonly digests: DigestStore;
  readonly dispatches: DispatchStore;
  /** The ways of handing work out beside `pull`, by kind. */
  readonly dispatchers: ReadonlyMap<string, Dispatcher>;
  /** An IANA name: the zone of whoever said no other. */
  readonly timezone: string;
  /** When each job fires; a job that is not in it is run by hand alone. */
  readonly timetables: ReadonlyMap<JobName, Timetable>;
  readonly verifiers: ReadonlyMap<string, Verifier>;
  /** What tasks can be imported from, by name. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Where people open the page; null where nobody serves it from here. */
  readonly pageUrl: () => string | null;
  readonly identity: Identity;
  readonly clock: Clock;
}

/** Who asks. `actor` is `agent:NAME`, `person:PLATFORM:ID` or `system:JOB`, and stands on the event. */
export interface Caller {
  readonly actor: string;
  readonly requestId?: string | undefined;
}

/** How often a decision is taken anew when somebody else changed the row in between. */
const DECISIONS = 8;

/** A change that was made, and the facts it was decided on. */
export type Changed = Committed & { readonly before: TaskFacts };

/**
 * One state change: load, let core decide, commit; where the row had moved, all of it again, a bounded number of times.
 * `decide` is pure and may run more than once.
 */
export async function change(
  house: House,
  load: () => Promise<TaskFacts | null>,
  absent: Refusal,
  decide: (facts: TaskFacts) => Change | Refusal,
  remembered: TaskFacts | null = null,
): Promise<Outcome<Changed>> {
  for (let tries = 0; tries <= DECISIONS; tries += 1) {
    const recalled = tries === 0 ? remembered : null;
    if (tries === 0 && recalled === null) continue;
    const before = recalled ?? (await load());
    if (before === null) return refused(absent);
    const decided = decide(before);
    // Memory may say yes, and the guard confirms it; a no is always the row's.
    if ("gate" in decided && recalled !== null) continue;
    if ("gate" in decided) return refused(decided);
    const committed = await house.queue.commit(decided, before);
    if (committed === null) continue;
    if ("gate" in committed) return refused(committed);
    return done({ ...committed, before });
  }
  return refused(
    refuse("queue-truth", "contended", {
      field: "version",
      expected: "a row that stands still",
      got: `${DECISIONS} changes by others`,
      hint: "Others are changing this task at this moment: read it again and repeat.",
    }),
  );
}

/** `change` for a task named by key. */
export function changeTask(
  house: House,
  key: string,
  decide: (facts: TaskFacts) => Change | Refusal,
): Promise<Outcome<Changed>> {
  return change(house, () => house.queue.task(key), noTask(key), decide);
}

/**
 * `change` for a task by one of its attempts. With `justSeen`, what this process itself saw a moment ago may stand in
 * for a read: only for decisions that write no time of their own, since a remembered clock is a guess.
 */
export function changeAttempt(
  house: House,
  id: string,
  decide: (facts: HeldFacts) => Change | Refusal,
  from: "row" | "justSeen" = "row",
): Promise<Outcome<Changed>> {
  const absent = missing("attempt", id, "No such attempt: use the id the claim answered with.");
  return change(
    house,
    () => house.queue.attempt(id),
    absent,
    (facts) => (facts.attempt === null ? absent : decide({ ...facts, attempt: facts.attempt })),
    from === "justSeen" ? house.queue.remembered(id) : null,
  );
}

export type HeldFacts = TaskFacts & { readonly attempt: NonNullable<TaskFacts["attempt"]> };

export function noTask(key: string): Refusal {
  return missing("task", key, `There is no task ${key}: \`gatehouse task list\` shows the keys.`);
}
