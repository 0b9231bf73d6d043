import { attemptId } from "../src/core/attempt.ts";
import { PRIORITIES, type Priority, type Status } from "../src/core/task.ts";
import type { WatchedAttempt, WatchedLane } from "../src/core/watch-facts.ts";
import type { WatchLook, WatchStore } from "../src/ports/watch.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row } from "./connection.ts";
import { DONE } from "./suspicions.ts";
import {
  ATTEMPTS,
  BLOCKS,
  CHAT_CLAIMS,
  CLAIMS,
  CLEARED,
  DANGLING,
  ENDINGS,
  EXTENT,
  LANES,
  OVERDUE_PROOFS,
  RECURRING,
  REFUSED_BEATS,
  ROTTED,
  STRANDED,
  STUCK_CHANNELS,
  STUCK_INBOXES,
  UNHELD,
  WORN,
} from "./watch-sql.ts";

type Cells = readonly unknown[];

/** In the order in which `look` takes them apart. */
const LOOKS = [
  EXTENT,
  LANES,
  CLAIMS,
  ATTEMPTS,
  UNHELD,
  BLOCKS,
  CLEARED,
  REFUSED_BEATS,
  STRANDED,
  DANGLING,
  ROTTED,
  OVERDUE_PROOFS,
  STUCK_CHANNELS,
  STUCK_INBOXES,
  WORN,
  CHAT_CLAIMS,
  RECURRING,
] as const;

export function watchStore(connection: Connection, clock: QueueClock): WatchStore {
  return {
    async look(returning) {
      const results = await connection.read([
        ...LOOKS.map((sql) => ({ sql: clock.sql(sql) })),
        { sql: clock.sql(ENDINGS), args: [JSON.stringify(returning)] },
      ]);
      return readLook(results);
    },
    async unproved({ first, last }) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      const [rows = []] = await connection.read([{ sql: clock.sql(DONE), args: [first, last] }]);
      return [...new Set(rows.map((row) => Number(row["id"])))];
    },
  };
}

function readLook(results: readonly Row[][]): WatchLook {
  const at = (sql: (typeof LOOKS)[number]): readonly Row[] => results[LOOKS.indexOf(sql)] ?? [];
  const rows = (sql: (typeof LOOKS)[number]): readonly Cells[] => at(sql).map(cellsOf);
  const ids = (sql: (typeof LOOKS)[number]): readonly number[] => at(sql).map((row) => Number(row["id"]));
  const [now, lastTask, brief, forward, jobsSince] = cellsOf(at(EXTENT)[0] ?? {}) as [
    number,
    number,
    readonly [number, readonly string[] | null] | null,
    number,
    number | null,
  ];
  const stranded = at(STRANDED).map((row) => ({ id: Number(row["id"]), cells: cellsOf(row) }));
  const direct = stranded.filter(({ cells }) => cells[2] === 1).map(({ id }) => id);
  const suspects = [...ids(ATTEMPTS), ...ids(UNHELD), ...ids(BLOCKS), ...direct, ...ids(DANGLING)];
  return {
    now,
    lastTask,
    forward,
    jobsSince,
    brief: brief && { revision: brief[0], staleBecause: brief[1] },
    suspects: [...new Set(suspects)].toSorted((a, b) => a - b),
    lanes: readLanes(rows(LANES), rows(CLAIMS)),
    attempts: rows(ATTEMPTS).map(readAttempt),
    ...readSmall(rows),
    stranded: stranded
      .filter(({ cells }) => cells[2] !== 1)
      .map(({ cells }) => ({ task: cells[0] as string, cancelled: cells[1] as string })),
    endings: (results[LOOKS.length] ?? []).map(cellsOf).map((cells) => ({
      rule: cells[0] as string,
      source: cells[1] as string,
      at: cells[2] as number,
      task: cells[3] as string | null,
      session: cells[4] as string | null,
      healed: cells[5] === 1,
    })),
  };
}

function cellsOf(row: Row): Cells {
  return JSON.parse(String(row["cells"] ?? "[]")) as Cells;
}

