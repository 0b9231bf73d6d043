import { parseAttemptId } from "../src/core/attempt.ts";
import type { ProofWork, ProofWorkStore } from "../src/ports/proof-work.ts";
import type { BeatsFirst } from "./beats-first.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row } from "./connection.ts";
import { PROOF_CELLS, readProof } from "./facts.ts";
import { writeOnce } from "./once.ts";
import { newToken } from "./token.ts";

const DUE = `SELECT id, uri FROM proofs WHERE verify_at IS NOT NULL AND verify_at <= :now
  AND coalesce(verify_lease_until, 0) <= :now ORDER BY verify_at LIMIT ?1`;
/** The token tells whose lease it is, where the answer is lost. ?1 ids, ?2 lease, ?3 token. */
const TAKE = `UPDATE proofs SET verify_lease_until = :now + ?2, verify_token = ?3
WHERE id IN (SELECT value FROM json_each(?1)) AND verify_at IS NOT NULL AND coalesce(verify_lease_until, 0) <= :now`;
const TAKEN = `SELECT p.task_id AS task_id, t.key AS key, ${PROOF_CELLS} AS cells
FROM json_each(?1) j CROSS JOIN proofs p ON p.id = j.value AND p.verify_token = ?2 JOIN tasks t ON t.id = p.task_id`;
const RENEW = `UPDATE proofs SET verify_lease_until = :now + ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND verify_at IS NOT NULL AND verify_lease_until IS NOT NULL`;
/** Ends the lease it was looked at under, so that it counts once however often it is written. */
const POSTPONE = `UPDATE proofs SET verdict = 'inconclusive', reason = ?2, checks = checks + 1, checked_at = :now,
  verify_at = :now + ?3, verify_lease_until = NULL
WHERE id = ?1 AND superseded = 0 AND verify_at IS NOT NULL AND verify_lease_until IS NOT NULL`;
const NEXT =
  "SELECT min(max(verify_at, coalesce(verify_lease_until, 0))) AS due FROM proofs WHERE verify_at IS NOT NULL";

/** Who has several accounts is named by one of them, whichever was used. */
const APPROVALS = `SELECT p.requirement AS requirement, coalesce(l.person, p.person) AS person, p.at AS at FROM tasks t
CROSS JOIN attempts a ON a.task_id = t.id AND a.number = ?2
CROSS JOIN approvals p ON p.task_id = t.id AND p.attempt = a.number AND p.proof_set_hash = a.proof_set_hash
LEFT JOIN linked_accounts l ON l.account = p.person
WHERE t.key = ?1 AND (?3 IS NULL OR p.requirement = ?3) ORDER BY p.at, p.person`;

/** As the trigger `proof_before_done_evidence` asks. */
const EVIDENCE_OWNER = `SELECT t.key AS key FROM proofs o JOIN attempts a ON a.task_id = o.task_id AND a.number = o.attempt
JOIN tasks t ON t.id = o.task_id
WHERE o.evidence = ?1 AND o.verdict = 'passed' AND o.superseded = 0 AND o.task_id <> ?2
  AND (a.outcome IS NULL OR a.outcome = 'done') LIMIT 1`;

export function proofWork(connection: Connection, clock: QueueClock, beatsFirst: BeatsFirst): ProofWorkStore {
  return {
    async due(limit) {
      const due = { sql: clock.sql(DUE), args: [limit] };
      const [rows = []] = await beatsFirst.behind(() => connection.read([due]));
      return rows.map((row) => ({ id: Number(row["id"]), uri: String(row["uri"]) }));
    },
    async take(wanted, leaseMs) {
      const ids = JSON.stringify(wanted);
      const token = newToken();
      const take = { sql: clock.sql(TAKE), args: [ids, leaseMs, token] };
      const taken = { sql: TAKEN, args: [ids, token] };
      const works = await writeOnce(
        async () => readWorks((await beatsFirst.behind(() => connection.write([take, taken])))[1]),
        async () => readWorks((await connection.read([taken]))[0]),
      );
      return works ?? [];
    },
    async renew(ids, leaseMs) {
      await connection.writeRepeatable([{ sql: clock.sql(RENEW), args: [JSON.stringify(ids), leaseMs] }]);
    },
    async giveBack(proof) {
      await connection.writeRepeatable([
        { sql: "UPDATE proofs SET verify_lease_until = NULL WHERE id = ?1", args: [proof] },
      ]);
    },
    async nextDue() {
      const [rows = []] = await connection.read([{ sql: NEXT }]);
      const due = rows[0]?.["due"];
      return due === null || due === undefined ? null : Number(due);
    },
    async drop(proof) {
      await connection.writeRepeatable([
        { sql: "UPDATE proofs SET verify_at = NULL, verify_lease_until = NULL WHERE id = ?1", args: [proof] },
      ]);
    },
    async approvals(attempt, requirement) {
      const id = parseAttemptId(attempt);
      if (id === null) return [];
      const [rows = []] = await connection.read([
        { sql: APPROVALS, args: [id.taskKey, id.number, requirement] },
      ]);
      return rows.map((row) => ({
        requirement: String(row["requirement"]),
        person: String(row["person"]),
        at: Number(row["at"]),
      }));
    },
    async evidenceOwner(evidence, besides) {
      const [rows = []] = await connection.read([{ sql: EVIDENCE_OWNER, args: [evidence, besides] }]);
      return rows[0] === undefined ? null : String(rows[0]["key"]);
    },
    async postpone(proof, reason, retryMs) {
      const postpone = { sql: clock.sql(POSTPONE), args: [proof, reason, retryMs] };
      await beatsFirst.behind(() => connection.writeRepeatable([postpone]));
    },
  };
}

/** Null where nothing was taken. */
function readWorks(rows: readonly Row[] = []): readonly ProofWork[] | null {
  if (rows.length === 0) return null;
  return rows.map((row) => ({
    proof: readProof(JSON.parse(String(row["cells"])) as readonly unknown[], Number(row["task_id"])),
    taskKey: String(row["key"]),
  }));
}
