import { begunIn, type Fit } from "../src/core/typed-words.ts";
import type { Connection } from "./connection.ts";

const REACH = `SELECT r.indexed_to AS reach, (SELECT coalesce(max(task_id), 0) FROM task_texts) AS last,
  (SELECT max(task_id) FROM (SELECT task_id FROM task_texts WHERE task_id > r.indexed_to ORDER BY task_id LIMIT ?1)) AS upTo
FROM title_index_reach r`;
/** Where another process took them in meanwhile, neither statement finds anything. */
const TAKE_IN = `INSERT INTO title_index (rowid, title) SELECT x.task_id, x.title FROM task_texts x
WHERE x.task_id > ?1 AND x.task_id <= ?2 AND (SELECT indexed_to FROM title_index_reach) = ?1 ORDER BY x.task_id`;
const MOVE_REACH = "UPDATE title_index_reach SET indexed_to = ?2 WHERE indexed_to = ?1";

/** Takes titles in where so many wait, a few milliseconds of one batch. Whether as many are waiting again. */
export async function takeIn(connection: Connection, atOnce: number): Promise<boolean> {
  const [[row] = []] = await connection.read([{ sql: REACH, args: [atOnce] }]);
  const [reach, last, upTo] = [row?.["reach"], row?.["last"], row?.["upTo"]].map(Number) as [
    number,
    number,
    number,
  ];
  if (last - reach < atOnce) return false;
  const args = [reach, upTo];
  await connection.writeRepeatable([
    { sql: TAKE_IN, args },
    { sql: MOVE_REACH, args },
  ]);
  return last - upTo >= atOnce;
}

/** What the index is asked: each word quoted, so that nothing typed can be more than a word. */
export function matchOf(words: readonly string[], fit: Fit): string {
  return words
    .map((word, index) => `"${word.replaceAll('"', "")}"${begunIn(fit, index, words) ? " *" : ""}`)
    .join(" AND ");
}

export interface Tiers {
  readonly open: readonly number[];
  readonly over: readonly number[];
}

export interface TitleLook extends Tiers {
  /** Where the next look goes on: below this id; null where there are no more. */
  readonly below: number | null;
}

const LOOK = `WITH found AS MATERIALIZED (
  SELECT rowid AS id FROM title_index WHERE title_index MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3)
SELECT json_array((SELECT count(*) FROM found), (SELECT min(id) FROM found),
  (SELECT json_group_array(json_array(f.id, t.status)) FROM found f CROSS JOIN tasks t ON t.id = f.id
    WHERE t.status IN (SELECT value FROM json_each(?4)))) AS cells`;

/** Statuses of which tasks are wanted, those that are not over apart from those that are. */
export interface Wanted {
  readonly open: readonly string[];
  readonly over: readonly string[];
}

/** The newest tasks whose titles match, newest first: of so many matches below an id, those in the wanted statuses. */
export async function lookAtTitles(
  connection: Connection,
  { match, below, matches }: { readonly match: string; readonly below: number; readonly matches: number },
  wanted: Wanted,
  limit: number,
): Promise<TitleLook> {
  const args = [match, below, matches, JSON.stringify([...wanted.open, ...wanted.over])];
  const [[row] = []] = await connection.read([{ sql: LOOK, args }]);
  const [count, least, found] = JSON.parse(String(row?.["cells"])) as [
    number,
    number | null,
    [id: number, status: string][],
  ];
  const of = (statuses: readonly string[]): readonly number[] =>
    found
      .filter(([, status]) => statuses.includes(status))
      .map(([id]) => id)
      .toSorted((a, b) => b - a)
      .slice(0, limit);
  return { open: of(wanted.open), over: of(wanted.over), below: count < matches ? null : least };
}

/** All tasks in statuses that are not done, from an index that holds nothing else. */
export const STANDING_IN = (
  statuses: string,
): string => `(SELECT NULL AS lane UNION ALL SELECT id FROM lanes) o
  CROSS JOIN json_each(${statuses}) s
  CROSS JOIN tasks t INDEXED BY tasks_by_lane ON t.lane_id IS o.lane AND t.status = s.value AND t.status <> 'done'`;

const AMONG = `WITH standing AS MATERIALIZED (SELECT t.id FROM ${STANDING_IN("?4")}),
found AS MATERIALIZED (
  SELECT rowid AS id FROM title_index WHERE title_index MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3)
SELECT json_array((SELECT count(*) FROM found), (SELECT min(id) FROM found),
  (SELECT json_group_array(id) FROM (SELECT id FROM found WHERE id IN (SELECT id FROM standing)
    ORDER BY id DESC LIMIT ?5))) AS cells`;

/**
 * The same for tasks that are not done where they are few among many matches: their ids come from an index of their own,
 * and no task is read that is not among them.
 */
export async function lookAmong(
  connection: Connection,
  { match, below, matches }: { readonly match: string; readonly below: number; readonly matches: number },
  statuses: readonly string[],
  limit: number,
): Promise<TitleLook> {
  const args = [match, below, matches, JSON.stringify(statuses), limit];
  const [[row] = []] = await connection.read([{ sql: AMONG, args }]);
  const [count, least, open] = JSON.parse(String(row?.["cells"])) as [number, number | null, number[]];
  return { open, over: [], below: count < matches ? null : least };
}