function readLanes(lanes: readonly Cells[], claims: readonly Cells[]): readonly WatchedLane[] {
  const priority = (number: unknown): Priority => PRIORITIES[number as number] ?? "P4";
  return lanes.map((cells) => {
    const made = claims
      .filter(([lane]) => lane === cells[0])
      .map(([, of, task, at]) => ({ priority: priority(of), task: task as string, at: at as number }));
    return {
      name: cells[0] as string,
      route: { provider: cells[1] as string, model: cells[2] as string },
      capacity: cells[3] as number,
      pausedReason: cells[4] as string | null,
      livingLeases: cells[5] as number,
      oldest: (cells[6] as readonly Cells[]).map(([of, task, readyAt]) => ({
        priority: priority(of),
        task: task as string,
        readyAt: readyAt as number,
      })),
      lastClaimAt: made.length === 0 ? null : Math.max(...made.map(({ at }) => at)),
      claims: made,
    };
  });
}

function readAttempt(cells: Cells): WatchedAttempt {
  return {
    id: attemptId(cells[0] as string, cells[1] as number),
    task: cells[0] as string,
    status: cells[2] as Status,
    agent: cells[3] as string,
    lane: cells[4] as string,
    session: cells[5] as string,
    route: { provider: cells[6] as string, model: cells[7] as string },
    startedAt: cells[8] as number,
    leaseExpiresAt: cells[9] as number,
    lastHeartbeatAt: cells[10] as number,
    heartbeatMs: cells[11] as number,
    agentHolds: cells[12] as number,
    agentNewest: cells[13] as string,
  };
}

type Small =
  | "refusedBeats"
  | "cleared"
  | "rotted"
  | "claims"
  | "overdueProofs"
  | "stuckChannels"
  | "stuckInboxes"
  | "worn"
  | "recurring";

/** Each row is a record whose fields stand in the order its statement writes them. */
function readSmall(rows: (sql: (typeof LOOKS)[number]) => readonly Cells[]): Pick<WatchLook, Small> {
  return {
    refusedBeats: rows(REFUSED_BEATS).map(
      ([actor, task, lane, code, field, expected, got, count, firstAt, lastAt]) =>
        ({
          agent: String(actor).replace(/^agent:/u, ""),
          task,
          lane,
          code,
          field: field ?? "attempt",
          expected: String(expected),
          got: String(got),
          count,
          firstAt,
          lastAt,
        }) as WatchLook["refusedBeats"][number],
    ),
    cleared: named(rows(CLEARED), [
      "task",
      "version",
      "kind",
      "question",
      "owner",
      "since",
      "notBefore",
      "dependencies",
      "openDependencies",
    ]),
    rotted: named(rows(ROTTED), ["task", "at", "reason"]),
    claims: named(rows(CHAT_CLAIMS), ["message", "author", "task", "status", "at"]),
    overdueProofs: named(rows(OVERDUE_PROOFS), [
      "task",
      "status",
      "requirement",
      "kind",
      "dueAt",
      "attachedAt",
      "checks",
      "reason",
    ]),
    stuckChannels: named(rows(STUCK_CHANNELS), [
      "channel",
      "pending",
      "uncertain",
      "failed",
      "oldestAt",
      "error",
    ]),
    stuckInboxes: named(rows(STUCK_INBOXES), ["platform", "waiting", "oldestAt", "error"]),
    worn: named(rows(WORN), ["task", "status", "lane", "failures", "maxAttempts", "lapses", "maxLapses"]),
    recurring: named(rows(RECURRING), [
      "rule",
      "source",
      "openedAt",
      "lastSeenAt",
      "changedAt",
      "seenAt",
      "times",
      "sessions",
      "tasks",
    ]),
  };
}

/** The statement's columns are the type's fields; a test on a real store holds one to the other. */
function named<T>(rows: readonly Cells[], fields: readonly (keyof T & string)[]): readonly T[] {
  return rows.map((cells) => Object.fromEntries(fields.map((field, index) => [field, cells[index]])) as T);
}
