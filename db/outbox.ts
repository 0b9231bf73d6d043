import { randomBytes } from "node:crypto";
import { cardSubject } from "../src/core/card.ts";
import type { NoticeKind } from "../src/core/notice.ts";
import type { Delivery, LastNotice, NoticeRecord, OutboxStore, Posting } from "../src/ports/outbox.ts";
import type { QueueClock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";
import { type Connection, DoubtfulWrite, type Row, type Statement } from "./connection.ts";
import {
  BEGIN_VIEW,
  BY_ANCHOR,
  CARDED,
  CARDS,
  DATA,
  DUE,
  LIVE,
  MARK,
  MOVE_MARK,
  NEWEST,
  NOTICES,
  OF_TASK,
  SETTLE,
  TAKE,
  TAKEN,
  UNSETTLED,
  WRITE_DELIVERIES,
  WRITE_NOTICES,
} from "./outbox-sql.ts";

/** How many outcomes of deliveries share one batch. */
const GROUP = 64;

type Outcome = readonly [
  delivery: Delivery,
  state: string,
  anchor: string | null,
  error: string | null,
  retryMs: number | null,
  waits: 0 | 1,
];

export function outboxStore(connection: Connection, clock: QueueClock): OutboxStore {
  const settle = coalesce<Outcome, void>(
    async (outcomes) => {
      const rows = outcomes.map(([{ notice, channelId, tries, revision, anchor }, ...outcome]) => [
        notice,
        channelId,
        tries,
        revision,
        ...outcome,
        anchor,
      ]);
      await connection.writeRepeatable([timed(clock, SETTLE, [JSON.stringify(rows)])]);
      return outcomes.map(() => undefined);
    },
    { max: GROUP, key: ([{ notice, channelId }]) => `${notice} ${channelId}` },
  );
  return {
    async post(notice, task, only) {
      const rows = noticeRows([{ notice, task, only }]);
      await connection.writeRepeatable(writing(clock, rows, null, null));
    },
    newest: async (subjects) => (await lastNotices(connection, NEWEST, subjects))[0] ?? null,
    live: (subjects) => lastNotices(connection, LIVE, JSON.stringify(subjects)),
    derivedUpTo: async (view) => Number((await one(connection, MARK, [mark(view)]))?.["value"] ?? 0),
    derive: (view, from, to, postings) => derive(connection, clock, { view, from, to, postings }),
    async carded(keys) {
      const [rows = []] = await connection.read([
        { sql: CARDED, args: [JSON.stringify(keys), cardSubject("")] },
      ]);
      return rows.map((row) => String(row["key"]));
    },
    takeDue: (platforms, limit, leaseMs) =>
      takeDue(connection, clock, JSON.stringify(platforms), limit, leaseMs),
    sent: (delivery, anchor) => settle([delivery, "sent", anchor, null, null, 0]),
    unsent: (delivery, error, retryMs, waits = false) =>
      settle([delivery, retryMs === null ? "failed" : "pending", null, error, retryMs, waits ? 1 : 0]),
    uncertain: (delivery, error, retryMs, waits = false) =>
      settle([delivery, "uncertain", null, error, retryMs, waits ? 1 : 0]),
    async dueInMs(platforms) {
      const row = await one(connection, clock.sql(DUE), [JSON.stringify(platforms)]);
      const due = row?.["due"] ?? null;
      return due === null ? null : Number(due);
    },
    async notices({ kind, task, after, limit }) {
      const sql = `${NOTICES}${task === undefined ? "" : OF_TASK} ORDER BY n.id LIMIT ?2`;
      const args = [after, limit, kind ?? null, ...(task === undefined ? [] : [task])];
      const [rows = []] = await connection.read([{ sql, args }]);
      return rows.map((row) => readNotice(String(row["cells"])));
    },
    async cards(platform, limit) {
      const [rows = []] = await connection.read([{ sql: CARDS, args: [platform, limit] }]);
      return rows.map((row) => {
        const [channel, anchor, task] = JSON.parse(String(row["cells"])) as readonly [string, string, string];
        return { channel, anchor, task };
      });
    },
    async dataOf(notice) {
      const row = await one(connection, DATA, [notice]);
      return row === undefined ? null : (JSON.parse(String(row["data"])) as Delivery["data"]);
    },
    async taskByAnchor(platform, channel, anchor) {
      const row = await one(connection, BY_ANCHOR, [platform, channel, anchor]);
      const task = row?.["task"] ?? null;
      return task === null ? null : String(task);
    },
    unsettledSince: async (platform, channel, at) =>
      (await one(connection, UNSETTLED, [platform, channel, at])) !== undefined,
  };
}

/** A notice without a subject gets one of its own: writing it once more after a lost answer writes nothing. */
function noticeRows(postings: readonly Posting[]): string {
  return JSON.stringify(
    postings.map(({ notice, task, only }) => [
      task,
      notice.kind,
      notice.text,
      notice.data,
      ("subject" in notice ? notice.subject : undefined) ?? `once:${randomBytes(12).toString("base64url")}`,
      only?.platform ?? null,
      only?.channel ?? null,
    ]),
  );
}

function writing(
  clock: QueueClock,
  rows: string,
  view: string | null,
  from: string | null,
): readonly Statement[] {
  return [timed(clock, WRITE_NOTICES, [rows, view, from]), timed(clock, WRITE_DELIVERIES, [rows])];
}

async function derive(
  connection: Connection,
  clock: QueueClock,
  step: {
    readonly view: string;
    readonly from: number;
    readonly to: number;
    readonly postings: readonly Posting[];
  },
): Promise<boolean> {
  const name = mark(step.view);
  const statements = [
    { sql: BEGIN_VIEW, args: [name] },
    ...(step.postings.length === 0 ? [] : writing(clock, noticeRows(step.postings), name, String(step.from))),
    { sql: MOVE_MARK, args: [name, String(step.from), String(step.to)] },
  ];
  try {
    const results = await connection.write(statements);
    return (results.at(-1) ?? []).length > 0;
  } catch (error) {
    if (!(error instanceof DoubtfulWrite)) throw error;
    return Number((await one(connection, MARK, [name]))?.["value"] ?? 0) === step.to;
  }
}

/** Where a view of the log stands, in `settings`. */
function mark(view: string): string {
  return `view:${view}`;
}

async function takeDue(
  connection: Connection,
  clock: QueueClock,
  platforms: string,
  limit: number,
  leaseMs: number,
): Promise<readonly Delivery[]> {
  // An answer that was lost leaves leases nobody knows of: they run out, and what they held is looked up, then sent.
  const [taken = []] = await connection.write([timed(clock, TAKE, [platforms, limit, leaseMs])]);
  if (taken.length === 0) return [];
  const ids = JSON.stringify(taken.map((row) => [row["notice_id"], row["channel_id"]]));
  const [rows = []] = await connection.read([timed(clock, TAKEN, [ids])]);
  return rows.map((row) => readDelivery(String(row["cells"])));
}

function readDelivery(json: string): Delivery {
  const cells = JSON.parse(json) as readonly unknown[];
  return {
    notice: cells[0] as number,
    channelId: cells[1] as number,
    platform: cells[2] as string,
    channel: cells[3] as string,
    kind: cells[4] as NoticeKind,
    task: cells[5] as string | null,
    text: cells[6] as string,
    data: cells[7] as Delivery["data"],
    revision: cells[8] as number,
    anchor: cells[9] as string | null,
    tries: cells[10] as number,
    doubtful: cells[11] === 1,
    triedSince: cells[12] as number,
    under: cells[13] as string | null,
    ...(cells[14] === null ? {} : { failingMs: cells[14] as number }),
    ping: cells[15] as string | null,
  };
}

async function lastNotices(
  connection: Connection,
  sql: string,
  subjects: string,
): Promise<readonly LastNotice[]> {
  const [rows = []] = await connection.read([{ sql, args: [subjects] }]);
  return rows.map((row) => ({
    subject: String(row["subject"]),
    data: JSON.parse(String(row["data"])) as LastNotice["data"],
  }));
}

function readNotice(json: string): NoticeRecord {
  const cells = JSON.parse(json) as readonly unknown[];
  return {
    id: cells[0] as number,
    kind: cells[1] as NoticeKind,
    task: cells[2] as string | null,
    text: cells[3] as string,
    at: cells[4] as number,
    deliveries: cells[5] as NoticeRecord["deliveries"],
  };
}

function timed(clock: QueueClock, sql: string, args: readonly (string | number | null)[]): Statement {
  return { sql: clock.sql(sql), args };
}

async function one(
  connection: Connection,
  sql: string,
  args: readonly (string | number | null)[],
): Promise<Row | undefined> {
  const [rows = []] = await connection.read([{ sql, args }]);
  return rows[0];
}
