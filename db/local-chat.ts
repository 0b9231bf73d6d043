import type { LocalChatStore, LocalMessage, NewLocalMessage } from "../src/ports/local-chat.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import type { Connection, Statement } from "./connection.ts";

/** How many messages share one batch. */
const GROUP = 64;

/** One writer at a time gives each change its own number, and readers see them appear in that order. */
const NEXT_CHANGE = "(SELECT coalesce(max(change_no), 0) + 1 FROM local_messages)";

/** ?1 channel, ?2 thread, ?3 author, ?4 kind, ?5 notice, ?6 task, ?7 text, ?8 data, ?9 reaction. */
const POST = `INSERT INTO local_messages
  (channel, thread_id, author, kind, notice_id, task, text, data, reaction, at, changed_at, change_no)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, :now, :now, ${NEXT_CHANGE}
WHERE ?2 IS NULL OR EXISTS (SELECT 1 FROM local_messages WHERE id = ?2 AND channel = ?1 AND thread_id IS NULL)
ON CONFLICT (channel, notice_id) WHERE notice_id IS NOT NULL
DO UPDATE SET text = excluded.text, data = excluded.data, changed_at = excluded.changed_at, change_no = excluded.change_no
WHERE text <> excluded.text OR data <> excluded.data
RETURNING id`;
/** The message at the head of a thread tells how many stand below it, so it changes with each. */
const TOUCH_HEAD = `UPDATE local_messages SET change_no = ${NEXT_CHANGE} WHERE id = ?1 AND channel = ?2`;
const BY_NOTICE = "SELECT id FROM local_messages WHERE channel = ?1 AND notice_id = ?2";
const REACT = `UPDATE local_messages SET reaction = ?3, changed_at = :now, change_no = ${NEXT_CHANGE}
WHERE id = ?2 AND channel = ?1 AND reaction IS NOT ?3`;

const MESSAGE = `SELECT json_array(m.id, m.change_no, m.channel, m.thread_id, m.author, m.kind, m.task, m.text, json(m.data),
  m.reaction, m.at, m.changed_at, (SELECT count(*) FROM local_messages r WHERE r.thread_id = m.id)) AS cells
FROM local_messages m`;
const ONE = `${MESSAGE} WHERE m.channel = ?1 AND m.id = ?2`;
const PAGE = `${MESSAGE} WHERE m.channel = ?1 AND m.thread_id IS NULL AND m.id < ?2 ORDER BY m.id DESC LIMIT ?3`;
const THREAD = `${MESSAGE} WHERE m.channel = ?1 AND m.thread_id = ?2 ORDER BY m.id DESC LIMIT ?3`;
const CHANGES = `${MESSAGE} WHERE m.change_no > ?2 AND m.channel = ?1 ORDER BY m.change_no LIMIT ?3`;
const FIND = `${MESSAGE} WHERE m.id = ?1`;
/** ?4 null: deleted. The same words again are no edit. */
const REVISE = `UPDATE local_messages SET text = coalesce(?4, ''), changed_at = :now, change_no = ${NEXT_CHANGE},
  data = json_set(data, iif(?4 IS NULL, '$.deletedAt', '$.editedAt'), :now)
WHERE id = ?2 AND channel = ?1 AND author = ?3 AND kind = 'said' AND data ->> 'deletedAt' IS NULL AND text IS NOT ?4`;
const LAST = "SELECT max(change_no) AS last FROM local_messages";

type Args = readonly (string | number | null)[];

export function localChatStore(connection: Connection, clock: QueueClock): LocalChatStore {
  const timed = (sql: string, args: Args): Statement => ({ sql: clock.sql(sql), args });
  const read = async (sql: string, args: Args): Promise<readonly LocalMessage[]> => {
    const [rows = []] = await connection.read([{ sql, args }]);
    return rows.map((row) => readMessage(String(row["cells"])));
  };
  /** What becomes of each message stands in its last statement, so a batch answers one by one. */
  const writeAll = async (
    messages: readonly NewLocalMessage[],
    how: "write" | "writeRepeatable",
  ): Promise<readonly (number | null)[]> => {
    const parts = messages.map((message) => posting(message, timed));
    const results = await connection[how](parts.flat());
    let end = 0;
    return parts.map((part) => {
      end += part.length;
      const id = results[end - 1]?.[0]?.["id"] ?? null;
      return id === null ? null : Number(id);
    });
  };
  /** A notice has one message, however often it is posted; what a person said is not repeated unseen. */
  const notices = coalesce<NewLocalMessage, number | null>(
    (messages) => writeAll(messages, "writeRepeatable"),
    {
      max: GROUP,
      key: ({ channel, notice }) => `${channel} ${notice}`,
    },
  );
  return {
    async post(message) {
      if (message.notice !== undefined) return notices(message);
      const [id = null] = await writeAll([message], "write");
      return id;
    },
    async react(channel, id, reaction) {
      await connection.writeRepeatable([timed(REACT, [channel, id, reaction])]);
    },
    find: async (id) => (await read(FIND, [id]))[0] ?? null,
    async revise(channel, id, author, text) {
      await connection.writeRepeatable([timed(REVISE, [channel, id, author, text])]);
      const [message] = await read(ONE, [channel, id]);
      const revised = message?.author === author && message.kind === "said" && message.text === (text ?? "");
      const deleted = message?.data["deletedAt"] !== undefined;
      return message !== undefined && revised && deleted === (text === null) ? message : null;
    },
    message: async (channel, id) => (await read(ONE, [channel, id]))[0] ?? null,
    page: async (channel, { before, limit }) =>
      (await read(PAGE, [channel, before ?? Number.MAX_SAFE_INTEGER, limit])).toReversed(),
    thread: async (channel, id, limit) => (await read(THREAD, [channel, id, limit])).toReversed(),
    changes: (channel, after, limit) => read(CHANGES, [channel, after, limit]),
    async lastChange() {
      const [rows = []] = await connection.read([{ sql: LAST }]);
      return Number(rows[0]?.["last"] ?? 0);
    },
  };
}

function posting(
  message: NewLocalMessage,
  timed: (sql: string, args: Args) => Statement,
): readonly Statement[] {
  const { channel, thread, author, kind, notice, task, text, data, reaction } = message;
  const cells = [
    channel,
    thread,
    author,
    kind,
    notice ?? null,
    task,
    text,
    JSON.stringify(data),
    reaction ?? null,
  ];
  return [
    ...(thread === null ? [] : [timed(TOUCH_HEAD, [thread, channel])]),
    timed(POST, cells),
    // A notice that says the same as before comes back with no row: it has its message already.
    ...(notice === undefined ? [] : [timed(BY_NOTICE, [channel, notice])]),
  ];
}

function readMessage(json: string): LocalMessage {
  const cells = JSON.parse(json) as readonly unknown[];
  return {
    id: cells[0] as number,
    change: cells[1] as number,
    channel: cells[2] as string,
    thread: cells[3] as number | null,
    author: cells[4] as string,
    kind: cells[5] as LocalMessage["kind"],
    task: cells[6] as string | null,
    text: cells[7] as string,
    data: cells[8] as LocalMessage["data"],
    reaction: cells[9] as string | null,
    at: cells[10] as number,
    changedAt: cells[11] as number,
    replies: cells[12] as number,
  };
}
