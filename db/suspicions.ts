import type { Status } from "../src/core/task.ts";
import { RULES, type RuleName } from "../src/core/validation.ts";

/** What makes a task suspect of a rule, as a condition on the rows of its statement. Never narrower than core's rule. */
interface Suspicion {
  readonly rules: readonly RuleName[];
  readonly when: string;
}

const IN_FLIGHT: readonly Status[] = ["offered", "active", "verifying"];
const suspect = (when: string, ...rules: readonly RuleName[]): Suspicion => ({ rules, when });

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(", ");
const codes = (rules: readonly RuleName[]) => `'${rules.map((rule) => `${RULES[rule].code} `).join("")}'`;
const either = (suspicions: readonly Suspicion[]) => suspicions.map(({ when }) => `(${when})`).join(" OR ");
/** The codes that apply, each followed by a space. */
const applying = (suspicions: readonly Suspicion[]) =>
  suspicions.map(({ when, rules }) => `CASE WHEN ${when} THEN ${codes(rules)} ELSE '' END`).join(" || ");

/** Asked of every task. */
const ANY: readonly Suspicion[] = [
  suspect("t.priority NOT BETWEEN 0 AND 4", "priority-unknown"),
  suspect("t.ready_at IS NOT NULL AND t.status <> 'queued'", "ready-untrue"),
  suspect("x.task_id IS NULL", "title-unfit", "acceptance-missing", "draft-incomplete"),
  suspect("b.task_id IS NOT NULL", "version-differs", "version-gap"),
  suspect(
    `t.open_dependencies <> 0 AND t.open_dependencies <> (SELECT count(*) FROM dependencies d
      JOIN tasks o ON o.id = d.depends_on WHERE d.task_id = t.id AND o.status <> 'done')`,
    "open-dependencies-wrong",
    "ready-untrue",
    "ready-missing",
  ),
];

/** The whole stretch, with what the certificate for the log needs. ?1 and ?2 the stretch, here and below. */
export const TASKS = `SELECT json_group_array(json_array(t.id, ${applying(ANY)})) FILTER (WHERE ${either(ANY)}) AS suspects,
  count(*) AS tasks, count(b.task_id) AS beyond, total(t.version) AS versions, total(t.version * (t.version + 1)) / 2 AS version_sums
FROM tasks t LEFT JOIN task_texts x ON x.task_id = t.id
LEFT JOIN events b ON b.task_id = t.id AND b.version > t.version
WHERE t.id BETWEEN ?1 AND ?2`;

/** What is done and not attested: each requirement with its passed proof, and the completion of the last attempt. */
export const DONE = `SELECT t.id AS id, ${codes(["done-unproved", "completion-unrecorded"])} AS codes FROM tasks t
LEFT JOIN events c ON c.task_id = t.id AND c.attempt = t.attempts AND c.kind = 'task.completed'
LEFT JOIN requirements r ON r.task_id = t.id
LEFT JOIN proofs p ON p.task_id = t.id AND p.attempt = t.attempts AND p.requirement = r.name AND p.superseded = 0
  AND p.verdict = 'passed' AND p.kind = r.kind
WHERE t.id BETWEEN ?1 AND ?2 AND t.status = 'done' AND t.completion IS NOT 'attested'
  AND (c.task_id IS NULL OR p.task_id IS NULL)`;

const NO_LANE = "(t.lane_id IS NULL OR t.lane_id NOT IN (SELECT id FROM lanes))";
const NO_POLICY = "r.task_id IS NULL";
const FAR = suspect("t.not_before > :now + 31536000000", "not-before-far");
/** The characters that JavaScript's trim takes away. */
export const BLANK = `char(9, 10, 11, 12, 13, 32, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202,
  8232, 8233, 8239, 8287, 12288, 65279)`;
const isBlank = (column: string) => `trim(k.${column}, ${BLANK}) = ''`;

