import type { Archive, ArchivedAgent, ArchivedRoster, ArchivedTask } from "../archive.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { archivedTaskFault, epicOfKey, type Known } from "./archive-check.ts";
import { type Arrival, type ArrivalStatus, type Here, originName, type Question } from "./arrival.ts";
import { evidenceOf, reusedEvidence } from "./evidence.ts";
import { orderByDependency } from "./order.ts";
import {
  countStatuses,
  type ImportPlan,
  type ImportSettings,
  type PlannedLink,
  type PlannedTask,
  type Target,
} from "./plan.ts";
import type { SourceFault } from "./record.ts";
import { refusedRow, type Tally, tally } from "./report.ts";

type FiledTask = Archive["tasks"][number];

export interface ArchiveInput {
  readonly archive: Archive;
  readonly faults: readonly SourceFault[];
  readonly here: Here;
  readonly settings: ImportSettings;
  /** The database's clock, in milliseconds since 1970 UTC. */
  readonly now: number;
  /** Tasks the store would not take, by key. */
  readonly barred: ReadonlyMap<string, Refusal>;
}

export interface ArchivePlan extends ImportPlan {
  /** What has to stand before the tasks: lanes, epics, agents, and the events that are no task's. */
  readonly roster: ArchivedRoster;
}

const NOBODY = "imported: nobody here holds it";

export function questionOfArchive(archive: Archive): Question {
  const tasks = archive.tasks.map(({ row }) => row);
  return {
    origins: tasks.flatMap(({ origins }) =>
      origins.map(({ source, externalId }) => ({ source, id: externalId })),
    ),
    keys: [...new Set(tasks.flatMap(({ key, dependencies }) => [key, ...dependencies]))],
    epics: [
      ...new Set([
        ...archive.epics.map(({ key }) => key),
        ...tasks.flatMap(({ key, epic }) => [epicOfKey(key), epic]),
      ]),
    ],
    lanes: [...new Set([...archive.lanes.map(({ name }) => name), ...lanesOf(archive)])],
    agents: agentsOf(archive).map(({ name }) => name),
    evidence: archive.tasks.flatMap(evidenceOf),
  };
}

function lanesOf(archive: Archive): readonly string[] {
  return archive.tasks.flatMap(({ row, history }) => [
    ...(row.lane === null ? [] : [row.lane]),
    ...history.attempts.map(({ lane }) => lane),
  ]);
}

/** Tasks with their whole history, as another Gatehouse wrote them. */
export function planArchive(input: ArchiveInput): ArchivePlan {
  const { archive, here } = input;
  const told = tally();
  const refused: SourceFault[] = [...input.faults];
  const fresh = new Map<string, FiledTask>();
  const proving = new Map<string, readonly string[]>();
  let unchanged = 0;
  let changed = 0;
  const known: Known = {
    epics: new Set([...archive.epics.map(({ key }) => key), ...here.epics]),
    lanes: new Set([...archive.lanes.map(({ name }) => name), ...here.lanes]),
  };
  for (const filed of archive.tasks.toSorted(byBirth)) {
    const task = letGo(filed, input);
    const { key } = filed.row;
    const found = here.tasks.get(key);
    const fault = found === undefined ? judge(filed, known, proving, input) : taken(filed, found);
    if (fault !== null) refused.push(refusedRow({ line: filed.line, id: key }, fault));
    else if (found === undefined) {
      fresh.set(key, filed);
      for (const evidence of evidenceOf(filed))
        proving.set(evidence, [...(proving.get(evidence) ?? []), key]);
    } else if (found.version === task.row.version) unchanged += 1;
    else changed += 1;
  }
  const tasks = planTasks(fresh, input, told.note, new Set(refused.map(({ id }) => id)));
  noteRoster(archive, here, tasks, told.note);
  return {
    tasks,
    epics: [],
    roster: { ...archive, agents: agentsOf(archive) },
    report: {
      source: input.settings.source,
      rows: archive.tasks.length + input.faults.length,
      created: tasks.length,
      unchanged,
      changed,
      refused: refused.toSorted((a, b) => a.line - b.line),
      mapped: told.list(),
      epics: archive.epics.filter(({ key }) => !here.epics.has(key)).length,
      dependencies: tasks.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0),
      links: tasks.reduce((sum, { links }) => sum + links.length, 0),
      byStatus: countStatuses(tasks),
    },
  };
}

/** Written in the order in which they were once added: the oldest runnable task is still pulled first. */
function byBirth(a: FiledTask, b: FiledTask): number {
  const number = ({ row }: FiledTask): number => Number(row.key.slice(row.key.lastIndexOf("-") + 1));
  return a.row.createdAt - b.row.createdAt || number(a) - number(b) || a.line - b.line;
}

