import type { Dispatch } from "../core/dispatch.ts";
import type { Refusal } from "../core/refusal.ts";
import type { Observe } from "../core/route-facts.ts";
import type { Epic, Lane } from "../core/task.ts";

export interface AgentRecord {
  readonly id: number;
  readonly name: string;
  readonly role: "agent" | "operator";
  readonly lanes: readonly string[];
  readonly paused: boolean;
  readonly revoked: boolean;
  readonly createdAt: number;
}

export interface LaneSettings {
  readonly name: string;
  readonly route?: { readonly provider: string; readonly model: string } | undefined;
  readonly capacity?: number | undefined;
  readonly leaseMs?: number | undefined;
  readonly heartbeatMs?: number | undefined;
  readonly dispatch?: Dispatch | undefined;
  readonly observe?: Observe | undefined;
  readonly routeAliases?: readonly string[] | undefined;
}

/** Who works and where: lanes, epics and agents. Every change writes one event of its own. */
export interface RosterStore {
  lanes(): Promise<readonly (Lane & { readonly living: number; readonly runnable: number })[]>;
  lane(name: string): Promise<Lane | null>;
  /** Adds or changes; a new lane needs a route. */
  setLane(settings: LaneSettings, actor: string): Promise<Lane | Refusal>;
  /** `reason` null resumes. */
  pauseLane(name: string, reason: string | null, actor: string): Promise<Lane | Refusal>;
  epics(): Promise<readonly (Epic & { readonly tasks: number; readonly done: number })[]>;
  epic(key: string): Promise<Epic | null>;
  addEpic(epic: Omit<Epic, "id">, actor: string): Promise<Epic | Refusal>;
  agents(): Promise<readonly AgentRecord[]>;
  addAgent(
    agent: {
      readonly name: string;
      readonly role: "agent" | "operator";
      readonly lanes: readonly string[];
      readonly keyHash: string;
    },
    actor: string,
  ): Promise<AgentRecord | Refusal>;
  /** Null where no living key has that hash. */
  agentByKey(keyHash: string): Promise<AgentRecord | null>;
  setAgent(
    name: string,
    change: "pause" | "resume" | "revoke",
    actor: string,
  ): Promise<AgentRecord | Refusal>;
}
