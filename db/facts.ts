import { type Attempt, type AttemptOutcome, attemptId } from "../src/core/attempt.ts";
import type { Proof, Requirement, VerdictName } from "../src/core/proof.ts";
import type { SeenCall } from "../src/core/route-facts.ts";
import { type Lane, PRIORITIES, type Status, type Task } from "../src/core/task.ts";
import type { TaskFacts } from "../src/ports/queue.ts";

/**
 * The read side of one task, as one JSON array a row: the client pays for every cell of a result, so a decision's facts
 * travel as a single one. Each part below stands beside the function that reads it, in the same order.
 */
const TASK = `json_array(t.id, t.key, (SELECT key FROM epics WHERE id = t.epic_id), t.priority, t.status, t.version, t.epoch,
  t.attempts, t.failures, t.lapses, t.max_attempts, t.max_lapses, t.not_before, t.ready_at, t.policy_hash, t.completion,
  t.created_at, t.updated_at)`;
const TEXTS = "(SELECT json_array(x.title, x.body, x.acceptance) FROM task_texts x WHERE x.task_id = t.id)";
const REQUIREMENTS = `(SELECT json_group_array(json(spec)) FROM
  (SELECT spec FROM requirements WHERE task_id = t.id ORDER BY position))`;
const DEPENDENCIES = `(SELECT json_group_array(json_array(o.key, o.status)) FROM dependencies d
  JOIN tasks o ON o.id = d.depends_on WHERE d.task_id = t.id)`;
const BLOCK = `(SELECT json_array(b.kind, b.reason, b.owner, b.question, json(b.choices), b.since) FROM blocks b
  WHERE b.task_id = t.id)`;
const LANE = `(SELECT json_array(l.id, l.name, l.provider, l.model, l.capacity, l.lease_ms, l.heartbeat_ms,
  json(l.dispatch), l.paused_reason, l.version, l.observe, json(l.route_aliases)) FROM lanes l WHERE l.id = t.lane_id)`;
/** Read only where the lane asks for it: most lanes do not. */
const OBSERVED = `CASE WHEN a.number IS NOT NULL AND (SELECT observe FROM lanes WHERE id = t.lane_id) = 'required' THEN
  (SELECT json_group_array(json_array(o.provider, o.requested_model, o.responded_model)) FROM route_observations o
    WHERE o.task_id = t.id AND o.attempt = a.number AND o.kind = 'ok') END`;
const ATTEMPT = `json_array(a.number, a.epoch, (SELECT name FROM agents WHERE id = a.agent_id), a.agent_id,
  (SELECT name FROM lanes WHERE id = a.lane_id), a.session, a.provider, a.model, a.started_at, a.lease_ms,
  a.lease_expires_at, a.last_heartbeat_at, a.beats, a.note, a.policy_hash, a.proof_set_hash, a.ended_at, a.outcome, a.reason)`;
const PROOF = `json_array(p.id, p.attempt, p.requirement, p.kind, p.uri, p.attached_by, p.attached_at, p.verdict,
  p.reason, p.evidence, json(p.seen), p.checked_at, p.checks)`;
/** Every proof of `t`, by two indexes that together hold each one once. */
export const ALL_PROOFS = `(SELECT * FROM proofs WHERE task_id = t.id AND superseded = 0
  UNION ALL SELECT * FROM proofs WHERE task_id = t.id AND superseded = 1) p`;
const PROOFS = `(SELECT json_group_array(${PROOF}) FROM proofs p
  WHERE p.task_id = t.id AND p.attempt = a.number AND p.superseded = 0)`;

/** The parts that an attempt has no share in before its first act. */
interface LaterParts {
  readonly block: string;
  readonly proofs: string;
  readonly observed: string;
}

function facts({ block, proofs, observed }: LaterParts): string {
  return `json_array(:now, ${TASK}, ${TEXTS}, ${REQUIREMENTS}, ${DEPENDENCIES}, ${block}, ${LANE},
  CASE WHEN a.number IS NOT NULL THEN ${ATTEMPT} END, ${proofs},
  (SELECT actor FROM events WHERE task_id = t.id AND version = 1), ${observed})`;
}

/** Expects `tasks t` and, left-joined, `attempts a` in the FROM clause that follows. */
export const FACTS = facts({ block: BLOCK, proofs: PROOFS, observed: OBSERVED });

/** The same of an attempt that was begun in this very batch: nothing blocks its task, was attached to it or seen of it. */
export const FRESH_FACTS = facts({ block: "NULL", proofs: "json_array()", observed: "NULL" });

type Cells = readonly unknown[];

