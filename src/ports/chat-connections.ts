import type { ConnectionState } from "./chat-receiver.ts";

/** How the connection of a platform stands, and since when (milliseconds since 1970 UTC). */
export interface StandingConnection {
  readonly state: ConnectionState["state"];
  readonly since: number;
}

/**
 * What the receivers of this process last told of their connections. Why one was refused is not kept: it may name tokens
 * and permissions, which belong in the log and not in what anybody may ask for.
 */
export class ChatConnections {
  readonly #standing = new Map<string, StandingConnection>();

  tell(platform: string, { state }: ConnectionState, at: number): void {
    if (this.#standing.get(platform)?.state !== state) this.#standing.set(platform, { state, since: at });
  }

  all(): ReadonlyMap<string, StandingConnection> {
    return this.#standing;
  }
}
