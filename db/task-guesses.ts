import type { Status } from "../src/core/task.ts";
import type { Connection } from "./connection.ts";
import { STANDING_IN, type Tiers, type Wanted } from "./title-index.ts";

/** How many digits more a number may have that begins as what was typed. */
const MORE_DIGITS = 3;
const EPICS_MAX = 5;
/** Of an epic that is meant, so many of its newest tasks are looked at; and so many of each status in each lane. */
const NEWEST_OF_EPIC = 500;
const NEWEST_OF_STATUS = 100;
/** How many ids of finished tasks one statement walks. */
const SPAN = 5000;

/** What a key that was typed in part may stand for. */
export interface KeyGuess {
  /** The very task: by its key, by its number in any epic, by the id it had elsewhere. */
  readonly exact: readonly number[];
  /** Tasks whose keys begin so. */
  readonly begun: Tiers;
  /** A dash or a digit was typed behind an epic's key: it can hardly be a word. */
  readonly sure: boolean;
}

const EXACT = `SELECT json_group_array(id) AS cells FROM (
  SELECT t.id FROM epics e CROSS JOIN tasks t ON t.key = e.key || '-' || ?2 WHERE ?2 <> '' UNION
  SELECT t.id FROM tasks t WHERE t.key = ?1 UNION
  SELECT o.task_id FROM origins o WHERE o.external_id = ?3) f
WHERE (SELECT status FROM tasks WHERE id = f.id) IN (SELECT value FROM json_each(?4))`;

/** Shorter numbers first, as they would be typed. */
const BY_NUMBER = `SELECT json_group_array(json_array(id, over)) AS cells FROM (
  SELECT t.id, t.status IN (SELECT value FROM json_each(?3)) AS over FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value
  WHERE t.status IN (SELECT value FROM json_each(?2)) ORDER BY over, j.key LIMIT ?4)`;

const MEANT = `(SELECT id FROM epics WHERE key >= ?1 AND key < ?5 ORDER BY key LIMIT ${EPICS_MAX})`;
const BY_EPIC = `SELECT json_group_array(json_array(id, over)) AS cells FROM (
  SELECT t.id, t.status IN (SELECT value FROM json_each(?3)) AS over FROM (
    SELECT j.value AS id FROM ${MEANT} e CROSS JOIN json_each((SELECT json_group_array(id) FROM
      (SELECT id FROM tasks WHERE epic_id = e.id ORDER BY id DESC LIMIT ${NEWEST_OF_EPIC}))) j
    UNION
    SELECT j.value FROM (SELECT 1 FROM ${MEANT} LIMIT 1)
    CROSS JOIN (SELECT NULL AS lane UNION ALL SELECT id FROM lanes) o CROSS JOIN json_each(?2) s
    CROSS JOIN json_each((SELECT json_group_array(id) FROM (SELECT id FROM tasks
      WHERE lane_id IS o.lane AND status = s.value AND status <> 'done' ORDER BY id DESC LIMIT ${NEWEST_OF_STATUS}))) j
  ) f CROSS JOIN tasks t ON t.id = f.id
  WHERE t.epic_id IN ${MEANT} AND t.status IN (SELECT value FROM json_each(?2)) ORDER BY over, t.id DESC LIMIT ?4)`;

/** What was typed, read as a key or the beginning of one. */
export async function guessByKey(
  connection: Connection,
  text: string,
  wanted: Wanted,
  limit: number,
): Promise<KeyGuess> {
  const key = text.toUpperCase().replace(/^([A-Z][A-Z0-9]*) +(?=[1-9]\d*$)/u, "$1-");
  const number = /^#?([1-9]\d{0,8})$/u.exec(text)?.[1] ?? "";
  const statuses = JSON.stringify([...wanted.open, ...wanted.over]);
  const over = JSON.stringify(wanted.over);
  const [, epic, dash = "", digits = ""] = /^([A-Z][A-Z0-9]{0,23})(?:(-)([1-9]\d{0,8})?)?$/u.exec(key) ?? [];
  const byKey =
    epic === undefined
      ? []
      : digits === ""
        ? // Behind a dash the epic's key is whole; nothing in a key comes before a blank or behind a tilde.
          [{ sql: BY_EPIC, args: [epic, statuses, over, limit, dash === "" ? `${epic}~` : `${epic} `] }]
        : [{ sql: BY_NUMBER, args: [JSON.stringify(keysFrom(epic, digits)), statuses, over, limit] }];
  const [exact = [], begun = []] = await connection.read([
    { sql: EXACT, args: [key, number, text, statuses] },
    ...byKey,
  ]);
  const tasks = JSON.parse(String(begun[0]?.["cells"] ?? "[]")) as [number, number][];
  return {
    exact: JSON.parse(String(exact[0]?.["cells"])) as number[],
    begun: {
      open: tasks.flatMap(([id, isOver]) => (isOver ? [] : [id])),
      over: tasks.flatMap(([id, isOver]) => (isOver ? [id] : [])),
    },
    sure: text.includes("-"),
  };
}

