import type { House } from "../../commands/house.ts";
import { shownNeeds } from "../../core/need.ts";
import type { Status } from "../../core/task.ts";
import type { Overview } from "../../ports/chat-receiver.ts";
import type { Speaker } from "./role.ts";

/** Of each kind of need the oldest: more than a page shows, so that one's own are among them. */
const LOOKED_AT = 25;
const TASKS_SHOWN = 8;
/** So many of somebody's last acts tell which tasks are his. */
const ACTS = 50;
/** The log has no index by actor: one's own acts are looked for no more often than this. */
const KEPT_MS = 60_000;
const OVER: ReadonlySet<Status> = new Set(["done", "cancelled"]);
const DAYS_7 = 7 * 86_400_000;

/** What waits for people, this one first, the tasks this one had to do with lately, and how the lanes stand. */
export function overviews(house: House): (speaker: Speaker) => Promise<Overview> {
  const kept = new Map<string, { readonly until: number; readonly keys: Promise<readonly string[]> }>();
  const keysOf = (actor: string): Promise<readonly string[]> => {
    const now = house.clock.now();
    const known = kept.get(actor);
    if (known !== undefined && known.until > now) return known.keys;
    for (const [name, { until }] of kept) if (until <= now) kept.delete(name);
    const keys = touchedBy(house, actor, now);
    kept.set(actor, { until: now + KEPT_MS, keys });
    keys.catch(() => kept.delete(actor));
    return keys;
  };
  return async ({ actor, role }) => {
    const [{ now, needs, lanes }, keys] = await Promise.all([
      house.floor.floor({ lanes: null, limit: LOOKED_AT }),
      keysOf(actor),
    ]);
    const shown = shownNeeds(needs, now, house.timezone);
    return {
      actor,
      role,
      at: now,
      mine: shown.filter(({ owner }) => owner === actor),
      needs: shown.filter(({ owner }) => owner !== actor),
      counts: needs.counts,
      tasks: await stillOpen(house, keys),
      lanes,
    };
  };
}

/** The tasks somebody did something about, the latest first. */
async function touchedBy(house: Pick<House, "log">, actor: string, now: number): Promise<readonly string[]> {
  const { events } = await house.log.recent({ actor, since: now - DAYS_7, limit: ACTS });
  return [...new Set(events.flatMap(({ task }) => (task === null ? [] : [task])))];
}

async function stillOpen(house: Pick<House, "queue">, keys: readonly string[]): Promise<Overview["tasks"]> {
  const open: Overview["tasks"][number][] = [];
  for (const key of keys) {
    if (open.length >= TASKS_SHOWN) break;
    const task = (await house.queue.task(key))?.task;
    if (task === undefined || OVER.has(task.status)) continue;
    const { title, status, priority, version } = task;
    open.push({ key, title, status, priority, version });
  }
  return open;
}
