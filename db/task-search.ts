import { beyondWords, type Fit, fitOf, fitsFor, wordsOf } from "../src/core/typed-words.ts";
import type { TaskSummary } from "../src/ports/listing.ts";
import type { TaskQuestion, TaskSearch } from "../src/ports/search.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { countStanding, guessByKey, guessByStatus, standingTitles } from "./task-guesses.ts";
import { readSummaries } from "./task-list.ts";
import { lookAmong, lookAtTitles, matchOf, type Tiers, takeIn, type Wanted } from "./title-index.ts";

/** Where a search turns from one way of looking to another; tests take other sizes to come through each of them. */
export interface SearchSizes {
  /** Somebody is typing: what is not found in so many milliseconds of looking deeper is left. */
  readonly patienceMs: number;
  /** How many matches the first looks go through, and those that follow where nothing shorter is left. */
  readonly firstLooks: readonly number[];
  readonly nextLooks: readonly number[];
  readonly lookAmong: number;
  /** Tasks that are not over: of so few the titles are read; of so many the ids are held against what the index finds. */
  readonly few: number;
  readonly many: number;
  /** How many titles go into the index at once; fewer wait, and are read as they stand. */
  readonly atOnce: number;
  /** How many titles beyond the index are read: nearly always all; in the middle of an import the newest. */
  readonly beyond: number;
}

const SIZES: SearchSizes = {
  patienceMs: 150,
  firstLooks: [400, 4000],
  nextLooks: [8000, 32_000],
  lookAmong: 100_000,
  few: 2000,
  many: 50_000,
  atOnce: 500,
  beyond: 2000,
};
/** How many ids one statement of a plain scan walks. */
const SCAN = 4000;
const OVER: readonly string[] = ["done", "cancelled"];

type Titled = readonly [id: number, title: string, over: number];

/** A search under way: what is wanted, and how long it may still take. */
interface Search {
  readonly connection: Connection;
  readonly text: string;
  readonly words: readonly string[];
  readonly wanted: Wanted;
  readonly limit: number;
  readonly sizes: SearchSizes;
  /** Gives the event loop a turn, then says whether there is time for more. */
  readonly patient: () => Promise<boolean>;
  /** The tasks that are not over, if they are few; else how many they are, up to a bound. Looked up once. */
  readonly standing: () => Promise<Standing>;
}

type Standing = { readonly titles: readonly Titled[] } | { readonly tasks: number };

export function taskSearch(
  connection: Connection,
  clock: QueueClock,
  sizes: Partial<SearchSizes> = {},
): TaskSearch {
  const all = { ...SIZES, ...sizes };
  return {
    find: (question) => find(connection, clock, question, all),
    takeIn: () => takeIn(connection, all.atOnce),
  };
}

async function find(
  connection: Connection,
  clock: QueueClock,
  { text: typed, statuses, limit }: TaskQuestion,
  sizes: SearchSizes,
): Promise<readonly TaskSummary[]> {
  const text = typed.trim();
  const until = performance.now() + sizes.patienceMs;
  const patient = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve));
    return performance.now() < until;
  };
  const wanted = {
    open: statuses.filter((status) => !OVER.includes(status)),
    over: statuses.filter((status) => OVER.includes(status)),
  };
  let known: Promise<Standing> | null = null;
  const standing = (): Promise<Standing> => {
    known ??= readStanding(connection, wanted.open, sizes);
    return known;
  };
  const search = { connection, text, words: wordsOf(text), wanted, limit, sizes, patient, standing };
  const ids =
    text === "" ? await guessByStatus(connection, statuses, limit, patient) : await findTyped(search);
  return readSummaries(connection, clock, ids, statuses);
}

async function findTyped(search: Search): Promise<readonly number[]> {
  const { connection, text, wanted, limit } = search;
  const key = await guessByKey(connection, text, wanted, limit);
  const byKey = [...key.begun.open, ...key.begun.over];
  // What may be an epic's key as well as a word leaves titles half of the room.
  const first = key.sure ? byKey : byKey.slice(0, Math.ceil(limit / 2));
  const found = new Set([...key.exact, ...first]);
  if (found.size < limit) {
    const titles = await findTitles(search);
    for (const id of [...titles.open, ...titles.over, ...byKey]) found.add(id);
  }
  if (found.size < limit && beyondWords(text)) {
    const scanned = await scan(search);
    for (const id of [...scanned.open, ...scanned.over]) found.add(id);
  }
  return [...found].slice(0, limit);
}

/** Titles with all the words, the strictest fit first, each task once. */
async function findTitles(search: Search): Promise<Tiers> {
  const { connection, words, wanted, limit } = search;
  const fits = fitsFor(words);
  if (fits.length === 0) return { open: [], over: [] };
  const beyond = await titlesBeyond(search);
  const open = new Set<number>();
  const over = new Set<number>();
  const add = (tiers: Tiers): void => {
    for (const id of tiers.open) open.add(id);
    for (const id of tiers.over) over.add(id);
  };
  for (const fit of fits) {
    add(fitting(beyond, words, fit));
    const match = matchOf(words, fit);
    let below: number | null = Number.MAX_SAFE_INTEGER;
    for (const matches of search.sizes.firstLooks) {
      if (below === null || open.size >= limit || (wanted.open.length === 0 && over.size >= limit)) break;
      const look = await lookAtTitles(connection, { match, below, matches }, wanted, limit);
      add(look);
      below = look.below;
    }
    if (below !== null && open.size < limit && wanted.open.length > 0) {
      add({ open: await findDeeper(search, fit, below), over: [] });
    }
    if (below !== null && open.size + over.size < limit && wanted.over.length > 0) {
      add(await walkDown(search, { match, below }, { open: [], over: wanted.over }));
    }
    if (open.size >= limit || !(await search.patient())) break;
  }
  return { open: [...open], over: [...over] };
}

