import type { BriefStore } from "../src/ports/briefs.ts";
import type { ChannelStore } from "../src/ports/channels.ts";
import type { ContradictionStore } from "../src/ports/contradictions.ts";
import type { DigestStore } from "../src/ports/digests.ts";
import type { DispatchStore } from "../src/ports/dispatches.ts";
import type { FloorStore } from "../src/ports/floor.ts";
import type { IdempotencyStore } from "../src/ports/idempotency.ts";
import type { ImportStore } from "../src/ports/imports.ts";
import type { Inbox } from "../src/ports/inbox.ts";
import type { IntegrityStore } from "../src/ports/integrity.ts";
import type { JobRunStore } from "../src/ports/job-runs.ts";
import type { LinkStore } from "../src/ports/links.ts";
import type { TaskListing } from "../src/ports/listing.ts";
import type { LocalChatStore } from "../src/ports/local-chat.ts";
import type { EventLog } from "../src/ports/log.ts";
import type { Maintenance } from "../src/ports/maintenance.ts";
import type { OutboxStore } from "../src/ports/outbox.ts";
import type { PolicyStore } from "../src/ports/policies.ts";
import type { ProofReplies } from "../src/ports/proof-replies.ts";
import type { ProofWorkStore } from "../src/ports/proof-work.ts";
import type { QueueStore } from "../src/ports/queue.ts";
import type { RecheckStore } from "../src/ports/rechecks.ts";
import type { RefusalStore } from "../src/ports/refusals.ts";
import type { RoleStore } from "../src/ports/roles.ts";
import type { RosterStore } from "../src/ports/roster.ts";
import type { RouteStore } from "../src/ports/routes.ts";
import type { TaskSearch } from "../src/ports/search.ts";
import type { ValidationStore } from "../src/ports/validation.ts";
import type { WatchStore } from "../src/ports/watch.ts";
import { BeatsFirst } from "./beats-first.ts";
import { briefStore } from "./briefs.ts";
import { channelStore } from "./channels.ts";
import { databaseClock, type QueueClock } from "./clock.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { contradictionStore } from "./contradictions.ts";
import { digestStore } from "./digests.ts";
import { dispatchStore } from "./dispatches.ts";
import { eventLog } from "./event-log.ts";
import { floorStore } from "./floor.ts";
import { idempotencyStore } from "./idempotency.ts";
import { importStore } from "./imports.ts";
import { inboxStore } from "./inbox.ts";
import { integrityStore } from "./integrity.ts";
import { jobRunStore } from "./job-runs.ts";
import { linkStore } from "./links.ts";
import { localChatStore } from "./local-chat.ts";
import { prepareLocation } from "./location.ts";
import { maintenance } from "./maintenance.ts";
import { migrate } from "./migrate.ts";
import { outboxStore } from "./outbox.ts";
import { policyStore } from "./policies.ts";
import { proofReplies } from "./proof-replies.ts";
import { proofWork } from "./proof-work.ts";
import { queueStore } from "./queue.ts";
import { recheckStore } from "./rechecks.ts";
import { refusalStore } from "./refusals.ts";
import { roleStore } from "./roles.ts";
import { rosterStore } from "./roster.ts";
import { rosterDesk } from "./roster-desk.ts";
import { routeStore } from "./routes.ts";
import { taskListing } from "./task-list.ts";
import { taskSearch } from "./task-search.ts";
import { validationStore } from "./validation.ts";
import { watchStore } from "./watch.ts";

/** Every part of the store on one connection. The raw connection stays in here. */
export interface Store {
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
  readonly maintenance: Maintenance;
  readonly validation: ValidationStore;
  readonly briefs: BriefStore;
  readonly watch: WatchStore;
  readonly contradictions: ContradictionStore;
  readonly roles: RoleStore;
  readonly links: LinkStore;
  readonly routes: RouteStore;
  readonly jobRuns: JobRunStore;
  readonly channels: ChannelStore;
  readonly floor: FloorStore;
  readonly digests: DigestStore;
  readonly dispatches: DispatchStore;
  close(): Promise<void>;
}

export interface StoreOptions extends ConnectionOptions {
  /** The database's own clock unless a test hands in another. */
  readonly clock?: QueueClock;
}

/** Opens the database, brings it to this version's schema, and puts the parts of the store on it. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const place = prepareLocation(options.url);
  const connection = await Connection.open(options);
  try {
    await migrate(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const clock = options.clock ?? databaseClock;
  const beatsFirst = new BeatsFirst();
  return {
    queue: queueStore(connection, clock, beatsFirst),
    roster: rosterStore(connection, clock),
    log: eventLog(connection),
    outbox: outboxStore(connection, clock),
    localChat: localChatStore(connection, clock),
    proofReplies: proofReplies(connection),
    proofWork: proofWork(connection, clock, beatsFirst),
    rechecks: recheckStore(connection, clock),
    inbox: inboxStore(connection, clock),
    integrity: integrityStore(connection),
    policies: policyStore(connection, clock),
    listing: taskListing(connection, clock),
    search: taskSearch(connection, clock),
    idempotency: idempotencyStore(connection, clock),
    refusals: refusalStore(connection, clock),
    imports: importStore(connection, clock),
    maintenance: maintenance(connection, clock, place),
    validation: validationStore(connection, clock),
    briefs: briefStore(connection, clock),
    watch: watchStore(connection, clock),
    contradictions: contradictionStore(connection, clock),
    roles: roleStore(rosterDesk(connection, clock)),
    links: linkStore(rosterDesk(connection, clock), connection, clock),
    routes: routeStore(connection, clock),
    jobRuns: jobRunStore(connection, clock),
    channels: channelStore(connection, clock),
    floor: floorStore(connection, clock),
    digests: digestStore(connection),
    dispatches: dispatchStore(connection, clock),
    close: () => connection.close(),
  };
}