/** `CLIP-1`: that key, then CLIP-10 to CLIP-19, CLIP-100 to CLIP-199, CLIP-1000 to CLIP-1999. */
function keysFrom(epic: string, digits: string): readonly string[] {
  return Array.from({ length: MORE_DIGITS + 1 }, (_, more) => more).flatMap((more) =>
    Array.from({ length: 10 ** more }, (_, tail) =>
      more === 0 ? `${epic}-${digits}` : `${epic}-${digits}${String(tail).padStart(more, "0")}`,
    ),
  );
}

const NEXT_PULLED = `SELECT json_group_array(id) AS cells FROM (
  SELECT t.id FROM lanes o CROSS JOIN json_each((SELECT json_group_array(id) FROM (SELECT id FROM tasks
    WHERE lane_id = o.id AND ready_at IS NOT NULL ORDER BY priority, ready_at, id LIMIT ?1))) j
  CROSS JOIN tasks t ON t.id = j.value ORDER BY t.priority, t.ready_at, t.id LIMIT ?1)`;
const NEWEST = `SELECT json_group_array(id) AS cells FROM (
  SELECT j.value AS id FROM (SELECT NULL AS lane UNION ALL SELECT id FROM lanes) o
  CROSS JOIN json_each((SELECT json_group_array(id) FROM (SELECT id FROM tasks
    WHERE lane_id IS o.lane AND status = ?2 AND status <> 'done' ORDER BY id DESC LIMIT ?1))) j
  ORDER BY 1 DESC LIMIT ?1)`;
const NEWEST_DONE = `SELECT json_array(?3 - ${SPAN}, (SELECT json_group_array(id) FROM (SELECT id FROM tasks
  WHERE status = ?2 AND id <= ?3 AND id > ?3 - ${SPAN} ORDER BY id DESC LIMIT ?1))) AS cells`;
const LAST = "SELECT coalesce(max(id), 0) AS cells FROM tasks";

/**
 * Before anything is typed: what most likely is meant, by the order of the statuses. Of what is queued, what will be
 * pulled next; of everything else the newest. Finished tasks are looked for as long as there is patience.
 */
export async function guessByStatus(
  connection: Connection,
  statuses: readonly Status[],
  limit: number,
  patient: () => Promise<boolean>,
): Promise<readonly number[]> {
  const found = new Set<number>();
  const ask = async (sql: string, ...args: (string | number)[]): Promise<unknown> => {
    const [rows = []] = await connection.read([{ sql, args }]);
    return JSON.parse(String(rows[0]?.["cells"]));
  };
  const add = (ids: unknown): void => {
    for (const id of ids as number[]) found.add(id);
  };
  for (const status of statuses) {
    if (found.size >= limit) break;
    if (status === "queued") add(await ask(NEXT_PULLED, limit));
    if (status !== "done") {
      if (found.size < limit) add(await ask(NEWEST, limit, status));
      continue;
    }
    let below = Number(await ask(LAST));
    while (below > 0 && found.size < limit && (await patient())) {
      const [next, ids] = (await ask(NEWEST_DONE, limit - found.size, status, below)) as [number, number[]];
      add(ids);
      below = next;
    }
  }
  return [...found].slice(0, limit);
}

const FEW = `SELECT json_group_array(json_array(x.task_id, x.title)) AS cells FROM task_texts x
WHERE x.task_id IN (SELECT t.id FROM ${STANDING_IN("?1")})`;
const HOW_MANY = `SELECT count(*) AS cells FROM (SELECT 1 FROM ${STANDING_IN("?1")} LIMIT ?2)`;

/** How many tasks stand in these statuses, which are not done; counted up to a bound. */
export async function countStanding(
  connection: Connection,
  statuses: readonly string[],
  bound: number,
): Promise<number> {
  const [[row] = []] = await connection.read([{ sql: HOW_MANY, args: [JSON.stringify(statuses), bound] }]);
  return Number(row?.["cells"]);
}

/** All of them with their titles: only where they are few. */
export async function standingTitles(
  connection: Connection,
  statuses: readonly string[],
): Promise<readonly (readonly [id: number, title: string])[]> {
  const [[row] = []] = await connection.read([{ sql: FEW, args: [JSON.stringify(statuses)] }]);
  return JSON.parse(String(row?.["cells"])) as [number, string][];
}
