import type { Status } from "../core/task.ts";
import type { TaskSummary } from "./listing.ts";

export interface TaskQuestion {
  /** As it was typed, and perhaps not to its end; empty where nothing was typed yet. */
  readonly text: string;
  /** Only tasks in these. While nothing is typed, those of the first come first. */
  readonly statuses: readonly Status[];
  /** At least 1. */
  readonly limit: number;
}

/** Which task somebody means who is typing. */
export interface TaskSearch {
  /**
   * Best first: the task of that key, number or old id; keys that begin so; then titles with all the words, in any order,
   * upper and lower case and accents alike. Tasks that are not over come before those that are, whole words before
   * beginnings of words, newer ones before older ones. While nothing is typed: what is most likely meant, by status.
   */
  find(question: TaskQuestion): Promise<readonly TaskSummary[]>;
  /** Takes titles into the index, some hundreds at the most; whether more of them wait. A few always do, and are found. */
  takeIn(): Promise<boolean>;
}
