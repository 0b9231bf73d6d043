import type { Grant, Grantee } from "../core/grant.ts";

export interface GrantRecord extends Grant {
  /** Who gave it, as an actor, and when, in milliseconds since 1970 UTC. */
  readonly by: string;
  readonly at: number;
}

/** Who may do what in a chat. Every change writes one event. */
export interface RoleStore {
  grants(): Promise<readonly GrantRecord[]>;
  /** In place of what was given before. Twice is as good as once. */
  grant(grant: Grant, actor: string): Promise<GrantRecord>;
  /** False where nothing was given. */
  revoke(grantee: Grantee, actor: string): Promise<boolean>;
}
