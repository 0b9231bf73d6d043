import { ROLES, type Role } from "./role.ts";

/** Whom a role was given: a person, or a group the platform keeps (a Slack user group, a Discord role). */
export interface Grantee {
  readonly platform: string;
  readonly sort: "person" | "group";
  /** The platform's own id, never a name: a name is whatever its bearer makes it. */
  readonly subject: string;
}

export interface Grant extends Grantee {
  readonly role: Role;
}

/** Whoever can write in a chat may look; everything else is given. */
const USUAL: Role = "viewer";

/** The highest of what a person was given himself and what his groups were. */
export function roleFor(
  grants: readonly Grant[],
  who: { readonly platform: string; readonly person: string; readonly groups: readonly string[] },
): Role {
  const theirs = grants.filter(({ platform, sort, subject }) => {
    if (platform !== who.platform) return false;
    return sort === "person" ? subject === who.person : who.groups.includes(subject);
  });
  const ranks = theirs.map(({ role }) => ROLES.indexOf(role));
  return ROLES[Math.max(ROLES.indexOf(USUAL), ...ranks)] as Role;
}

const NAMED = /^([a-z][a-z0-9-]*):(?:(group):)?([^\s:]+)$/u;

/** `slack:U012AB` is a person, `slack:group:S012AB` a group; null for what is neither. */
export function readGrantee(text: string): Grantee | null {
  const match = NAMED.exec(text.trim());
  if (match === null) return null;
  const [, platform, group, subject] = match;
  return {
    platform: platform as string,
    sort: group === undefined ? "person" : "group",
    subject: subject as string,
  };
}

export function granteeName({ platform, sort, subject }: Grantee): string {
  return sort === "group" ? `${platform}:group:${subject}` : `${platform}:${subject}`;
}
