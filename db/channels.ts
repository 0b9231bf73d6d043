import { readQuietHours } from "../src/core/local-time.ts";
import type { NoticeKind } from "../src/core/notice.ts";
import type { Channel, ChannelSettings, ChannelStore } from "../src/ports/channels.ts";
import type { QueueClock } from "./clock.ts";
import type { Connection, Row } from "./connection.ts";
import { newToken } from "./token.ts";

const CHANNEL = `json_array(c.platform, c.name, json(c.kinds), json(c.lanes), c.timezone, c.quiet_hours, c.quiet_from,
  c.quiet_until, c.muted_until, c.ping) AS cells`;
const ALL = `SELECT ${CHANNEL} FROM channels c ORDER BY c.id`;
const ONE = `SELECT ${CHANNEL} FROM channels c WHERE c.platform = ?1 AND c.name = ?2`;

/** The event is the ticket, here as well: ?1 token, ?2 actor, ?3 what was said, ?4 the request. */
const ADMIT = `INSERT INTO events (change_id, kind, actor, at, data, request_id)
VALUES (?1, 'channel.set', ?2, :now, ?3, ?4) ON CONFLICT (request_id) WHERE request_id IS NOT NULL DO NOTHING`;
/** ?1 platform, ?2 name, ?3 the settings that were said, by column; ?4 token and ?5 request of the event, or NULL. */
const SET = `INSERT INTO channels (platform, name, kinds, lanes, timezone, quiet_hours, quiet_from, quiet_until, muted_until,
  ping)
SELECT ?1, ?2, ?3 -> 'kinds', ?3 -> 'lanes', ?3 ->> 'timezone', ?3 ->> 'quiet_hours', ?3 ->> 'quiet_from',
  ?3 ->> 'quiet_until', ?3 ->> 'muted_until', ?3 ->> 'ping'
WHERE ?4 IS NULL OR EXISTS (SELECT 1 FROM events WHERE request_id = ?5 AND change_id = ?4)
ON CONFLICT (platform, name) DO UPDATE SET
  ${["kinds", "lanes", "timezone", "quiet_hours", "quiet_from", "quiet_until", "muted_until", "ping"]
    .map(
      (column) =>
        `${column} = CASE WHEN json_type(?3, '$.${column}') IS NULL THEN channels.${column} ELSE excluded.${column} END`,
    )
    .join(",\n  ")}`;
/** A JSON null is a value as well: it is kept as no value at all. */
const PLAIN = `UPDATE channels SET kinds = nullif(kinds, 'null'), lanes = nullif(lanes, 'null')
WHERE platform = ?1 AND name = ?2`;

export function channelStore(connection: Connection, clock: QueueClock): ChannelStore {
  return {
    async channels() {
      const [rows = []] = await connection.read([{ sql: ALL }]);
      return rows.map(readChannel);
    },
    async channel(platform, name) {
      const [rows = []] = await connection.read([{ sql: ONE, args: [platform, name] }]);
      return rows.map(readChannel)[0] ?? null;
    },
    async setChannel({ platform, name }, settings, by) {
      const place = [platform, name];
      const token = newToken();
      const request = by?.requestId ?? `channel:${token}`;
      const said = JSON.stringify({ channel: `${platform}:${name}`, ...settings });
      const results = await connection.writeRepeatable([
        ...(by === undefined ? [] : [{ sql: clock.sql(ADMIT), args: [token, by.actor, said, request] }]),
        {
          sql: SET,
          args: [...place, JSON.stringify(columns(settings)), by === undefined ? null : token, request],
        },
        { sql: PLAIN, args: place },
        { sql: ONE, args: place },
      ]);
      return readChannel((results.at(-1) ?? [])[0] as Row);
    },
  };
}

function columns({ kinds, lanes, timezone, quietHours, quiet, mutedUntil, ping }: ChannelSettings) {
  const hours = quietHours && `${quietHours.from}-${quietHours.until}`;
  return {
    kinds,
    lanes,
    timezone,
    quiet_hours: hours,
    quiet_from: quiet === null ? null : quiet?.from,
    quiet_until: quiet === null ? null : quiet?.until,
    muted_until: mutedUntil,
    ping,
  };
}

function readChannel(row: Row): Channel {
  const cells = JSON.parse(String(row["cells"])) as readonly unknown[];
  const quietFrom = cells[6] as number | null;
  const quietUntil = cells[7] as number | null;
  return {
    platform: cells[0] as string,
    name: cells[1] as string,
    kinds: cells[2] as readonly NoticeKind[] | null,
    lanes: cells[3] as readonly string[] | null,
    timezone: cells[4] as string | null,
    quietHours: cells[5] === null ? null : readQuietHours(cells[5] as string),
    quiet: quietFrom === null || quietUntil === null ? null : { from: quietFrom, until: quietUntil },
    mutedUntil: cells[8] as number | null,
    ping: cells[9] as string | null,
  };
}
