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
/** Counting walks the whole table: of the time that passes, at most this share goes into looking. */
const SHARE = 1 / 20;

/** One look for all who watch, and none for nobody. Answers with what it saw last while that is fresh. */
export function watchFloor(
  house: Pick<House, "clock" | "listing" | "queue" | "roster">,
): () => Promise<Floor> {
  const { clock } = house;
  let seen: Promise<Floor> | null = null;
  let freshUntil = 0;
  return () => {
    const began = clock.now();
    if (seen === null || began >= freshUntil) {
      freshUntil = Number.POSITIVE_INFINITY;
      seen = look(house);
      seen.then(
        () => {
          const now = clock.now();
          freshUntil = now + Math.max(FRESH_MS, (now - began) / SHARE);
        },
        () => {
          seen = null;
        },
      );
    }
    return seen;
  };
}

async function look({ listing, queue, roster }: Pick<House, "listing" | "queue" | "roster">): Promise<Floor> {
  const [now, found, lanes, ...pages] = await Promise.all([
    queue.now(),
    listing.counts(),
    roster.lanes(),
    ...IN_FLIGHT.map((status) => listing.list({ status, limit: WORK_SHOWN })),
  ]);
  return {
    now,
    counts: STATUSES.map((status) => ({
      status,
      tasks: found.reduce((sum, one) => (one.status === status ? sum + one.tasks : sum), 0),
    })),
    lanes: lanes.map(({ name, route, capacity, living, runnable, pausedReason: paused }) => {
      return { name, route: routeName(route), capacity, living, runnable, paused };
    }),
    work: pages
      .flatMap(({ tasks }) => tasks)
      .flatMap(({ key, title, status, lane, holder }) =>
        holder ? [{ key, title, status, lane, ...shown(holder) }] : [],
      ),
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
