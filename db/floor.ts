import type { FloorAttempt, FloorFacts, FloorLane } from "../src/core/floor.ts";
import { NEED_KINDS, type Need, type NeedKind, type Needs } from "../src/core/need.ts";
import type { FloorFilter, FloorStore } from "../src/ports/floor.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row, Statement } from "./connection.ts";

/** A proof that has had no verdict for so long is somebody's to look at, in milliseconds. */
const STUCK_MS = 3_600_000;

/** ?1 the lanes as JSON, NULL for all; ?2 how many. */
const LANE_OF = (lane: string): string =>
  `(?1 IS NULL OR ${lane} IS NULL OR ${lane} IN (SELECT l.id FROM json_each(?1) j JOIN lanes l ON l.name = j.value))`;

/** Each row: kind, total, and task, version, since, detail, owner, choices, id. */
const need = (kind: NeedKind, cells: string, from: string, order: string): string =>
  `SELECT '${kind}' AS kind, count(*) OVER () AS total, json_array(${cells}) AS cells FROM ${from} ORDER BY ${order} LIMIT ?2`;

const NEEDS: readonly string[] = [
  need(
    "blocked",
    "t.key, t.version, b.since, b.question, b.owner, json(b.choices), NULL",
    `blocks b CROSS JOIN tasks t ON t.id = b.task_id AND t.status = 'blocked' WHERE ${LANE_OF("t.lane_id")}`,
    "b.since, t.id",
  ),
  need(
    "contradiction",
    "t.key, t.version, c.opened_at, c.detail, c.acknowledged_by, json('[]'), c.id",
    `contradictions c LEFT JOIN tasks t ON t.id = c.task_id
      WHERE c.over_at IS NULL AND c.state IN ('open', 'escalated') AND ${LANE_OF("t.lane_id")}`,
    "c.state <> 'escalated', c.opened_at, c.id",
  ),
  need(
    "approval",
    "t.key, t.version, p.attached_at, p.requirement, NULL, json('[]'), NULL",
    `proofs p CROSS JOIN tasks t ON t.id = p.task_id AND t.status = 'verifying'
      WHERE p.verify_at IS NOT NULL AND p.kind = 'human' AND p.superseded = 0 AND ${LANE_OF("t.lane_id")}`,
    "p.attached_at, p.id",
  ),
  need(
    "dead",
    `t.key, t.version, t.updated_at, coalesce((SELECT a.reason FROM attempts a WHERE a.task_id = t.id
      ORDER BY a.number DESC LIMIT 1), 'no attempt is left'), NULL, json('[]'), NULL`,
    `tasks t WHERE t.status = 'dead' AND ${LANE_OF("t.lane_id")}`,
    "t.updated_at, t.id",
  ),
  need(
    "stuck-proof",
    "t.key, t.version, p.attached_at, p.requirement || coalesce(': ' || p.reason, ''), NULL, json('[]'), NULL",
    `proofs p CROSS JOIN tasks t ON t.id = p.task_id
      WHERE p.verify_at IS NOT NULL AND p.kind <> 'human' AND p.superseded = 0 AND p.attached_at <= :now - ${STUCK_MS}
        AND ${LANE_OF("t.lane_id")}`,
    "p.attached_at, p.id",
  ),
];

const LANES = `SELECT :now AS now, json_array(l.name, (SELECT count(*) FROM attempts a WHERE a.lane_id = l.id AND a.ended_at IS NULL
    AND a.lease_expires_at > :now), l.capacity, (SELECT count(*) FROM tasks t WHERE t.lane_id = l.id AND t.ready_at IS NOT NULL),
  json((SELECT json_array(t.key, t.ready_at) FROM tasks t WHERE t.lane_id = l.id AND t.ready_at IS NOT NULL
    ORDER BY t.ready_at, t.id LIMIT 1)), l.paused_reason) AS cells
FROM (SELECT 1) LEFT JOIN lanes l ON ${LANE_OF("l.id")} AND ?2 > 0 ORDER BY l.name`;

const ATTEMPT = `json_array(t.key || '.' || a.number, g.name, l.name, a.started_at, a.last_heartbeat_at)`;
const attempts = (
  where: string,
  order: string,
): string => `SELECT count(*) OVER () AS total, ${ATTEMPT} AS cells
FROM attempts a CROSS JOIN tasks t ON t.id = a.task_id JOIN agents g ON g.id = a.agent_id JOIN lanes l ON l.id = a.lane_id
WHERE a.ended_at IS NULL AND ${LANE_OF("a.lane_id")}${where} ORDER BY ${order} LIMIT ?2`;
const AT_WORK = attempts("", "a.started_at, t.id");
const SILENT = attempts(
  " AND t.status = 'active' AND a.lease_expires_at > :now AND a.last_heartbeat_at < :now - 2 * l.heartbeat_ms",
  "a.last_heartbeat_at, t.id",
);

export function floorStore(connection: Connection, clock: QueueClock): FloorStore {
  const ask = ({ lanes, limit }: FloorFilter, sqls: readonly string[]): Promise<Row[][]> => {
    const args = [lanes === null ? null : JSON.stringify(lanes), limit];
    return connection.read(sqls.map((sql): Statement => ({ sql: clock.sql(sql), args })));
  };
  return {
    needs: async (filter) => readNeeds(await ask(filter, NEEDS)),
    async floor(filter) {
      const [lanes = [], atWork = [], silent = [], ...needs] = await ask(filter, [
        LANES,
        AT_WORK,
        SILENT,
        ...NEEDS,
      ]);
      return {
        now: Number(lanes[0]?.["now"]),
        needs: readNeeds(needs),
        lanes: lanes.flatMap(readLane),
        attempts: atWork.map(readAttempt),
        attemptsTotal: total(atWork),
        silent: silent.map(readAttempt),
        silentTotal: total(silent),
      } satisfies FloorFacts;
    },
  };
}

function total(rows: readonly Row[]): number {
  return Number(rows[0]?.["total"] ?? 0);
}

function readNeeds(results: readonly Row[][]): Needs {
  const rows = results.flat();
  const count = (kind: NeedKind): number => Number(rows.find((row) => row["kind"] === kind)?.["total"] ?? 0);
  const counts = Object.fromEntries(NEED_KINDS.map((kind) => [kind, count(kind)]));
  return { counts: counts as Needs["counts"], items: rows.map(readNeed) };
}

function readNeed(row: Row): Need {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  return {
    kind: row["kind"] as NeedKind,
    task: cells[0] as string | null,
    version: cells[1] as number | null,
    since: cells[2] as number,
    detail: cells[3] as string,
    owner: cells[4] as string | null,
    choices: cells[5] as readonly string[],
    id: cells[6] as number | null,
  };
}

/** Where there is no lane at all, one row still tells the time. */
function readLane(row: Row): readonly FloorLane[] {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  if (cells[0] === null) return [];
  const oldest = cells[4] as readonly [string, number] | null;
  return [
    {
      name: cells[0] as string,
      living: cells[1] as number,
      capacity: cells[2] as number,
      runnable: cells[3] as number,
      oldest: oldest === null ? null : { task: oldest[0], readyAt: oldest[1] },
      pausedReason: cells[5] as string | null,
    },
  ];
}

function readAttempt(row: Row): FloorAttempt {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  return {
    attempt: cells[0] as string,
    agent: cells[1] as string,
    lane: cells[2] as string,
    startedAt: cells[3] as number,
    lastHeartbeatAt: cells[4] as number,
  };
}
