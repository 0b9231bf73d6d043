// Rules of the gate heartbeat-trust as the database keeps them by itself.
import { COMPLETE, ID, PASS, type Twin } from "./twins.ts";

/** A call of the task's latest attempt, or of another, as an instrument saw it. */
function saw(change: Readonly<Record<string, string>> = {}): string {
  const call = {
    session: "'s'",
    agent: "'ada'",
    task_id: "id",
    attempt: "attempts",
    source: "'otlp-trace'",
    kind: "'ok'",
    provider: "'anthropic'",
    requested_model: "'claude-opus-5'",
    responded_model: "'opus-5-dated'",
    first_seen: "1",
    last_seen: "1",
    seen_count: "1",
    ...change,
  };
  const [columns, values] = [Object.keys(call).join(", "), Object.values(call).join(", ")];
  return `INSERT INTO route_observations (${columns}) SELECT ${values} FROM tasks WHERE key = ?`;
}
const DEMANDED = [PASS, `UPDATE lanes SET observe = 'required', route_aliases = '["opus-5-dated"]'`];
const SEEN = [...DEMANDED, saw()];

const OBSERVED = {
  trigger: "heartbeat_trust_observed",
  code: "route-tainted",
  task: "submitted",
  bad: COMPLETE,
} as const;
const HELD = { trigger: "heartbeat_trust_identity", code: "identity", task: "submitted" } as const;
const RENEWAL = { trigger: "heartbeat_trust_renewal", code: "lapsed", task: "submitted" } as const;
const beats = (set: string, of = "ended_at IS NULL") =>
  `UPDATE attempts SET ${set} WHERE ${of} AND task_id = ${ID}`;

export const trustTwins: readonly Twin[] = [
  { ...OBSERVED, rule: "nothing is done unseen where the lane demands it", before: DEMANDED },
  {
    ...OBSERVED,
    rule: "nothing is done on no call at all",
    condition: [
      "NOT EXISTS (SELECT 1 FROM route_observations o",
      "0 AND NOT EXISTS (SELECT 1 FROM route_observations o",
    ],
    before: DEMANDED,
  },
  {
    ...OBSERVED,
    rule: "nothing is done on the calls of an earlier attempt",
    condition: [" AND o.attempt = NEW.attempts AND o.kind = 'ok')\n", " AND o.kind = 'ok')\n"],
    task: "again",
    before: [...DEMANDED, saw({ attempt: "attempts - 1" })],
  },
  {
    ...OBSERVED,
    rule: "nothing is done on calls that failed",
    condition: [" AND o.kind = 'ok')\n", ")\n"],
    before: [...DEMANDED, saw({ kind: "'error'" })],
  },
  {
    ...OBSERVED,
    rule: "nothing is done on another provider",
    condition: ["(o.provider <> '' AND o.provider <> a.provider)\n      OR ", ""],
    before: [...SEEN, saw({ provider: "'openai'" })],
  },
  {
    ...OBSERVED,
    rule: "nothing is done where another model was asked for",
    condition: ["(o.requested_model <> '' AND", "(0 AND"],
    before: [...SEEN, saw({ requested_model: "'claude-haiku-5'" })],
  },
  {
    ...OBSERVED,
    rule: "nothing is done where another model answered",
    condition: ["(o.responded_model <> '' AND", "(0 AND"],
    before: [...SEEN, saw({ responded_model: "'claude-haiku-5'" })],
  },
  {
    ...OBSERVED,
    rule: "a name that the lane does not spell out is another model",
    condition: [
      "o.responded_model NOT IN (SELECT value FROM json_each(l.route_aliases))",
      "NOT EXISTS (SELECT 1 FROM json_each(l.route_aliases) WHERE o.responded_model LIKE value || '%')",
    ],
    before: [...SEEN, saw({ responded_model: "'opus-5-dated-mini'" })],
  },
  ...[
    "session = 'another'",
    "agent = 'bob'",
    "attempt = attempt + 1",
    "source = 'otlp-log'",
    "kind = 'error'",
    "provider = 'openai'",
    "requested_model = 'claude-haiku-5'",
    "responded_model = 'claude-haiku-5'",
    "error_type = 'overloaded'",
    "status_code = 529",
  ].map(
    (set): Twin => ({
      rule: `what was seen stays as it was seen: ${set}`,
      trigger: "heartbeat_trust_seen",
      code: "seen",
      task: "submitted",
      before: [saw()],
      bad: [`UPDATE route_observations SET ${set} WHERE task_id = ${ID}`],
    }),
  ),
  {
    rule: "what was seen of an open attempt is never deleted",
    trigger: "heartbeat_trust_seen_kept",
    code: "seen",
    task: "submitted",
    before: [saw()],
    bad: [`DELETE FROM route_observations WHERE task_id = ${ID}`],
  },
  ...[
    "epoch = epoch + 1",
    "session = 'another'",
    "provider = 'openai'",
    "model = 'claude-haiku-5'",
    "token = 'another'",
    "policy_hash = 'another'",
    "started_at = 1",
  ].map((set): Twin => ({ ...HELD, rule: `an attempt keeps what it is: ${set}`, bad: [beats(set)] })),
  {
    ...RENEWAL,
    rule: "a lapsed lease is not renewed",
    condition: ["NEW.last_heartbeat_at >= OLD.lease_expires_at OR ", ""],
    bad: [beats("last_heartbeat_at = lease_expires_at, lease_expires_at = lease_expires_at + lease_ms")],
  },
  {
    ...RENEWAL,
    rule: "no beat is dated back",
    condition: [" OR NEW.last_heartbeat_at < OLD.last_heartbeat_at", ""],
    bad: [beats("last_heartbeat_at = last_heartbeat_at - 1, lease_expires_at = lease_expires_at - 1")],
  },
  {
    ...RENEWAL,
    rule: "a beat renews for one lease at the most",
    condition: ["\n  OR NEW.lease_expires_at > NEW.last_heartbeat_at + NEW.lease_ms", ""],
    bad: [beats("lease_expires_at = last_heartbeat_at + lease_ms + 1")],
  },
  {
    rule: "an ended attempt is never changed",
    trigger: "heartbeat_trust_ended",
    code: "ended",
    task: "done",
    bad: [beats("outcome = 'released'", "ended_at IS NOT NULL")],
  },
];
