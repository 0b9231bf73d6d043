import type { Change } from "../src/core/change.ts";
import type { Refusal } from "../src/core/refusal.ts";
import type { ClaimRequest, NewTask, QueueStore, TaskFacts } from "../src/ports/queue.ts";
import { BeatsFirst } from "./beats-first.ts";
import { writeChanges } from "./change-writer.ts";
import { PROMOTE, writeClaims } from "./claim-writer.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection } from "./connection.ts";
import { type BeatRequest, writeBeats } from "./heartbeat-writer.ts";
import { AttemptMemory, factsAfter, type Written } from "./memory.ts";
import {
  readAttempts,
  readHasRunnable,
  readLapsed,
  readPullFacts,
  readSkipped,
  readTasks,
} from "./queue-reader.ts";
import { writeTasks } from "./task-writer.ts";
import { twinRefusal } from "./twin-refusal.ts";

/** How many calls share one batch at the most: more would hold the write lock longer than a person waits. */
const GROUP = 256;

/** The queue on one connection. What arrives in the same tick shares a batch; each caller still gets its own answer. */
export function queueStore(
  connection: Connection,
  clock: QueueClock,
  beatsFirst: BeatsFirst = new BeatsFirst(),
): QueueStore {
  const tasks = coalesce<string, TaskFacts | null>((keys) => readTasks(connection, clock, keys), {
    max: GROUP,
  });
  const attempts = coalesce<string, TaskFacts | null>((ids) => readAttempts(connection, clock, ids), {
    max: GROUP,
  });
  const changesApart = { max: GROUP, key: (change: Change) => change.task };
  const commits = coalesce<Change, Written | null>(
    (changes) => writeChanges(connection, clock, changes),
    changesApart,
  );
  // Groups of their own: nobody waits on the line for a verdict, and beats need not wait for it either.
  const verdicts = coalesce<Change, Written | null>(
    (changes) => beatsFirst.behind(() => writeChanges(connection, clock, changes)),
    changesApart,
  );
  const claims = coalesce<ClaimRequest, TaskFacts | null>(
    (requests) => writeClaims(connection, clock, requests),
    {
      max: GROUP,
      key: (request) => request.session,
    },
  );
  const beats = coalesce<BeatRequest, number | null>((requests) => writeBeats(connection, clock, requests), {
    max: GROUP,
    key: (beat) => beat.attempt,
  });
  const additions = coalesce<NewTask, string>((news) => writeTasks(connection, clock, news), { max: GROUP });

  const memory = new AttemptMemory();

  return {
    task: tasks,
    attempt: attempts,
    remembered: (id) => memory.recall(id),
    async commit(change, before) {
      const written = await orRefusal(change.verdict === undefined ? commits(change) : verdicts(change));
      if (written === null || "gate" in written) return written;
      const facts = before === undefined ? null : factsAfter(before, change, written);
      if (facts !== null) memory.keep(facts);
      else if (before?.attempt) memory.forget(before.attempt.id);
      return { version: written.version, at: written.at, facts };
    },
    add: (task) => orRefusal(additions(task)),
    async claim(request) {
      const claimed = await orRefusal(claims(request));
      // The pick and the trigger ask the same; where they part, the row is not what it says, and nothing is pulled.
      if (claimed === null || "gate" in claimed) return null;
      memory.keep(claimed);
      return claimed;
    },
    pullFacts: (request) => readPullFacts(connection, clock, request),
    skipped: (lane) => readSkipped(connection, clock, lane),
    hasRunnable: (lane) => readHasRunnable(connection, lane),
    beat: (request) => beatsFirst.beat(() => beats(request)),
    lapsed: (limit) => readLapsed(connection, clock, limit),
    async promote() {
      const [rows = []] = await connection.writeRepeatable([{ sql: clock.sql(`${PROMOTE} RETURNING id`) }]);
      return rows.length;
    },
    async now() {
      const [rows = []] = await connection.read([{ sql: clock.sql("SELECT :now AS now") }]);
      return Number(rows[0]?.["now"]);
    },
  };
}

/** What a twin refused is an answer like any other; everything else is trouble. */
async function orRefusal<T>(work: Promise<T>): Promise<T | Refusal> {
  try {
    return await work;
  } catch (error) {
    const refusal = twinRefusal(error);
    if (refusal === null) throw error;
    return refusal;
  }
}
