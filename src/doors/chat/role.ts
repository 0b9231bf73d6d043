/** What somebody may do in chat; each may do what stands before it as well. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who typed a line. `actor` is `person:PLATFORM:ID`, by the platform's user id, never by a name. */
export interface Speaker {
  readonly actor: string;
  readonly role: Role;
}

export function hasRole(speaker: Speaker, role: Role): boolean {
  return ROLES.indexOf(speaker.role) >= ROLES.indexOf(role);
}
