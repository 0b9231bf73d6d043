import type { TaskSearch } from "../ports/search.ts";
import type { RunResult } from "./loop.ts";

/** Between two helpings of a long backlog others have the database for as long as one takes. */
const PAUSE_MS = 5;

/** Takes the titles of new tasks into the index that is searched while people type. */
export async function indexTitles(search: TaskSearch): Promise<RunResult> {
  return { nextDueMs: (await search.takeIn()) ? PAUSE_MS : null };
}
