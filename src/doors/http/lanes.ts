import { z } from "@hono/zod-openapi";
import { pauseLane, resumeLane } from "../../commands/pause-lane.ts";
import { setLane } from "../../commands/set-lane.ts";
import type { Dispatch } from "../../core/dispatch.ts";
import { done, missing, type Outcome, refused } from "../../core/refusal.ts";
import { CAPACITY_MAX, LEASE_MAX_MS, LEASE_MIN_MS, ROUTE_ALIASES_MAX } from "../../core/roster.ts";
import { OBSERVE } from "../../core/route-facts.ts";
import type { Lane } from "../../core/task.ts";
import type { EventRecord } from "../../ports/log.ts";
import { type Call, type CallContext, defineCall } from "./call.ts";
import { line, Reason, RouteFields } from "./fields.ts";

const DispatchJson = z
  .looseObject({
    kind: z.string().max(40).openapi({ example: "webhook" }),
    agent: z.string().max(60).optional(),
    offerSeconds: z.int().optional(),
  })
  .openapi({ description: "pull, or how work is handed out: docs/dispatch.md" });
const laneFields = {
  name: z.string(),
  route: z.object({ provider: z.string(), model: z.string() }),
  capacity: z.int(),
  leaseSeconds: z.number(),
  heartbeatSeconds: z.number(),
  dispatch: DispatchJson,
  pausedReason: z.string().nullable(),
  version: z.int(),
  observe: z
    .enum(OBSERVE)
    .openapi({ description: "required: what no instrument saw on the route is never done" }),
  routeAliases: z.array(z.string()),
};
const LaneJson = z.object(laneFields).openapi("Lane");
const LaneParams = z.object({ name: z.string().openapi({ example: "builder" }) });

function laneJson(lane: Lane): z.input<typeof LaneJson> {
  return {
    ...lane,
    routeAliases: [...lane.routeAliases],
    leaseSeconds: lane.leaseMs / 1000,
    heartbeatSeconds: lane.heartbeatMs / 1000,
  };
}

const list = defineCall({
  method: "get",
  path: "/v1/lanes",
  name: "listLanes",
  summary: "The lanes, with their living leases and runnable tasks",
  success: {
    status: 200,
    schema: z
      .object({ lanes: z.array(z.object({ ...laneFields, living: z.int(), runnable: z.int() })) })
      .openapi("Lanes"),
    description: "All lanes",
  },
  async run({ house }) {
    const lanes = await house.roster.lanes();
    return done({ lanes: lanes.map((lane) => ({ ...lane, ...laneJson(lane) })) });
  },
});

const seconds = (min: number, max: number) =>
  z
    .number()
    .min(min)
    .max(max)
    .refine((value) => Number.isInteger(value * 1000), "whole milliseconds");

const set = defineCall({
  method: "put",
  path: "/v1/lanes/{name}",
  name: "setLane",
  summary: "Add a lane, or change what is said of one and leave the rest",
  role: "operator",
  params: LaneParams,
  body: z
    .strictObject({
      route: RouteFields.optional(),
      capacity: z.int().min(0).max(CAPACITY_MAX).optional(),
      leaseSeconds: seconds(LEASE_MIN_MS / 1000, LEASE_MAX_MS / 1000).optional(),
      heartbeatSeconds: seconds(0.001, LEASE_MAX_MS / 1000).optional(),
      dispatch: DispatchJson.optional(),
      observe: z.enum(OBSERVE).optional(),
      routeAliases: z.array(line(200)).max(ROUTE_ALIASES_MAX).optional(),
    })
    .openapi("LaneSettings"),
  success: { status: 200, schema: LaneJson, description: "The lane" },
  async run({ house, caller }, { params, body }) {
    const { leaseSeconds, heartbeatSeconds, dispatch, ...rest } = body;
    const settings = {
      ...rest,
      // Whatever a dispatcher takes is for it to check.
      dispatch: dispatch as Dispatch | undefined,
      name: params.name,
      leaseMs: leaseSeconds === undefined ? undefined : Math.round(leaseSeconds * 1000),
      heartbeatMs: heartbeatSeconds === undefined ? undefined : Math.round(heartbeatSeconds * 1000),
    };
    const lane = await setLane(house, settings, caller);
    return lane.ok ? done(laneJson(lane.value)) : lane;
  },
});

/** The lane as it stands now: what the request did to it is on record. */
async function recallLane(
  { house }: CallContext,
  { data }: EventRecord,
): Promise<Outcome<z.input<typeof LaneJson>>> {
  const name = typeof data["name"] === "string" ? data["name"] : "";
  const lane = await house.roster.lane(name);
  const hint = "`GET /v1/lanes` shows the lanes.";
  return lane === null ? refused(missing("lane", name, hint)) : done(laneJson(lane));
}

const pause = defineCall({
  method: "post",
  path: "/v1/lanes/{name}/pause",
  name: "pauseLane",
  summary: "Nothing more is pulled from the lane; what is being worked on goes on",
  role: "operator",
  params: LaneParams,
  body: z.strictObject({ reason: Reason }).openapi("Pause"),
  success: { status: 200, schema: LaneJson, description: "The lane" },
  async run({ house, caller }, { params, body }) {
    const lane = await pauseLane(house, { name: params.name, reason: body.reason }, caller);
    return lane.ok ? done(laneJson(lane.value)) : lane;
  },
  recall: recallLane,
});

const resume = defineCall({
  method: "post",
  path: "/v1/lanes/{name}/resume",
  name: "resumeLane",
  summary: "Let the lane be pulled from again",
  role: "operator",
  params: LaneParams,
  success: { status: 200, schema: LaneJson, description: "The lane" },
  async run({ house, caller }, { params }) {
    const lane = await resumeLane(house, params.name, caller);
    return lane.ok ? done(laneJson(lane.value)) : lane;
  },
  recall: recallLane,
});

export const laneCalls: readonly Call[] = [list, set, pause, resume];
