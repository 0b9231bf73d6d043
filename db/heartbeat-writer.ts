import { parseAttemptId } from "../src/core/attempt.ts";
import type { Beat } from "../src/core/gates/heartbeat-trust.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection } from "./connection.ts";

export interface BeatRequest extends Beat {
  readonly agent: string;
  readonly note?: string | undefined;
}

/**
 * The gate heartbeat-trust as one guarded statement: every field the holder's, exactly, and the lease alive by the
 * database's clock. A renewal touches the attempt's own row alone: it is no change of the task, so buttons that carry
 * the task's version stay good while an agent beats.
 */
const RENEW = `UPDATE attempts SET last_heartbeat_at = max(:now, last_heartbeat_at),
  lease_expires_at = max(:now, last_heartbeat_at) + lease_ms, beats = beats + 1, note = coalesce(j.value ->> 9, note)
FROM json_each(?1) j CROSS JOIN tasks t ON t.key = j.value ->> 0
WHERE attempts.task_id = t.id AND attempts.number = j.value ->> 1 AND attempts.epoch = j.value ->> 2
  AND attempts.ended_at IS NULL AND attempts.epoch = t.epoch AND attempts.lease_expires_at > :now
  AND t.status IN ('active', 'verifying')
  AND attempts.session = j.value ->> 3 AND attempts.provider = j.value ->> 4 AND attempts.model = j.value ->> 5
  AND attempts.lane_id = (SELECT id FROM lanes WHERE name = j.value ->> 6)
  AND attempts.agent_id = (SELECT id FROM agents WHERE name = j.value ->> 7 AND revoked_at IS NULL)
RETURNING json_array(task_id, number, lease_expires_at) AS cells, (SELECT key FROM tasks WHERE id = task_id) AS key`;

/** The new expiry of each beat, in the database's milliseconds; null where the guard let it not through. */
export async function writeBeats(
  connection: Connection,
  clock: QueueClock,
  beats: readonly BeatRequest[],
): Promise<readonly (number | null)[]> {
  const rows = beats.map((beat) => {
    const id = parseAttemptId(beat.attempt);
    const { task, epoch, session, route, lane, agent } = beat;
    const number = id !== null && id.taskKey === task ? id.number : 0;
    return [task, number, epoch, session, route.provider, route.model, lane, agent, null, beat.note ?? null];
  });
  const statement = { sql: clock.sql(RENEW), args: [JSON.stringify(rows)] };
  // Renewing once more is harmless: a beat says "I am here now", twice as well as once.
  const [renewed = []] = await connection.writeRepeatable([statement]);
  const expiries = new Map<string, number>();
  for (const row of renewed) {
    const [, number, expires] = JSON.parse(String(row["cells"])) as [number, number, number];
    expiries.set(`${row["key"]}.${number}`, expires);
  }
  return beats.map((beat) => expiries.get(beat.attempt) ?? null);
}
