import type { DefaultPolicy, PolicyPlace, PolicyStore } from "../src/ports/policies.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { ADMITTED, type RosterEvent, rosterDesk } from "./roster-desk.ts";

const POLICY = `SELECT json_array(iif(p.epic_id IS NULL, 'lane', 'epic'), coalesce(e.key, l.name), p.template, json(p.given),
  json(p.requirements), p.set_by, p.set_at) AS cells
FROM policies p LEFT JOIN lanes l ON l.id = p.lane_id LEFT JOIN epics e ON e.id = p.epic_id`;
const ALL = `${POLICY} ORDER BY p.epic_id IS NULL, coalesce(e.key, l.name)`;
const ON_LANE = `${POLICY} WHERE l.name = ?1`;
const ON_EPIC = `${POLICY} WHERE e.key = ?1`;
const DEFAULTS = `${POLICY} WHERE e.key = ?1 OR l.name = ?2 ORDER BY p.epic_id IS NULL LIMIT 1`;

const LANE = "(SELECT id FROM lanes WHERE ?2 = 'lane' AND name = ?3)";
const EPIC = "(SELECT id FROM epics WHERE ?2 = 'epic' AND key = ?3)";
const CLEAR = `DELETE FROM policies WHERE (lane_id = ${LANE} OR epic_id = ${EPIC}) AND ${ADMITTED}`;
const SET = `INSERT INTO policies (lane_id, epic_id, template, given, requirements, set_by, set_at)
SELECT ${LANE}, ${EPIC}, ?4, ?5, ?6, ?7, :now WHERE ${ADMITTED}`;

export function policyStore(connection: Connection, clock: QueueClock): PolicyStore {
  const desk = rosterDesk(connection, clock);
  const read = async (sql: string, ...args: readonly (string | null)[]): Promise<readonly DefaultPolicy[]> =>
    (await desk.read(sql, args)).map((cells) => readPolicy(cells));
  return {
    policies: () => read(ALL),
    async policy(on) {
      return (await read(on.kind === "lane" ? ON_LANE : ON_EPIC, on.name))[0] ?? null;
    },
    async defaults(epic, lane) {
      return (await read(DEFAULTS, epic, lane))[0] ?? null;
    },
    async setPolicy({ on, template, given, requirements }, actor) {
      const data = { [on.kind]: on.name, template, given, requirements: [...requirements] };
      const place = [on.kind, on.name];
      const guard = { sql: `${LANE} IS NOT NULL OR ${EPIC} IS NOT NULL`, args: place };
      const cells = [...place, template, JSON.stringify(given), JSON.stringify(requirements), actor];
      const event: RosterEvent = { kind: "policy.set", actor, data };
      return desk.write(event, guard, [
        { sql: CLEAR, args: place },
        { sql: SET, args: cells },
      ]);
    },
    async clearPolicy(on, actor) {
      const place = [on.kind, on.name];
      const guard = {
        sql: `EXISTS (SELECT 1 FROM policies WHERE lane_id = ${LANE} OR epic_id = ${EPIC})`,
        args: place,
      };
      const event = { kind: "policy.cleared", actor, data: { [on.kind]: on.name } };
      return desk.write(event, guard, [{ sql: CLEAR, args: place }]);
    },
  };
}

function readPolicy(json: string): DefaultPolicy {
  const [kind, name, template, given, requirements, setBy, setAt] = JSON.parse(json) as [
    PolicyPlace["kind"],
    string,
    string,
    DefaultPolicy["given"],
    DefaultPolicy["requirements"],
    string,
    number,
  ];
  return { on: { kind, name }, template, given, requirements, setBy, setAt };
}
