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

/** What else stands on a change of the roster. */
export interface RosterChange {
  /** Of the request that asked for it: it goes onto the event, which the log takes once. */
  readonly requestId?: string | undefined;
  /** Only where it was so until now: the reason a lane is paused for, null where it runs. */
  readonly from?: string | null | undefined;
}

/** Who works and where: lanes, epics and agents. Every change writes one event of its own. */
export interface RosterStore {
  lanes(): Promise<readonly (Lane & { readonly living: number; readonly runnable: number })[]>;
  /** For who is typing: runnable tasks are counted up to a thousand, however many there are. */
  laneNames(): Promise<
    readonly { readonly name: string; readonly paused: boolean; readonly runnable: number }[]
  >;
  lane(name: string): Promise<Lane | null>;
  /** Adds or changes; a new lane needs a route. */
  setLane(settings: LaneSettings, actor: string): Promise<Lane | Refusal>;
  /** `reason` null resumes. Nothing is written where it is so already, or where it was not as `from` says. */
  pauseLane(
    name: string,
    reason: string | null,
    actor: string,
    change?: RosterChange,
  ): Promise<Lane | Refusal>;
  epics(): Promise<readonly (Epic & { readonly tasks: number; readonly done: number })[]>;
  /** Without counting their tasks, for who is typing; the first of them, by key. */
  epicTitles(): Promise<readonly Epic[]>;
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
    why?: { readonly reason?: string | undefined; readonly requestId?: string | undefined },
  ): Promise<AgentRecord | Refusal>;
}
