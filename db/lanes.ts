import { invalid, missing, type Refusal, refuse } from "../src/core/refusal.ts";
import { LANE_DEFAULTS } from "../src/core/roster.ts";
import type { Lane } from "../src/core/task.ts";
import type { RosterStore } from "../src/ports/roster.ts";
import { coalesce } from "./coalesce.ts";
import { ADMITTED, type RosterDesk, type RosterEvent } from "./roster-desk.ts";
import { LANE_NAMES, LANES, LANES_BY_NAME, readLane, readLaneCounts, readLaneName } from "./roster-rows.ts";

const MAY_SET_LANE = "?3 IS NOT NULL OR EXISTS (SELECT 1 FROM lanes WHERE name = ?2)";
const SET_LANE = `INSERT INTO lanes (name, provider, model, capacity, lease_ms, heartbeat_ms, dispatch, created_at, updated_at,
  observe, route_aliases)
SELECT ?2, coalesce(?3, l.provider), coalesce(?4, l.model), coalesce(?5, l.capacity, ?9), coalesce(?6, l.lease_ms, ?10),
  coalesce(?7, l.heartbeat_ms, ?11), coalesce(?8, l.dispatch, ?12), :now, :now,
  coalesce(?13, l.observe, 'optional'), coalesce(?14, l.route_aliases, '[]')
FROM (SELECT 1) LEFT JOIN lanes l ON l.name = ?2 WHERE ${ADMITTED}
ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, model = excluded.model, capacity = excluded.capacity,
  lease_ms = excluded.lease_ms, heartbeat_ms = excluded.heartbeat_ms, dispatch = excluded.dispatch,
  observe = excluded.observe, route_aliases = excluded.route_aliases,
  version = lanes.version + 1, updated_at = excluded.updated_at`;

const MAY_PAUSE_LANE = "EXISTS (SELECT 1 FROM lanes WHERE name = ?2 AND paused_reason IS ?4)";
/** How often a pause is decided anew when somebody else paused or resumed in between. */
const DECISIONS = 8;
const PAUSE_LANE = `UPDATE lanes SET paused_at = CASE WHEN ?3 IS NULL THEN NULL ELSE :now END, paused_reason = ?3,
  version = version + 1, updated_at = :now WHERE name = ?2 AND ${ADMITTED}`;

export function laneRoster(
  desk: RosterDesk,
): Pick<RosterStore, "lanes" | "laneNames" | "lane" | "setLane" | "pauseLane"> {
  const lane = coalesce<string, Lane | null>(
    async (names) => {
      const rows = await desk.read(LANES_BY_NAME, [JSON.stringify([...new Set(names)])]);
      const lanes = new Map(rows.map(readLane).map((one) => [one.name, one]));
      return names.map((name) => lanes.get(name) ?? null);
    },
    { max: 256 },
  );
  return {
    lane,
    lanes: async () => (await desk.read(LANES)).map(readLaneCounts),
    laneNames: async () => (await desk.read(LANE_NAMES)).map(readLaneName),

    async setLane(settings, actor) {
      const { name, route, capacity, leaseMs, heartbeatMs, dispatch, observe, routeAliases } = settings;
      const said = [
        name,
        route?.provider ?? null,
        route?.model ?? null,
        capacity ?? null,
        leaseMs ?? null,
        heartbeatMs ?? null,
        dispatch === undefined ? null : JSON.stringify(dispatch),
      ];
      const unsaid = [
        LANE_DEFAULTS.capacity,
        LANE_DEFAULTS.leaseMs,
        LANE_DEFAULTS.heartbeatMs,
        JSON.stringify(LANE_DEFAULTS.dispatch),
      ];
      const data = JSON.parse(JSON.stringify(settings)) as RosterEvent["data"];
      const guard = { sql: MAY_SET_LANE, args: said.slice(0, 2) };
      const demands = [
        observe ?? null,
        routeAliases === undefined ? null : JSON.stringify([...new Set(routeAliases)]),
      ];
      const statements = [{ sql: SET_LANE, args: [...said, ...unsaid, ...demands] }];
      const written = await desk.write({ kind: "lane.set", actor, data }, guard, statements);
      if (written) return (await lane(name)) ?? noLane(name);
      const hint = `Lane ${name} is new: say which route it runs on.`;
      return invalid("route", { expected: "PROVIDER/MODEL", got: null, hint }, "runnable-pull");
    },

    async pauseLane(name, reason, actor, { requestId, from } = {}) {
      for (let tries = 0; tries < DECISIONS; tries += 1) {
        const before = await lane(name);
        if (before === null) return noLane(name);
        const was = before.pausedReason;
        if (was === reason || (from !== undefined && was !== from)) return before;
        const data = { name, ...(reason === null ? {} : { reason }), ...(was === null ? {} : { was }) };
        const event = { kind: reason === null ? "lane.resumed" : "lane.paused", actor, data, requestId };
        const guard = { sql: MAY_PAUSE_LANE, args: [name, reason, was] };
        await desk.write(event, guard, [{ sql: PAUSE_LANE, args: [name, reason] }]);
      }
      return refuse("queue-truth", "contended", {
        field: "lane",
        expected: "a lane that stands still",
        got: `${DECISIONS} changes by others`,
        hint: `Others are pausing and resuming ${name} at this moment: look again.`,
      });
    },
  };
}

function noLane(name: string): Refusal {
  return missing("lane", name, "`gatehouse lane list` shows the lanes.");
}
