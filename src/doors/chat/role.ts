import { type Role, roleReaches } from "../../core/role.ts";

/** Who typed a line. `actor` is `person:PLATFORM:ID`, by the platform's user id, never by a name. */
export interface Speaker {
  readonly actor: string;
  readonly role: Role;
}

export function hasRole(speaker: Speaker, role: Role): boolean {
  return roleReaches(speaker.role, role);
}
