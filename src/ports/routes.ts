import type { Json } from "../core/json.ts";
import type { AttemptRoute, RouteFacts, RouteObservation } from "../core/route-facts.ts";
import type { NewObservation, RouteHolder } from "../core/telemetry/attribute.ts";

/** What is asked about: a session, an attempt by id, or an agent by name. */
export type RouteSubject =
  | { readonly session: string }
  | { readonly attempt: string }
  | { readonly agent: string };

/** What is known of routes beside what attempts say themselves: observations, kept apart from tasks and their versions. */
export interface RouteStore {
  /** Open attempts of these sessions, and those named by id. */
  holders(sessions: readonly string[], attempts: readonly string[]): Promise<readonly RouteHolder[]>;
  /** Adds to what was seen already; of each, whether it is the first of its kind. */
  record(seen: readonly NewObservation[]): Promise<readonly boolean[]>;
  /** What was seen of the subject, newest first. */
  seen(subject: RouteSubject, limit: number): Promise<readonly RouteObservation[]>;
  /** The subject's attempts, newest first. Of a session or an agent: the open ones, and those with observations. */
  attempts(subject: RouteSubject, limit: number): Promise<readonly AttemptRoute[]>;
  /** Attempts that are open, or of which something was seen since then, with what was seen of each. */
  facts(since: number): Promise<readonly RouteFacts[]>;
  /** `trouble.reported`, an event that is no task's. */
  troubled(event: {
    readonly actor: string;
    readonly data: { readonly [field: string]: Json };
    readonly requestId?: string | undefined;
  }): Promise<void>;
}
