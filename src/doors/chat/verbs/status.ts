import { z } from "zod";
import { routeName } from "../../../core/route.ts";
import { STATUSES } from "../../../core/task.ts";
import { defineVerb } from "../verb.ts";

export const status = defineVerb({
  path: "status",
  summary: "Lanes and counts at this moment",
  example: "/gate status",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "at-once",
  arguments: {
    lane: {
      schema: z.string().trim().optional(),
      place: 1,
      shown: "LANE",
      about: "one lane alone",
      type: "lane",
    },
  },
  async run({ house }, { lane: only }) {
    const [lanes, counts] = await Promise.all([house.roster.lanes(), house.listing.counts()]);
    const wanted = (lane: string | null): boolean => only === undefined || lane === only;
    return {
      kind: "status",
      lanes: lanes
        .filter(({ name }) => wanted(name))
        .map(({ name, route, capacity, living, runnable, pausedReason }) => {
          return { name, route: routeName(route), capacity, living, runnable, pausedReason };
        }),
      counts: STATUSES.flatMap((one) => {
        const tasks = counts.filter((count) => count.status === one && wanted(count.lane));
        const total = tasks.reduce((sum, count) => sum + count.tasks, 0);
        return total === 0 ? [] : [{ status: one, tasks: total }];
      }),
    };
  },
});