const HELD: readonly Suspicion[] = [
  suspect(NO_LANE, "lane-missing"),
  suspect(NO_POLICY, "policy-empty"),
  suspect(
    "NOT EXISTS (SELECT 1 FROM attempts o WHERE o.task_id = t.id AND o.ended_at IS NULL)",
    "attempt-missing",
  ),
  FAR,
];

/** Asked of a task in its status, in the order in which a queue has most of them. */
const BY_STATUS: readonly (readonly [readonly Status[], readonly Suspicion[]])[] = [
  [
    ["queued"],
    [
      suspect(NO_LANE, "lane-missing"),
      suspect(NO_POLICY, "policy-empty"),
      suspect(
        `CASE WHEN t.ready_at IS NULL THEN t.open_dependencies = 0 AND t.not_before IS NULL
          ELSE t.open_dependencies <> 0 OR t.not_before > :now END`,
        "ready-untrue",
        "ready-missing",
      ),
      suspect("t.failures >= t.max_attempts OR t.lapses >= t.max_lapses", "attempts-used-up"),
      FAR,
    ],
  ],
  [["draft"], [suspect(NO_LANE, "draft-incomplete"), suspect(NO_POLICY, "draft-incomplete"), FAR]],
  [
    ["blocked"],
    [
      suspect(
        `NOT EXISTS (SELECT 1 FROM blocks k WHERE k.task_id = t.id AND NOT (${[
          "kind",
          "reason",
          "owner",
          "question",
        ]
          .map(isBlank)
          .join(" OR ")}))`,
        "block-missing",
        "block-blank",
      ),
      FAR,
    ],
  ],
  [["dead"], [FAR]],
  [["offered", "active"], HELD],
  [
    ["verifying"],
    [
      ...HELD,
      suspect(
        `NOT EXISTS (SELECT 1 FROM proofs v WHERE v.task_id = t.id AND v.attempt = t.attempts AND v.superseded = 0
          AND v.verify_at IS NOT NULL)`,
        "verifying-stuck",
      ),
    ],
  ],
];

const byStatus = (answer: (suspicions: readonly Suspicion[]) => string, otherwise: string) =>
  `CASE t.status ${BY_STATUS.flatMap(([statuses, suspicions]) =>
    statuses.map((status) => `WHEN '${status}' THEN ${answer(suspicions)}`),
  ).join(" ")} ELSE ${otherwise} END`;

/**
 * What is not over, a row for each requirement, so that a task may come more than once. `specs` are the requirements
 * but those found fit (?3), with a character between them that JSON never has.
 */
export const OPEN = `SELECT json_group_array(json_array(t.id, ${byStatus(applying, codes(["status-unknown", "ready-untrue", "not-before-far"]))}))
    FILTER (WHERE ${byStatus(either, "1")}) AS suspects,
  group_concat(r.spec, char(30)) FILTER (WHERE r.spec NOT IN (SELECT value FROM json_each(?3))) AS specs
FROM tasks t LEFT JOIN requirements r ON r.task_id = t.id
WHERE t.id BETWEEN ?1 AND ?2 AND t.status NOT IN ('done', 'cancelled')`;

/**
 * A certificate for the log. Where no task of the stretch has an event beyond its version, and a version has one event
 * at most, as many events as versions and the same sum of versions can only mean that each task has each of its own.
 */
export const EVENT_SUMS = `SELECT count(*) AS events, total(version) AS version_sums FROM events
WHERE task_id BETWEEN ?1 AND ?2`;

/** Without the certificate, each task's log is looked at by itself. */
export const LOGS = `SELECT t.id AS id, ${codes(["version-differs", "version-gap"])} AS codes FROM tasks t
WHERE t.id BETWEEN ?1 AND ?2 AND (SELECT count(*) IS NOT t.version OR min(e.version) IS NOT 1
  OR max(e.version) IS NOT t.version FROM events e WHERE e.task_id = t.id)`;

