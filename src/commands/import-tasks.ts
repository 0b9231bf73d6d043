import { planArchive, questionOfArchive } from "../core/import/archive-plan.ts";
import { type Here, NO_QUESTION, type Question } from "../core/import/arrival.ts";
import { decodeLines } from "../core/import/decode.ts";
import { arrivalOf, type ImportPlan, type ImportSettings, type PlannedTask } from "../core/import/plan.ts";
import type { SourceFault } from "../core/import/record.ts";
import { planRecords, questionOf } from "../core/import/record-plan.ts";
import type { ImportReport } from "../core/import/report.ts";
import type { Requirement } from "../core/proof.ts";
import { done, invalid, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import { policyFault, textFault } from "../core/task-fields.ts";
import type { DefaultPolicy } from "../ports/policies.ts";
import type { ParsedSource } from "../ports/source.ts";
import { requirementFault, unknownReference } from "./add-task.ts";
import type { Caller, House } from "./house.ts";
import { reasonFault } from "./reason.ts";

export interface ImportTasks {
  /** A source's name, as in `house.sources`. */
  readonly source: string;
  /** A file's bytes, so that lines which are not UTF-8 can be named; or its text. */
  readonly text: string | Uint8Array;
  /** For rows that name none. */
  readonly lane?: string | undefined;
  /** For rows that have none. */
  readonly acceptance?: string | undefined;
  readonly requirements?: readonly Requirement[] | undefined;
  /** The same plan and the same report, and nothing is written. */
  readonly dryRun?: boolean | undefined;
  /** Who vouches for what the source calls closed: it comes in as done, shown as attested, never announced. */
  readonly attestClosedBy?: string | undefined;
  /** Tasks written so far, and how many there are to write. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** What is said for rows that lack it; the tasks of an archive lack nothing. */
const DEFAULTS = ["lane", "acceptance", "requirements", "attestClosedBy"] as const;

/** Tasks of one batch: the write lock is held no longer than others can wait. */
const BATCH = 500;
/** How often a plan is made anew because the queue moved, or would not take a row. */
const PLANS = 20;

/**
 * Brings in tasks from elsewhere. Each batch stands whole or not at all, rows that are here already are left as they
 * are, and so a second run changes nothing and an interrupted one is finished by running it again.
 */
export async function importTasks(
  house: House,
  input: ImportTasks,
  caller: Caller,
): Promise<Outcome<ImportReport>> {
  const source = house.sources.get(input.source);
  if (source === undefined) {
    const hint = "Say what kind of file it is.";
    return refused(invalid("source", { expected: [...house.sources.keys()], got: input.source, hint }));
  }
  const fault = await settingsFault(house, input);
  if (fault !== null) return refused(fault);
  const { text, faults } =
    typeof input.text === "string" ? { text: input.text, faults: [] } : decodeLines(input.text);
  const parsed = source.parse(text);
  const idle = parsed.archive === null ? undefined : DEFAULTS.find((name) => input[name] !== undefined);
  if (idle !== undefined) {
    const hint = "An export comes back as it was: import it without defaults, and edit what should change.";
    return refused(
      invalid(idle, { expected: "nothing, with an export of Gatehouse", got: "a default", hint }),
    );
  }
  const unread = [...faults, ...parsed.faults];
  const settings = settingsOf(house, input, await house.policies.policies(), caller);
  return run(house, { input, settings, parsed, unread });
}

interface Job {
  readonly input: ImportTasks;
  readonly settings: ImportSettings;
  readonly parsed: ParsedSource;
  readonly unread: readonly SourceFault[];
}

/** What this run wrote, and what it found that the queue will not take. */
interface Progress {
  /** Keys by the names of the plan. */
  readonly written: Map<string, string>;
  readonly barred: Map<string, Refusal>;
}

/** Plan, write, and where the queue moved or refused a row in between, plan again with what is known then. */
async function run(house: House, job: Job): Promise<Outcome<ImportReport>> {
  const progress: Progress = { written: new Map(), barred: new Map() };
  for (let plans = 1; plans <= PLANS; plans += 1) {
    const { plan, prepare } = await makePlan(house, job, progress);
    const dryRun = job.input.dryRun === true;
    const report = { ...plan.report, dryRun };
    if (dryRun) return done(report);
    await prepare();
    if (await writePlan(house, job, plan, progress)) return done(report);
  }
  return refused(
    refuse("queue-truth", "contended", {
      field: "import",
      expected: "a queue that takes the rows of one plan",
      got: `${PLANS} plans`,
      hint: "What was written stands. Run the import again to finish it.",
    }),
  );
}

async function makePlan(
  house: House,
  { parsed, settings, unread }: Job,
  { written, barred }: Progress,
): Promise<{ readonly plan: ImportPlan; readonly prepare: () => Promise<void> }> {
  const { archive, records } = parsed;
  if (archive !== null) {
    const here = await look(house, questionOfArchive(archive), written);
    const now = await house.queue.now();
    const plan = planArchive({ archive, faults: unread, here, settings, now, barred });
    return { plan, prepare: () => house.imports.furnish(plan.roster) };
  }
  const here = await look(house, questionOf(records, settings), written);
  const plan = planRecords({ records, faults: unread, here, settings, barred });
  return { plan, prepare: () => Promise.resolve() };
}

/** The queue as it stood before this run: what the run itself wrote is still to be counted as new. */
async function look(house: House, question: Question, written: ReadonlyMap<string, string>): Promise<Here> {
  const here = await house.imports.look(question);
  if (written.size === 0) return here;
  const own = new Set(written.values());
  return {
    ...here,
    origins: new Map([...here.origins].filter(([, { key }]) => !own.has(key))),
    tasks: new Map([...here.tasks].filter(([key]) => !own.has(key))),
  };
}

/** True where all of the plan stands; false where it has to be made anew. */
async function writePlan(house: House, job: Job, plan: ImportPlan, progress: Progress): Promise<boolean> {
  const { written, barred } = progress;
  const todo = plan.tasks.filter(({ ref }) => !written.has(ref));
  const keys = await keysOf(house, todo, plan, job.settings.actor);
  const keyOf = (ref: string): string => written.get(ref) ?? keys.get(ref) ?? ref;
  let sent = plan.tasks.length - todo.length;
  job.input.progress?.(sent, plan.tasks.length);
  for (const batch of batches(todo)) {
    const failed = await admit(house, batch, keyOf);
    for (const { ref } of failed === null ? batch : batch.slice(0, failed.at)) written.set(ref, keyOf(ref));
    if (failed !== null) {
      const guilty = batch[failed.at];
      // Where somebody else imported the row in between, the next look shows it; else the row itself is at fault.
      if (guilty !== undefined && !(await appeared(house, job, guilty)))
        barred.set(guilty.ref, failed.refusal);
      return false;
    }
    sent += batch.length;
    job.input.progress?.(sent, plan.tasks.length);
  }
  return true;
}

async function keysOf(
  house: House,
  todo: readonly PlannedTask[],
  plan: ImportPlan,
  actor: string,
): Promise<ReadonlyMap<string, string>> {
  const numbered = todo.some(({ key }) => typeof key !== "string");
  const before = numbered ? await house.imports.reserve(plan.epics, actor) : new Map<string, number>();
  return new Map(
    todo.map(({ ref, key, row }) => [
      ref,
      typeof key === "string" ? key : `${row.epic}-${(before.get(row.epic) ?? 0) + key.nth}`,
    ]),
  );
}

/** Writes a batch; where something in it is refused, finds the first such row by halves. What stands before it stays. */
async function admit(
  house: House,
  batch: readonly PlannedTask[],
  keyOf: (ref: string) => string,
): Promise<{ readonly at: number; readonly refusal: Refusal } | null> {
  const refusal = await house.imports.admit(batch.map((task) => arrivalOf(task, keyOf(task.ref), keyOf)));
  if (refusal === null) return null;
  if (batch.length === 1) return { at: 0, refusal };
  const half = Math.ceil(batch.length / 2);
  const first = await admit(house, batch.slice(0, half), keyOf);
  if (first !== null) return first;
  const second = await admit(house, batch.slice(half), keyOf);
  return second && { at: half + second.at, refusal: second.refusal };
}

async function appeared(house: House, { settings, parsed }: Job, { ref }: PlannedTask): Promise<boolean> {
  const { origins, tasks } = await house.imports.look(
    parsed.archive === null
      ? { ...NO_QUESTION, origins: [{ source: settings.source, id: ref }] }
      : { ...NO_QUESTION, keys: [ref] },
  );
  return origins.size + tasks.size > 0;
}

/** In the plan's order, by what a task brings along: a long history counts as many rows. */
function* batches(tasks: readonly PlannedTask[]): Generator<readonly PlannedTask[]> {
  let batch: PlannedTask[] = [];
  let rows = 0;
  for (const task of tasks) {
    const { attempts, proofs, events } = task.history;
    const weight = Math.max(1, attempts.length + proofs.length + events.length);
    if (batch.length > 0 && rows + weight > BATCH) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(task);
    rows += weight;
  }
  if (batch.length > 0) yield batch;
}

async function settingsFault(house: House, input: ImportTasks): Promise<Refusal | null> {
  const requirements = input.requirements ?? [];
  return (
    textFault({ title: "rows", body: "", acceptance: input.acceptance ?? "" }) ??
    policyFault(requirements) ??
    requirementFault(house, requirements) ??
    (input.attestClosedBy === undefined ? null : reasonFault(input.attestClosedBy, "attestClosedBy")) ??
    (await unknownReference(house, { lane: input.lane }))
  );
}

function settingsOf(
  house: House,
  input: ImportTasks,
  policies: readonly DefaultPolicy[],
  caller: Caller,
): ImportSettings {
  const standing = (kind: string, name: string | null) =>
    policies.find(({ on }) => on.kind === kind && on.name === name)?.requirements;
  return {
    source: input.source,
    actor: caller.actor,
    owner: ownerOf(caller.actor),
    lane: input.lane ?? null,
    acceptance: input.acceptance ?? "",
    requirements: input.requirements ?? [],
    defaults: (epic, lane) => standing("epic", epic) ?? standing("lane", lane) ?? [],
    attestClosedBy: input.attestClosedBy ?? null,
    sha256: (text) => house.identity.sha256(text),
    policyFault: (requirements) => policyFault(requirements) ?? requirementFault(house, requirements),
  };
}

/** The person who imports is asked about what comes in blocked; a machine is not. */
function ownerOf(actor: string): string {
  const [sort, , ...name] = actor.split(":");
  return sort === "person" && name.length > 0 ? name.join(":") : "operator";
}
