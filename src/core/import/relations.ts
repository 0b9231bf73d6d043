import { TASK_KEY } from "../task.ts";
import { tidyLine } from "../text.ts";
import { type Here, originName } from "./arrival.ts";
import type { EpicName } from "./epics.ts";
import { orderByDependency } from "./order.ts";
import type { PlannedLink, PlannedTask, Target } from "./plan.ts";
import type { ImportRecord, Relation } from "./record.ts";
import type { Tally } from "./report.ts";

export interface RelationPlan {
  /** Ids, each after what it waits for. */
  readonly order: readonly string[];
  readonly of: ReadonlyMap<string, Pick<PlannedTask, "dependsOn" | "links">>;
  readonly dependencies: number;
  readonly links: number;
}

const LINK_MAX = 300;

/**
 * Turns what rows say of each other into dependencies and links. `records` are those that come in now; a target may also
 * be a row that came in earlier, or a task's key. Whatever cannot be a dependency is kept as a link, and said so.
 */
export function planRelations(
  { here, settings: { source } }: { readonly here: Here; readonly settings: { readonly source: string } },
  records: ReadonlyMap<string, ImportRecord>,
  epics: ReadonlyMap<string, EpicName>,
  note: Tally["note"],
): RelationPlan {
  const blocksOf = (id: string): readonly string[] =>
    (records.get(id)?.relations ?? []).filter(({ sort }) => sort === "blocks").map(({ target }) => target);
  const { order, closing } = orderByDependency([...records.keys()], blocksOf);
  const find = (target: string): Target | null => {
    if (records.has(target)) return { ref: target };
    const key =
      here.origins.get(originName(source, target))?.key ?? (here.tasks.has(target) ? target : undefined);
    return key === undefined ? null : { text: key };
  };
  const of = new Map<string, Pick<PlannedTask, "dependsOn" | "links">>();
  let dependencies = 0;
  let links = 0;
  for (const record of records.values()) {
    const planned = relationsOf(record, {
      find,
      closing: closing.get(record.id) ?? new Set(),
      placed: epics.get(record.id)?.by === "parent",
      records,
      note,
    });
    of.set(record.id, planned);
    dependencies += planned.dependsOn.length;
    links += planned.links.length;
  }
  return { order, of, dependencies, links };
}

interface Surroundings {
  readonly find: (target: string) => Target | null;
  /** Targets whose edge from this row would close a cycle. */
  readonly closing: ReadonlySet<string>;
  /** Its parents led to its epic. */
  readonly placed: boolean;
  readonly records: ReadonlyMap<string, ImportRecord>;
  readonly note: Tally["note"];
}

function relationsOf(record: ImportRecord, around: Surroundings): Pick<PlannedTask, "dependsOn" | "links"> {
  const dependsOn: Target[] = [];
  const links: PlannedLink[] = [];
  const seen = new Set<string>();
  for (const relation of record.relations) {
    const found = around.find(relation.target);
    const { kind, to, why } = sorted(relation, found, around);
    const target = found ?? { text: clip(relation.target) };
    // One place a kind and target: the same thing said twice is counted, and kept once.
    const name = `${kind ?? ""}\n${"ref" in target ? `ref ${target.ref}` : target.text}`;
    if (seen.has(name)) {
      around.note(relation.word, "nothing more", "the row says it twice");
      continue;
    }
    seen.add(name);
    around.note(relation.word, to, why);
    if (kind === null) dependsOn.push(target);
    else links.push({ kind, target });
  }
  return { dependsOn, links };
}

/** Kind null: a dependency. */
function sorted(
  relation: Relation,
  found: Target | null,
  around: Surroundings,
): { readonly kind: string | null; readonly to: string; readonly why: string } {
  const word = clip(relation.word);
  if (found === null) {
    // Only what would have been waited for dangles: validation asks a person about that.
    const kind = `${relation.sort === "blocks" ? "dangling" : "absent"}:${word}`;
    return { kind, to: `link ${kind}`, why: "what it names is not here" };
  }
  if (relation.sort === "parent" && around.placed) {
    return { kind: word, to: `epic, and link ${word}`, why: "the epic holds the family together" };
  }
  if (relation.sort === "parent") {
    return { kind: word, to: `link ${word}`, why: "it is an epic itself, or no parent of it leads to one" };
  }
  if (relation.sort === "other") return { kind: word, to: `link ${word}`, why: "it orders nothing" };
  if (around.closing.has(relation.target)) {
    return { kind: `cycle:${word}`, to: `link cycle:${word}`, why: "as a dependency it would close a cycle" };
  }
  const stranded = "ref" in found && around.records.get(found.ref)?.state === "deleted";
  return stranded
    ? {
        kind: null,
        to: "dependency",
        why: "it waits for what was deleted there: stranded until somebody edits it",
      }
    : { kind: null, to: "dependency", why: "it orders work here as it did there" };
}

function clip(text: string): string {
  return tidyLine(text.toWellFormed()).slice(0, LINK_MAX).toWellFormed();
}

/** Which tasks here a plan may come to name: rows that came in earlier, and keys. */
export function namedTargets(records: readonly ImportRecord[]): {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
} {
  const ids = new Set<string>();
  const keys = new Set<string>();
  for (const { id, relations } of records) {
    ids.add(id);
    for (const { target } of relations) {
      ids.add(target);
      if (TASK_KEY.test(target)) keys.add(target);
    }
  }
  return { ids: [...ids], keys: [...keys] };
}