/** Tasks that are not over, where the newest matches held too few of them: from the side that is shorter. */
async function findDeeper(search: Search, fit: Fit, from: number): Promise<readonly number[]> {
  const { connection, words, wanted, limit, sizes, patient } = search;
  const match = matchOf(words, fit);
  const standing = await search.standing();
  if ("titles" in standing) return fitting(standing.titles, words, fit).open;
  if (standing.tasks > sizes.many)
    return (await walkDown(search, { match, below: from }, { ...wanted, over: [] })).open;
  const found: number[] = [];
  for (let below: number | null = from; below !== null && found.length < limit && (await patient()); ) {
    const look = { match, below, matches: sizes.lookAmong };
    const next = await lookAmong(connection, look, wanted.open, limit - found.length);
    found.push(...next.open);
    below = next.below;
  }
  return found;
}

async function readStanding(
  connection: Connection,
  statuses: readonly string[],
  { few, many }: SearchSizes,
): Promise<Standing> {
  const tasks = await countStanding(connection, statuses, many + 1);
  if (tasks > few) return { tasks };
  return { titles: (await standingTitles(connection, statuses)).map(([id, title]) => [id, title, 0]) };
}

/** Match by match, newest first, while there is patience. */
async function walkDown(
  { connection, limit, sizes, patient }: Search,
  { match, below: from }: { readonly match: string; readonly below: number },
  wanted: Wanted,
): Promise<Tiers> {
  const open: number[] = [];
  const over: number[] = [];
  let below: number | null = from;
  for (let looks = 0; below !== null && open.length + over.length < limit && (await patient()); looks += 1) {
    const matches = sizes.nextLooks[Math.min(looks, sizes.nextLooks.length - 1)] ?? 1;
    const next = await lookAtTitles(connection, { match, below, matches }, wanted, limit);
    open.push(...next.open);
    over.push(...next.over);
    below = next.below;
  }
  return { open, over };
}

/** Newest first. */
function fitting(titles: readonly Titled[], words: readonly string[], wanted: Fit): Tiers {
  const fitHere = fitOf(words);
  const ids = (isOver: boolean): readonly number[] =>
    titles
      .filter(([, title, over]) => (over === 1) === isOver && fitHere(title) === wanted)
      .map(([id]) => id)
      .toSorted((a, b) => b - a);
  return { open: ids(false), over: ids(true) };
}

const TITLES_BEYOND = `SELECT json_group_array(json_array(x.id, x.title, t.status IN (SELECT value FROM json_each(?2)))) AS cells
FROM (SELECT task_id AS id, title FROM task_texts WHERE task_id > (SELECT indexed_to FROM title_index_reach)
  ORDER BY task_id DESC LIMIT ?3) x
CROSS JOIN tasks t ON t.id = x.id WHERE t.status IN (SELECT value FROM json_each(?1))`;

/** What is not in the index yet. */
async function titlesBeyond({ connection, wanted, sizes }: Search): Promise<readonly Titled[]> {
  const args = [JSON.stringify([...wanted.open, ...wanted.over]), JSON.stringify(wanted.over), sizes.beyond];
  const [[row] = []] = await connection.read([{ sql: TITLES_BEYOND, args }]);
  return JSON.parse(String(row?.["cells"])) as Titled[];
}

const LAST = "SELECT coalesce(max(id), 0) AS last FROM tasks";
const SCANNED = `SELECT json_group_array(json_array(t.id, x.title, t.status IN (SELECT value FROM json_each(?2)))) AS cells
FROM tasks t CROSS JOIN task_texts x ON x.task_id = t.id
WHERE t.id <= ?3 AND t.id > ?3 - ${SCAN} AND instr(lower(x.title), lower(?4)) > 0
  AND t.status IN (SELECT value FROM json_each(?1))`;

/** What no index by words finds, as it was typed, anywhere in a title: newest first, while there is patience. */
async function scan({ connection, text, wanted, limit, patient }: Search): Promise<Tiers> {
  const open: number[] = [];
  const over: number[] = [];
  const statuses = [JSON.stringify([...wanted.open, ...wanted.over]), JSON.stringify(wanted.over)];
  const [[row] = []] = await connection.read([{ sql: LAST }]);
  for (let below = Number(row?.["last"]); below > 0 && open.length < limit; below -= SCAN) {
    const [[found] = []] = await connection.read([
      { sql: SCANNED, args: [...statuses, below, text.normalize("NFC")] },
    ]);
    const titles = (JSON.parse(String(found?.["cells"])) as Titled[]).toSorted(([a], [b]) => b - a);
    for (const [id, , isOver] of titles) (isOver === 1 ? over : open).push(id);
    if (!(await patient())) break;
  }
  return { open, over };
}
