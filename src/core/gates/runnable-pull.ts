import { type Refusal, refuse } from "../refusal.ts";
import { type Route, routeName } from "../route.ts";
import type { Lane, Task } from "../task.ts";

/** Who asks for work, and what the queue holds of that lane now. */
export interface PullFacts {
  readonly lane: Lane;
  readonly livingLeases: number;
  readonly agent: {
    readonly name: string;
    readonly lanes: readonly string[];
    readonly paused: boolean;
    readonly revoked: boolean;
  };
  readonly session: string;
  readonly route: Route;
  /** The attempt this session already holds open, by id. */
  readonly sessionHolds: string | null;
  /** Another agent that has worked under this session's id, and whether it does so now. */
  readonly sessionOf: { readonly agent: string; readonly holds: boolean } | null;
  /** Whether this session has worked on the lane's route before. */
  readonly sessionKeptRoute: boolean;
}

/** One reason a task or a lane may not be pulled from; codes are what `skipped` and `why` count by. */
export interface PullReason {
  readonly code:
    | "status"
    | "lane-missing"
    | "acceptance-missing"
    | "policy-empty"
    | "dependency"
    | "dependency-cancelled"
    | "not-before"
    | "lane-paused"
    | "at-capacity";
  readonly detail: string;
}

/** May this agent's session pull from this lane at all? Asked before any task is looked at. */
export function mayPull(facts: PullFacts): Refusal | null {
  const { lane, agent, route } = facts;
  if (agent.revoked || agent.paused) {
    return refuse("runnable-pull", agent.revoked ? "agent-revoked" : "agent-paused", {
      field: "agent",
      expected: "active",
      got: agent.revoked ? "revoked" : "paused",
      hint: `Agent ${agent.name} may not pull now: ask an operator to resume it or to add a new key.`,
    });
  }
  if (!agent.lanes.includes(lane.name)) {
    return refuse("runnable-pull", "lane-not-granted", {
      field: "lane",
      expected: [...agent.lanes],
      got: lane.name,
      hint: "Claim from a lane this agent's key was made for.",
    });
  }
  for (const part of ["provider", "model"] as const) {
    if (route[part] === lane.route[part]) continue;
    // The same session on another route than before is no newcomer that was set up wrong: something changed it.
    return refuse("runnable-pull", facts.sessionKeptRoute ? "session-identity" : "route-not-trusted", {
      field: `route.${part}`,
      expected: lane.route[part],
      got: route[part],
      hint: `Lane ${lane.name} runs on ${routeName(lane.route)} exactly; mend the session's model setting, then claim again.`,
    });
  }
  if (facts.sessionOf !== null) {
    const { agent: other, holds } = facts.sessionOf;
    return refuse("runnable-pull", holds ? "session-shared" : "session-identity", {
      field: "agent",
      expected: other,
      got: agent.name,
      hint: `Session ${facts.session} ${holds ? "is" : "was"} ${other}'s: start a session of your own, under another id.`,
    });
  }
  if (facts.sessionHolds !== null) {
    return refuse("runnable-pull", "session-busy", {
      field: "session",
      expected: "no open attempt",
      got: facts.sessionHolds,
      hint: `This session already holds ${facts.sessionHolds}: submit, block or release it first.`,
    });
  }
  return null;
}

/** Why nobody may pull from the lane now, whatever the task. */
export function laneReasons(lane: Lane, livingLeases: number): readonly PullReason[] {
  const reasons: PullReason[] = [];
  if (lane.pausedReason !== null) {
    reasons.push({ code: "lane-paused", detail: `lane ${lane.name} is paused: ${lane.pausedReason}` });
  }
  if (livingLeases >= lane.capacity) {
    reasons.push({
      code: "at-capacity",
      detail: `lane ${lane.name} has ${livingLeases} living leases of ${lane.capacity}`,
    });
  }
  return reasons;
}

/** What a task must have before it may stand in the queue: the fields part of the gate, shared with draft → queued. */
export function fieldReasons(
  task: Pick<Task, "lane" | "acceptance" | "requirements">,
): readonly PullReason[] {
  const reasons: PullReason[] = [];
  if (task.lane === null) reasons.push({ code: "lane-missing", detail: "it has no lane" });
  if (task.acceptance.trim() === "") {
    reasons.push({ code: "acceptance-missing", detail: "it does not say when it is accepted" });
  }
  if (task.requirements.length === 0) {
    reasons.push({ code: "policy-empty", detail: "its proof policy has no requirement" });
  }
  return reasons;
}

/** Why this task waits, whoever asks. Empty means: runnable as far as the task goes. */
export function taskReasons(task: Task, now: number): readonly PullReason[] {
  const reasons: PullReason[] = [];
  if (task.status !== "queued") reasons.push({ code: "status", detail: `it is ${task.status}` });
  reasons.push(...fieldReasons(task));
  for (const dependency of task.dependencies) {
    if (dependency.status === "done") continue;
    reasons.push(
      dependency.status === "cancelled"
        ? {
            code: "dependency-cancelled",
            detail: `${dependency.key} was cancelled and will never be done: stranded`,
          }
        : { code: "dependency", detail: `${dependency.key} is ${dependency.status}, not done` },
    );
  }
  if (task.notBefore !== null && now < task.notBefore) {
    reasons.push({ code: "not-before", detail: `not before ${new Date(task.notBefore).toISOString()}` });
  }
  return reasons;
}

/**
 * The gate runnable-pull: may this task be pulled by this lane now? Its twin is the trigger `runnable_pull`;
 * `test/gates/` holds the two to each other.
 */
export function runnablePull(facts: PullFacts & { readonly task: Task }, now: number): Refusal | null {
  const barred = mayPull(facts);
  if (barred) return barred;
  const { task, lane } = facts;
  if (task.lane !== null && task.lane !== lane.name) {
    return refuse("runnable-pull", "lane", {
      field: "lane",
      expected: task.lane,
      got: lane.name,
      hint: `${task.key} belongs to lane ${task.lane}.`,
    });
  }
  const reason = [...taskReasons(task, now), ...laneReasons(lane, facts.livingLeases)][0];
  if (reason === undefined) return null;
  return refuse("runnable-pull", reason.code, {
    field: "task",
    expected: "runnable",
    got: reason.code,
    hint: `${task.key} may not be pulled now: ${reason.detail}.`,
  });
}
