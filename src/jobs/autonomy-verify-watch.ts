import type { House } from "../commands/house.ts";
import { type Watched, watchQueue } from "../commands/watch-queue.ts";

/** One run of the watch. Safe to run on any process, and on several at once. */
export function autonomyVerifyWatch(house: House): Promise<Watched> {
  return watchQueue(house);
}
