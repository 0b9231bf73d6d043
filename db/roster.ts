import type { Epic } from "../src/core/task.ts";
import type { RosterStore } from "../src/ports/roster.ts";
import { agentRoster } from "./agents.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { laneRoster } from "./lanes.ts";
import { ADMITTED, type RosterDesk, rosterDesk, taken } from "./roster-desk.ts";
import { EPIC_BY_KEY, EPIC_TITLES, EPICS, readEpic, readEpicCounts } from "./roster-rows.ts";

const MAY_ADD_EPIC = "NOT EXISTS (SELECT 1 FROM epics WHERE key = ?2)";
const ADD_EPIC = `INSERT INTO epics (key, title, goal, created_at) SELECT ?2, ?3, ?4, :now WHERE ${ADMITTED}`;

export function rosterStore(connection: Connection, clock: QueueClock): RosterStore {
  const desk = rosterDesk(connection, clock);
  return { ...laneRoster(desk), ...epicRoster(desk), ...agentRoster(desk) };
}

function epicRoster(desk: RosterDesk): Pick<RosterStore, "epics" | "epicTitles" | "epic" | "addEpic"> {
  const epic = async (key: string): Promise<Epic | null> => {
    const [cells] = await desk.read(EPIC_BY_KEY, [key]);
    return cells === undefined ? null : readEpic(cells);
  };
  return {
    epic,
    epicTitles: async () => (await desk.read(EPIC_TITLES)).map(readEpic),
    epics: async () => (await desk.read(EPICS)).map(readEpicCounts),
    async addEpic({ key, title, goal }, actor) {
      const event = { kind: "epic.added", actor, data: { key, title } };
      const guard = { sql: MAY_ADD_EPIC, args: [key] };
      const written = await desk.write(event, guard, [{ sql: ADD_EPIC, args: [key, title, goal] }]);
      const found = await epic(key);
      if (written && found !== null) return found;
      return taken("key", key, `There is an epic ${key} already: add tasks to it, or choose another key.`);
    },
  };
}
