import type { House } from "../commands/house.ts";
import { cardNotice, offerOf, offerSubject } from "../core/card.ts";
import { shownNotice } from "../core/notice-data.ts";
import type { EventRecord } from "../ports/log.ts";
import type { Posting } from "../ports/outbox.ts";
import type { RunResult } from "./loop.ts";

const VIEW = "task-cards";
const AT_ONCE = 1000;
/** A task gets its card when somebody takes it up, or when it asks people something; until then it would only be noise. */
const BEGINS: ReadonlySet<string> = new Set(["task.claimed", "task.offered", "task.blocked"]);
/** What ends an offer: its agent took it up, nobody did in time, or a person called it off. */
const ENDS_OFFER: ReadonlySet<string> = new Set(["task.started", "offer.lapsed", "task.cancelled"]);

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
  const cards = facts.flatMap((one) => (one ? [{ notice: cardNotice(one), task: one.task.key }] : []));
  const offers = await endedOffers(house, events);
  await house.outbox.derive(VIEW, from, last.id, [...cards, ...offers]);
  return { nextDueMs: events.length === AT_ONCE ? 0 : null };
}

/** An offer's card says what became of it, in the channel where it stands, and is left alone from then on. */
async function endedOffers(
  house: Pick<House, "outbox" | "queue">,
  events: readonly EventRecord[],
): Promise<readonly Posting[]> {
  const ended = events.flatMap(({ kind, attempt, imported }) =>
    attempt !== null && ENDS_OFFER.has(kind) && imported !== true ? offerSubject(attempt) : [],
  );
  const cards = ended.length === 0 ? [] : await house.outbox.live(ended);
  const postings = cards.map(async ({ subject, data }): Promise<readonly Posting[]> => {
    const facts = await house.queue.attempt(offerOf(subject) ?? "");
    const shown = shownNotice({ kind: "task-card", data });
    if (facts === null || shown?.kind !== "task-card" || shown.data.place === undefined) return [];
    const { mention, place } = shown.data;
    const card = cardNotice(facts);
    const notice = { ...card, subject, data: { ...card.data, ...(mention ? { mention } : {}), place } };
    return [{ notice, task: facts.task.key, only: place }];
  });
  return (await Promise.all(postings)).flat();
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
