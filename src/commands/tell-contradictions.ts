import { allChecks } from "../checks/all.ts";
import type { Contradiction } from "../core/contradiction.ts";
import { contradictionNotice, contradictionReplies, isTold } from "../core/contradiction-notice.ts";
import type { House } from "./house.ts";
import { isUndoable } from "./undo-healing.ts";

const AT_ONCE = 200;
/** A rule that a later version dropped is still told by its name, until its records are over. */
const UNKNOWN = { weight: "loud" } as const;

/**
 * Brings the messages up to date: one a contradiction, edited in place, and a reply below it where it escalated or is
 * over. Each is written under a subject of its own, so that a run that died in between, or another process that tells
 * the same, leaves them as they are.
 */
export async function tellContradictions(house: Pick<House, "contradictions" | "outbox">): Promise<number> {
  let posted = 0;
  for (;;) {
    const records = await house.contradictions.untold(AT_ONCE);
    if (records.length === 0) return posted;
    const worth = records.filter((record) => isTold(record, checkOf(record)));
    const mended = await mendings(house, worth);
    for (const record of worth) {
      const notice = contradictionNotice(record, checkOf(record), mended.get(record.id) ?? null);
      await house.outbox.post(notice, record.task ?? null);
    }
    const notices = await house.contradictions.notices(worth.map(({ id }) => id));
    for (const record of worth) {
      const under = notices.get(record.id);
      if (under === undefined) continue;
      for (const reply of contradictionReplies(record, under)) {
        await house.outbox.post(reply, record.task ?? null);
      }
    }
    posted += worth.length;
    const said = new Set(worth.map(({ id }) => id));
    await house.contradictions.told(
      records.map(({ id, revision }) => ({ id, revision, told: said.has(id) })),
    );
    if (records.length < AT_ONCE) return posted;
  }
}

/** Of those that were mended, and could be put back as they were: the journal's number, by the contradiction's. */
async function mendings(
  house: Pick<House, "contradictions">,
  records: readonly Contradiction[],
): Promise<ReadonlyMap<number, number>> {
  const ids = records.flatMap(({ id, state }) => (state === "healed" ? id : []));
  const healings = ids.length === 0 ? [] : [...(await house.contradictions.healingsOf(ids)).values()];
  return new Map(healings.filter(isUndoable).map(({ contradiction, id }) => [contradiction, id]));
}

function checkOf({ rule }: Contradiction) {
  return allChecks.find((check) => check.rule === rule) ?? { ...UNKNOWN, title: rule };
}
