import type { House } from "../../commands/house.ts";
import { routeName } from "../../core/route.ts";
import { IN_FLIGHT, STATUSES, type Status } from "../../core/task.ts";

/** What goes on at this moment, for the panel beside the channel. Times in milliseconds since 1970 UTC, by the database's clock. */
export interface Floor {
  readonly now: number;
  readonly counts: readonly { readonly status: Status; readonly tasks: number }[];
  readonly lanes: readonly {
    readonly name: string;
    readonly route: string;
    readonly capacity: number;
    readonly living: number;
    readonly runnable: number;
    readonly paused: string | null;
  }[];
  readonly work: readonly {
    readonly key: string;
    readonly title: string;
    readonly status: Status;
    readonly lane: string | null;
    readonly agent: string;
    readonly attempt: string;
    readonly leaseExpiresAt: number;
    readonly lastHeartbeatAt: number;
  }[];
}

const WORK_SHOWN = 30;
const FRESH_MS = 1000;
/** Counting walks the whole table: of the time that passes, at most this share goes into it. */
const COUNTING_SHARE = 1 / 20;

/** One look for all who watch, and none for nobody. Answers with what it saw last while that is fresh. */
export function watchFloor(
  house: Pick<House, "clock" | "listing" | "queue" | "roster">,
): () => Promise<Floor> {
  const { clock, listing, queue, roster } = house;
  let counts: { readonly at: number; readonly tookMs: number; readonly of: Floor["counts"] } | null = null;
  let seen: { readonly at: number; readonly floor: Promise<Floor> } | null = null;

  const count = async (): Promise<Floor["counts"]> => {
    const began = clock.now();
    if (counts !== null && began - counts.at < counts.tookMs / COUNTING_SHARE) return counts.of;
    const found = await listing.counts();
    const of = STATUSES.map((status) => ({
      status,
      tasks: found.reduce((sum, one) => (one.status === status ? sum + one.tasks : sum), 0),
    }));
    counts = { at: clock.now(), tookMs: clock.now() - began, of };
    return of;
  };

  const look = async (): Promise<Floor> => {
    const [now, counted, lanes, ...pages] = await Promise.all([
      queue.now(),
      count(),
      roster.lanes(),
      ...IN_FLIGHT.map((status) => listing.list({ status, limit: WORK_SHOWN })),
    ]);
    return {
      now,
      counts: counted,
      lanes: lanes.map(({ name, route, capacity, living, runnable, pausedReason: paused }) => {
        return { name, route: routeName(route), capacity, living, runnable, paused };
      }),
      work: pages
        .flatMap(({ tasks }) => tasks)
        .flatMap(({ key, title, status, lane, holder }) =>
          holder ? [{ key, title, status, lane, ...shown(holder) }] : [],
        ),
    };
  };

  return () => {
    const at = clock.now();
    if (seen === null || at - seen.at >= FRESH_MS) {
      const floor = look();
      seen = { at, floor };
      floor.catch(() => {
        seen = null;
      });
    }
    return seen.floor;
  };
}

function shown(holder: {
  readonly agent: string;
  readonly attempt: string;
  readonly leaseExpiresAt: number;
  readonly lastHeartbeatAt: number;
}) {
  const { agent, attempt, leaseExpiresAt, lastHeartbeatAt } = holder;
  return { agent, attempt, leaseExpiresAt, lastHeartbeatAt };
}
