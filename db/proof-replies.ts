import { parseMessageName } from "../src/core/message.ts";
import type { VerdictName } from "../src/core/proof.ts";
import type { ProofReplies, RepliedProof } from "../src/ports/proof-replies.ts";
import type { Connection } from "./connection.ts";

/** Of one task: a thread with more links than this has long stopped being read. */
const PER_TASK = 50;

const OF_TASKS = `SELECT json_array(p.reply_to, t.key, p.requirement, p.uri, p.verdict, p.reason, p.superseded,
  a.ended_at IS NOT NULL) AS cells
FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value CROSS JOIN proofs p ON p.id IN (
  SELECT id FROM proofs WHERE task_id = t.id AND reply_to IS NOT NULL ORDER BY id DESC LIMIT ${PER_TASK})
JOIN attempts a ON a.task_id = p.task_id AND a.number = p.attempt ORDER BY p.id`;

const WAITING = `SELECT DISTINCT t.key AS key FROM proofs p JOIN tasks t ON t.id = p.task_id
WHERE p.reply_to IS NOT NULL AND p.verify_at IS NOT NULL AND p.verdict = 'inconclusive' LIMIT ?1`;

export function proofReplies(connection: Connection): ProofReplies {
  return {
    async ofTasks(keys) {
      const [rows = []] = await connection.read([{ sql: OF_TASKS, args: [JSON.stringify(keys)] }]);
      return rows.flatMap((row) => readReplied(String(row["cells"])));
    },
    async waiting(limit) {
      const [rows = []] = await connection.read([{ sql: WAITING, args: [limit] }]);
      return rows.map((row) => String(row["key"]));
    },
  };
}

function readReplied(json: string): readonly RepliedProof[] {
  const cells = JSON.parse(json) as readonly unknown[];
  const replyTo = parseMessageName(cells[0] as string);
  if (replyTo === null) return [];
  return [
    {
      replyTo,
      task: cells[1] as string,
      requirement: cells[2] as string,
      uri: cells[3] as string,
      verdict: cells[4] as VerdictName,
      reason: cells[5] as string | null,
      superseded: cells[6] === 1,
      over: cells[7] === 1,
    },
  ];
}
