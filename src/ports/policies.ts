import type { Requirement } from "../core/proof.ts";

/** Where a default policy stands: on a lane, or on an epic. */
export type PolicyPlace =
  | { readonly kind: "lane"; readonly name: string }
  | { readonly kind: "epic"; readonly name: string };

export interface DefaultPolicy {
  readonly on: PolicyPlace;
  /** The template it was made from. */
  readonly template: string;
  /** What its placeholders were filled with. */
  readonly given: { readonly [placeholder: string]: string };
  readonly requirements: readonly Requirement[];
  readonly setBy: string;
  /** Milliseconds since 1970 UTC. */
  readonly setAt: number;
}

/** What tasks must show where nobody said it for the task itself. A task keeps what it was added with. */
export interface PolicyStore {
  /** Epics' first, each kind by name. */
  policies(): Promise<readonly DefaultPolicy[]>;
  policy(on: PolicyPlace): Promise<DefaultPolicy | null>;
  /** In place of the one that stands there. False where there is no such lane or epic. */
  setPolicy(policy: Omit<DefaultPolicy, "setBy" | "setAt">, actor: string): Promise<boolean>;
  /** False where none stands there. */
  clearPolicy(on: PolicyPlace, actor: string): Promise<boolean>;
  /** The epic's, else the lane's; null where neither has one. */
  defaults(epic: string, lane: string | null): Promise<DefaultPolicy | null>;
}