export function readFacts(json: string): TaskFacts {
  const [now, task, texts, requirements, dependencies, block, lane, attempt, proofs, createdBy, observed] =
    JSON.parse(json) as [
      number,
      Cells,
      Cells,
      readonly Requirement[],
      readonly Cells[],
      Cells | null,
      Cells | null,
      Cells | null,
      readonly Cells[],
      string | null,
      readonly Cells[] | null,
    ];
  const readTask = {
    ...taskRow(task),
    title: texts[0] as string,
    body: texts[1] as string,
    acceptance: texts[2] as string,
    requirements,
    dependencies: dependencies.map(([key, status]) => ({ key: key as string, status: status as Status })),
    block: block === null ? null : readBlock(block),
    lane: lane === null ? null : (lane[1] as string),
  } satisfies Task;
  return {
    now,
    task: readTask,
    lane: lane === null ? null : readLane(lane),
    attempt: attempt === null ? null : readAttempt(attempt, readTask),
    proofs: proofs.map((proof) => readProof(proof, readTask.id)),
    createdBy: createdBy ?? "unknown",
    observed: (observed ?? []).map(readCall),
  };
}

function taskRow(cells: Cells) {
  return {
    id: cells[0] as number,
    key: cells[1] as string,
    epic: cells[2] as string,
    priority: PRIORITIES[cells[3] as number] as Task["priority"],
    status: cells[4] as Status,
    version: cells[5] as number,
    epoch: cells[6] as number,
    attempts: cells[7] as number,
    failures: cells[8] as number,
    lapses: cells[9] as number,
    limits: { maxAttempts: cells[10] as number, maxLapses: cells[11] as number },
    notBefore: cells[12] as number | null,
    readyAt: cells[13] as number | null,
    policyHash: cells[14] as string,
    completion: cells[15] as Task["completion"],
    createdAt: cells[16] as number,
    updatedAt: cells[17] as number,
  };
}

function readBlock(cells: Cells): Task["block"] {
  return {
    kind: cells[0] as string,
    reason: cells[1] as string,
    owner: cells[2] as string,
    question: cells[3] as string,
    choices: cells[4] as readonly string[],
    since: cells[5] as number,
  };
}

function readLane(cells: Cells): Lane {
  return {
    id: cells[0] as number,
    name: cells[1] as string,
    route: { provider: cells[2] as string, model: cells[3] as string },
    capacity: cells[4] as number,
    leaseMs: cells[5] as number,
    heartbeatMs: cells[6] as number,
    dispatch: cells[7] as Lane["dispatch"],
    pausedReason: cells[8] as string | null,
    version: cells[9] as number,
    observe: cells[10] as Lane["observe"],
    routeAliases: cells[11] as readonly string[],
  };
}

function readCall([provider, requested, responded]: Cells): SeenCall {
  const orNull = (cell: unknown) => (cell === "" ? null : (cell as string));
  return {
    provider: orNull(provider),
    requestedModel: orNull(requested),
    respondedModel: orNull(responded),
  };
}

/** The columns of one attempt, for statements that read attempts by themselves; `a` is the table's alias. */
export const ATTEMPT_CELLS = ATTEMPT;

export function readAttempt(cells: Cells, task: { readonly id: number; readonly key: string }): Attempt {
  return {
    id: attemptId(task.key, cells[0] as number),
    taskId: task.id,
    number: cells[0] as number,
    epoch: cells[1] as number,
    agent: cells[2] as string,
    agentId: cells[3] as number,
    lane: cells[4] as string,
    session: cells[5] as string,
    route: { provider: cells[6] as string, model: cells[7] as string },
    startedAt: cells[8] as number,
    leaseMs: cells[9] as number,
    leaseExpiresAt: cells[10] as number,
    lastHeartbeatAt: cells[11] as number,
    beats: cells[12] as number,
    note: cells[13] as string | null,
    policyHash: cells[14] as string,
    proofSetHash: cells[15] as string | null,
    endedAt: cells[16] as number | null,
    outcome: cells[17] as AttemptOutcome | null,
    reason: cells[18] as string | null,
  };
}

/** The columns of one proof, for statements that read proofs by themselves; `p` is the table's alias. */
export const PROOF_CELLS = PROOF;

export function readProof(cells: Cells, taskId: number): Proof {
  return {
    id: cells[0] as number,
    taskId,
    attempt: cells[1] as number,
    requirement: cells[2] as string,
    kind: cells[3] as string,
    uri: cells[4] as string,
    attachedBy: cells[5] as string,
    attachedAt: cells[6] as number,
    verdict: cells[7] as VerdictName,
    reason: cells[8] as string | null,
    evidence: cells[9] as string | null,
    seen: cells[10] as Proof["seen"],
    checkedAt: cells[11] as number | null,
    checks: cells[12] as number,
  };
}