function taken(
  { row: { key }, history }: FiledTask,
  found: { readonly birth: string | null },
): Refusal | null {
  if (found.birth === history.events[0]?.change) return null;
  const hint = `Another task is ${key} here: it stays as it is.`;
  return refuse("queue-truth", "exists", { field: "key", expected: "a key that is free", got: key, hint });
}

function judge(
  filed: FiledTask,
  known: Known,
  proving: ReadonlyMap<string, readonly string[]>,
  input: ArchiveInput,
): Refusal | null {
  const barred = input.barred.get(filed.row.key);
  if (barred !== undefined) return barred;
  for (const { source, externalId } of filed.row.origins) {
    const other = input.here.origins.get(originName(source, externalId));
    if (other === undefined) continue;
    return refuse("queue-truth", "exists", {
      field: "origins",
      expected: "a row that was not imported yet",
      got: `${source} ${externalId}`,
      hint: `It is here already, as ${other.key}.`,
    });
  }
  return (
    archivedTaskFault(filed, known, input.settings.sha256) ??
    reusedEvidence(filed, proving, input.here.proving)
  );
}

/** A task somebody held when the file was written is given back: the promise was made to another queue. */
function letGo(
  task: ArchivedTask,
  { now, settings }: ArchiveInput,
): Pick<Arrival, "row" | "history"> & { readonly held: boolean } {
  const { row, history } = task;
  const last = history.attempts.at(-1);
  if (last === undefined || last.endedAt !== null) {
    return { row: { ...row, status: row.status as ArrivalStatus }, history, held: false };
  }
  const version = row.version + 1;
  return {
    row: { ...row, status: "queued", version, epoch: row.epoch + 1, readyAt: null, updatedAt: null },
    history: {
      ...history,
      attempts: [
        ...history.attempts.slice(0, -1),
        { ...last, endedAt: now, outcome: "lapsed", reason: NOBODY },
      ],
      events: [
        ...history.events,
        {
          version,
          change: null,
          kind: "task.imported",
          actor: settings.actor,
          at: now,
          attempt: last.number,
          data: { was: row.status, status: "queued", outcome: "lapsed", reason: NOBODY },
        },
      ],
    },
    held: true,
  };
}

function planTasks(
  fresh: ReadonlyMap<string, FiledTask>,
  input: ArchiveInput,
  note: Tally["note"],
  refused: ReadonlySet<string | undefined>,
): readonly PlannedTask[] {
  const { order, closing } = orderByDependency(
    [...fresh.keys()],
    (key) => fresh.get(key)?.row.dependencies ?? [],
  );
  return order.map((ref): PlannedTask => {
    const filed = fresh.get(ref) as FiledTask;
    const { row, history, held } = letGo(filed, input);
    if (row.completion === "attested")
      note("status done", "done, attested", "as the file says; nobody proved it");
    if (held) note(`status ${filed.row.status}`, "queued, its attempt lapsed", NOBODY);
    const { key, dependencies, links, ...rest } = row;
    const dependsOn: Target[] = [];
    const kept: PlannedLink[] = links.map(({ kind, target }) => ({ kind, target: { text: target } }));
    for (const target of new Set(dependencies)) {
      const cycle = closing.get(key)?.has(target) === true;
      if (!cycle && fresh.has(target)) dependsOn.push({ ref: target });
      // What has the key of a refused task here is another task.
      else if (!cycle && input.here.tasks.has(target) && !refused.has(target))
        dependsOn.push({ text: target });
      else {
        const kind = cycle ? "cycle:dependency" : "dangling:dependency";
        const why = cycle ? "as a dependency it would close a cycle" : "what it names is not here";
        note("dependency", `link ${kind}`, why);
        kept.push({ kind, target: { text: target } });
      }
    }
    return { ref, line: filed.line, key, row: rest, history, dependsOn, links: kept };
  });
}

/** Every agent an attempt names, so that the attempt can refer to it. */
function agentsOf(archive: Archive): readonly ArchivedAgent[] {
  const agents = new Map(archive.agents.map((agent) => [agent.name, agent]));
  for (const { history } of archive.tasks) {
    for (const { agent, startedAt } of history.attempts) {
      if (!agents.has(agent)) agents.set(agent, { name: agent, role: "agent", createdAt: startedAt });
    }
  }
  return [...agents.values()];
}

function noteRoster(archive: Archive, here: Here, tasks: readonly PlannedTask[], note: Tally["note"]): void {
  const agents = agentsOf(archive).filter(({ name }) => !here.agents.has(name));
  if (agents.length > 0)
    note(
      "agent",
      "a revoked agent",
      "keys are never exported: add a new key where one is needed",
      agents.length,
    );
  if (tasks.length === 0) return;
  for (const { name } of archive.lanes) {
    if (here.lanes.has(name))
      note(`lane ${name}`, "the lane of that name", "it is here already and stays as it is");
  }
}