/** A certificate for announcements: the completions of a stretch and what was announced, as one text each. */
export const COMPLETED = `SELECT group_concat(task_id * 4294967296 + id) AS list FROM events
WHERE kind = 'task.completed' AND task_id BETWEEN ?1 AND ?2`;
export const ANNOUNCED = `SELECT group_concat(task_id * 4294967296 + coalesce(event_id, 0)) AS list FROM notices
WHERE kind = 'auto-complete' AND task_id BETWEEN ?1 AND ?2`;

export const ANNOUNCEMENTS = `SELECT n.task_id AS id, ${codes(["announcement-unfounded"])} AS codes FROM notices n
WHERE n.kind = 'auto-complete' AND n.task_id BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM events e
  WHERE e.kind = 'task.completed' AND e.task_id = n.task_id AND e.id = n.event_id)
UNION ALL SELECT e.task_id, ${codes(["announcement-missing"])} FROM events e
WHERE e.kind = 'task.completed' AND e.task_id BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM notices n
  WHERE n.kind = 'auto-complete' AND n.task_id = e.task_id AND n.event_id = e.id)`;

/** What the other tables know of a stretch's tasks, each read by its own index. */
export const BESIDE: readonly string[] = [
  `SELECT x.task_id AS id, CASE WHEN x.title_unfit THEN ${codes(["title-unfit"])} ELSE '' END ||
    CASE WHEN NOT x.acceptance_blank THEN '' WHEN t.status = 'draft' THEN ${codes(["draft-incomplete"])}
      WHEN t.status IN (${quoted(["queued", ...IN_FLIGHT])}) THEN ${codes(["acceptance-missing"])} ELSE '' END AS codes
  FROM task_texts x CROSS JOIN tasks t ON t.id = x.task_id
  WHERE (x.acceptance_blank OR x.title_unfit) AND x.task_id BETWEEN ?1 AND ?2
    AND (x.title_unfit OR t.status IN (${quoted(["draft", "queued", ...IN_FLIGHT])}))`,
  `SELECT d.task_id AS id, CASE WHEN t.open_dependencies <> 0 THEN ''
      ELSE ${codes(["open-dependencies-wrong", "ready-untrue"])} END ||
    CASE WHEN o.status = 'cancelled' THEN ${codes(["dependency-stranded"])} ELSE '' END AS codes
  FROM dependencies d CROSS JOIN tasks o ON o.id = d.depends_on CROSS JOIN tasks t ON t.id = d.task_id
  WHERE d.task_id BETWEEN ?1 AND ?2 AND o.status <> 'done' AND (t.open_dependencies = 0
    OR (o.status = 'cancelled' AND t.status NOT IN ('done', 'cancelled')))`,
  `SELECT a.task_id AS id, ${codes(["attempt-unexpected", "attempts-doubled", "epoch-differs", "fake-active", "policy-changed"])} AS codes
  FROM attempts a CROSS JOIN tasks t ON t.id = a.task_id
  WHERE a.ended_at IS NULL AND a.task_id BETWEEN ?1 AND ?2 AND (t.status NOT IN (${quoted(IN_FLIGHT)})
    OR a.epoch <> t.epoch OR a.policy_hash <> t.policy_hash OR (t.status <> 'verifying' AND a.lease_expires_at <= :now)
    OR EXISTS (SELECT 1 FROM attempts o WHERE o.task_id = a.task_id AND o.ended_at IS NULL AND o.number <> a.number))`,
  `SELECT k.task_id AS id, ${codes(["block-left"])} AS codes FROM blocks k CROSS JOIN tasks t ON t.id = k.task_id
  WHERE k.task_id BETWEEN ?1 AND ?2 AND t.status <> 'blocked'`,
  `SELECT k.task_id AS id, ${codes(["dependency-dangling"])} AS codes FROM links k CROSS JOIN tasks t ON t.id = k.task_id
  WHERE k.task_id BETWEEN ?1 AND ?2 AND k.kind LIKE 'dangling:%' AND t.status NOT IN ('done', 'cancelled')`,
];

/** Dependencies on a later task. */
export const FORWARD = `SELECT count(*) AS forward FROM dependencies
WHERE task_id BETWEEN ?1 AND ?2 AND depends_on >= task_id`;
