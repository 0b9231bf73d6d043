import type { House } from "../commands/house.ts";
import { cardNotice } from "../core/card.ts";
import type { EventRecord } from "../ports/log.ts";
import type { RunResult } from "./loop.ts";

const VIEW = "task-cards";
const AT_ONCE = 1000;
/** A task gets its card when somebody takes it up, or when it asks people something; until then it would only be noise. */
const BEGINS: ReadonlySet<string> = new Set(["task.claimed", "task.offered", "task.blocked"]);

/**
 * Brings the cards up to date with the event log. A card is a view: it is made from the task's facts as they are now,
 * so a run that is repeated, or that comes late, writes the same card or a truer one.
 */
export async function updateTaskCards(house: Pick<House, "log" | "outbox" | "queue">): Promise<RunResult> {
  const from = await house.outbox.derivedUpTo(VIEW);
  const events = await house.log.events({ after: from, limit: AT_ONCE });
  const last = events.at(-1);
  if (last === undefined) return { nextDueMs: null };
  const keys = await carded(house, events);
  const facts = await Promise.all(keys.map((key) => house.queue.task(key)));
  const postings = facts.flatMap((one) => (one ? [{ notice: cardNotice(one), task: one.task.key }] : []));
  await house.outbox.derive(VIEW, from, last.id, postings);
  return { nextDueMs: events.length === AT_ONCE ? 0 : null };
}

/** The tasks whose card these events change, and those that get one now. */
async function carded(
  house: Pick<House, "outbox">,
  events: readonly EventRecord[],
): Promise<readonly string[]> {
  const touched = new Set(events.flatMap(({ task }) => task ?? []));
  const begun = events.flatMap(({ task, kind, imported }) =>
    task !== null && BEGINS.has(kind) && imported !== true ? task : [],
  );
  return [...new Set([...begun, ...(await house.outbox.carded([...touched]))])];
}
