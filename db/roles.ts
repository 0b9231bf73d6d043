import type { Grant, Grantee } from "../src/core/grant.ts";
import type { Role } from "../src/core/role.ts";
import type { GrantRecord, RoleStore } from "../src/ports/roles.ts";
import { ADMITTED, type RosterDesk } from "./roster-desk.ts";

const CELLS = "json_array(platform, sort, subject, role, granted_by, granted_at) AS cells";
const ALL = `SELECT ${CELLS} FROM role_grants ORDER BY platform, sort DESC, subject`;
const ONE = `SELECT ${CELLS} FROM role_grants WHERE platform = ?1 AND sort = ?2 AND subject = ?3`;

/** ?1 is the ticket; ?2 platform, ?3 sort, ?4 subject, ?5 role, ?6 actor. */
const HELD = "SELECT 1 FROM role_grants WHERE platform = ?2 AND sort = ?3 AND subject = ?4";
const GRANT = `INSERT INTO role_grants (platform, sort, subject, role, granted_by, granted_at)
SELECT ?2, ?3, ?4, ?5, ?6, :now WHERE ${ADMITTED}
ON CONFLICT (platform, sort, subject) DO UPDATE SET role = excluded.role, granted_by = excluded.granted_by,
  granted_at = excluded.granted_at`;
const REVOKE = `DELETE FROM role_grants WHERE platform = ?2 AND sort = ?3 AND subject = ?4 AND ${ADMITTED}`;

export function roleStore(desk: RosterDesk): RoleStore {
  return {
    grants: async () => (await desk.read(ALL)).map(readGrant),
    async grant(grant, actor) {
      const place = [grant.platform, grant.sort, grant.subject];
      const data = { ...named(grant), role: grant.role };
      const guard = { sql: `NOT EXISTS (${HELD} AND role = ?5)`, args: [...place, grant.role] };
      const write = { sql: GRANT, args: [...place, grant.role, actor] };
      await desk.write({ kind: "role.granted", actor, data }, guard, [write]);
      const [cells] = await desk.read(ONE, place);
      if (cells === undefined) throw new Error("a role that was just given is not there");
      return readGrant(cells);
    },
    revoke(grantee, actor) {
      const place = [grantee.platform, grantee.sort, grantee.subject];
      const event = { kind: "role.revoked", actor, data: named(grantee) };
      return desk.write(event, { sql: `EXISTS (${HELD})`, args: place }, [{ sql: REVOKE, args: place }]);
    },
  };
}

function named({ platform, sort, subject }: Grantee) {
  return { platform, sort, subject };
}

function readGrant(json: string): GrantRecord {
  const cells = JSON.parse(json) as readonly unknown[];
  return {
    platform: cells[0] as string,
    sort: cells[1] as Grant["sort"],
    subject: cells[2] as string,
    role: cells[3] as Role,
    by: cells[4] as string,
    at: cells[5] as number,
  };
}
