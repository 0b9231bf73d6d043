import type { Requirement } from "../proof.ts";
import type { Refusal } from "../refusal.ts";
import type { Status } from "../task.ts";
import type { Arrival, ArrivalRow, EpicOrder } from "./arrival.ts";
import type { ImportReport } from "./report.ts";

/** What the person who imports said, and what the plan may ask while it stays pure. */
export interface ImportSettings {
  readonly source: string;
  readonly actor: string;
  /** Who is asked about what comes in blocked. */
  readonly owner: string;
  /** Defaults for rows that lack them; null, "" and none where nobody gave one. */
  readonly lane: string | null;
  readonly acceptance: string;
  readonly requirements: readonly Requirement[];
  /** What tasks of an epic and a lane must show where neither the row nor the importer says it. */
  readonly defaults: (epic: string, lane: string | null) => readonly Requirement[];
  /** The person who vouches for what the source calls closed. */
  readonly attestClosedBy: string | null;
  readonly sha256: (text: string) => string;
  /** What the verifiers say of a policy a row brought. */
  readonly policyFault: (requirements: readonly Requirement[]) => Refusal | null;
}

/** Another task: one of this plan, or a text that is a key here or an id of something that is not here. */
export type Target = { readonly ref: string } | { readonly text: string };

export interface PlannedLink {
  readonly kind: string;
  readonly target: Target;
}

/** A task to be written; its key and those of the tasks it names are filled in once numbers are set aside. */
export interface PlannedTask {
  /** Its name within the plan. */
  readonly ref: string;
  readonly line: number;
  /** Its own key, where it brings one; else the n-th number set aside in its epic. */
  readonly key: string | { readonly nth: number };
  readonly row: Omit<ArrivalRow, "key" | "dependencies" | "links">;
  readonly history: Arrival["history"];
  readonly dependsOn: readonly Target[];
  readonly links: readonly PlannedLink[];
}

export interface ImportPlan {
  /** In the order of writing: whatever a task waits for stands before it. */
  readonly tasks: readonly PlannedTask[];
  readonly epics: readonly EpicOrder[];
  readonly report: Omit<ImportReport, "dryRun">;
}

/** A planned task with every name in it resolved. */
export function arrivalOf(task: PlannedTask, key: string, keyOf: (ref: string) => string): Arrival {
  const name = (target: Target): string => ("ref" in target ? keyOf(target.ref) : target.text);
  return {
    row: {
      ...task.row,
      key,
      dependencies: task.dependsOn.map(name),
      links: task.links.map(({ kind, target }) => ({ kind, target: name(target) })),
    },
    history: task.history,
  };
}

export function countStatuses(tasks: readonly PlannedTask[]): { readonly [status in Status]?: number } {
  const counts: { [status in Status]?: number } = {};
  for (const { row } of tasks) counts[row.status] = (counts[row.status] ?? 0) + 1;
  return counts;
}
