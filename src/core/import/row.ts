import { fieldReasons } from "../gates/runnable-pull.ts";
import { canonicalJson, type Json } from "../json.ts";
import type { Requirement } from "../proof.ts";
import type { Refusal } from "../refusal.ts";
import { DEFAULT_LIMITS } from "../task.ts";
import { textFault } from "../task-fields.ts";
import { deceivingInLine, deceivingInText, tidyLine, tidyText } from "../text.ts";
import type { Arrival, ArrivalRow, ArrivalStatus } from "./arrival.ts";
import { cutTitle } from "./epics.ts";
import type { ImportSettings, PlannedTask } from "./plan.ts";
import type { ImportRecord } from "./record.ts";
import type { Tally } from "./report.ts";

/** What stands in place of proof where a person vouched: shown as attested, and never checked by a verifier. */
const ATTESTED: readonly Requirement[] = [
  { name: "attested", kind: "human", approvers: 1, role: "operator" },
];

export type RowPlan = Pick<PlannedTask, "row" | "history"> & {
  /** Says in the report what became of what; asked only where the row does come in. */
  readonly tell: (note: Tally["note"]) => void;
};

interface Placement {
  readonly status: ArrivalStatus;
  readonly completion: "attested" | null;
  readonly block: ArrivalRow["block"];
  readonly to: string;
  readonly why: string;
}

/** One row of a source as the task it becomes, or why it cannot be one. */
export function planRow(record: ImportRecord, epic: string, settings: ImportSettings): RowPlan | Refusal {
  const texts = textsOf(record);
  const attested = record.state === "closed" && settings.attestClosedBy !== null;
  const ended = attested || record.state === "deleted";
  const acceptance = texts.acceptance.trim() === "" && !ended ? settings.acceptance : texts.acceptance;
  const lane = record.lane ?? settings.lane;
  const requirements = attested ? ATTESTED : policyOf(record, epic, lane, settings);
  const fault =
    textFault({ ...texts, acceptance }) ??
    (record.requirements === null ? null : settings.policyFault(record.requirements));
  if (fault !== null) return fault;
  const placement = place(record, { lane, acceptance, requirements }, settings);
  return {
    row: {
      epic,
      lane,
      priority: record.priority ?? "P2",
      status: placement.status,
      version: 1,
      epoch: 0,
      attempts: 0,
      failures: 0,
      lapses: 0,
      limits: DEFAULT_LIMITS,
      notBefore: record.notBefore,
      readyAt: null,
      policyHash: settings.sha256(canonicalJson(requirements)),
      completion: placement.completion,
      createdAt: null,
      updatedAt: null,
      title: texts.title,
      body: texts.body,
      acceptance,
      requirements,
      origins: [
        { source: settings.source, externalId: record.id, labels: labelsOf(record, settings, attested) },
      ],
      block: placement.block,
    },
    history: {
      attempts: [],
      proofs: [],
      announcements: [],
      events: [eventOf(record, placement, texts.title, settings)],
    },
    tell(note) {
      note(`status ${record.status === "" ? "missing" : record.status}`, placement.to, placement.why);
      if (acceptance !== texts.acceptance)
        note("acceptance missing", "the given one", "asked for at the import");
      if (record.priority === null)
        note(`priority ${record.priorityWord}`, "P2", "the source names none that is known here");
      for (const { from, to, why } of texts.mapped) note(from, to, why);
      tellFields(record, note);
    },
  };
}

/** The row's own requirements, else the importer's, else the default of its epic or lane. */
function policyOf(
  record: ImportRecord,
  epic: string,
  lane: string | null,
  settings: ImportSettings,
): readonly Requirement[] {
  if (record.requirements !== null) return record.requirements;
  if (record.state === "deleted") return [];
  return settings.requirements.length > 0 ? settings.requirements : settings.defaults(epic, lane);
}

/** The hash by which a second import knows that a row is the same. */
export function rowHash(record: ImportRecord, settings: ImportSettings): string {
  return settings.sha256(record.identity);
}

function labelsOf(
  record: ImportRecord,
  settings: ImportSettings,
  attested: boolean,
): { readonly [field: string]: Json } {
  return {
    sha256: rowHash(record, settings),
    ...(record.status === "" ? {} : { status: record.status }),
    ...(record.type === null ? {} : { type: record.type.word }),
    ...(attested ? { attestedBy: settings.attestClosedBy } : {}),
    ...(Object.keys(record.fields).length === 0 ? {} : { fields: record.fields }),
  };
}

function eventOf(
  record: ImportRecord,
  placement: Placement,
  title: string,
  settings: ImportSettings,
): Arrival["history"]["events"][number] {
  const { status, completion, why } = placement;
  return {
    version: 1,
    change: null,
    kind: "task.imported",
    actor: settings.actor,
    at: null,
    attempt: null,
    data: {
      source: settings.source,
      id: record.id,
      was: record.status,
      status,
      title,
      reason: why,
      ...(completion === null ? {} : { attestedBy: settings.attestClosedBy }),
    },
  };
}

function place(
  record: ImportRecord,
  task: {
    readonly lane: string | null;
    readonly acceptance: string;
    readonly requirements: readonly Requirement[];
  },
  settings: ImportSettings,
): Placement {
  const plain = { completion: null, block: null };
  const lacks = fieldReasons(task)
    .map((reason) => reason.detail)
    .join("; ");
  switch (record.state) {
    case "open":
      return lacks === ""
        ? { ...plain, status: "queued", to: "queued", why: "it has all that a queued task must have" }
        : { ...plain, status: "draft", to: "draft", why: lacks };
    case "claimed":
      return lacks === ""
        ? { ...plain, status: "queued", to: "queued", why: `${NOBODY}, so it is queued` }
        : {
            ...plain,
            status: "draft",
            to: "draft",
            why: `${NOBODY}, so it would be queued; a draft, because ${lacks}`,
          };
    case "blocked":
      return blocked("imported", record.block ?? blockOf(record, settings), "it was blocked there");
    case "closed":
      return settings.attestClosedBy === null
        ? blocked("unproven", unproven(settings), "nobody proved it here")
        : {
            status: "done",
            completion: "attested",
            block: null,
            to: "done, attested",
            why: `attested by ${settings.attestClosedBy}, not proved; not announced`,
          };
    case "deleted":
      return { ...plain, status: "cancelled", to: "cancelled", why: `deleted in ${settings.source}` };
    case "draft":
      return { ...plain, status: "draft", to: "draft", why: "it is a draft there too" };
    case "unknown":
      return {
        ...plain,
        status: "draft",
        to: "draft",
        why: "the status is not known here; it is kept in the labels",
      };
  }
}

const NOBODY = "claimed to be in progress; nobody here holds it";

function blocked(kind: string, block: NonNullable<ImportRecord["block"]>, why: string): Placement {
  return {
    status: "blocked",
    completion: null,
    block: { kind, ...block, choices: [], since: null },
    to: `blocked (${kind})`,
    why,
  };
}

function unproven({ source, owner }: ImportSettings): NonNullable<ImportRecord["block"]> {
  return {
    reason: `closed in ${source} without proof`,
    owner,
    question: "Was this really done? Attach proof through an attempt, or have a person attest it.",
  };
}

function blockOf(
  record: ImportRecord,
  { source, owner }: ImportSettings,
): NonNullable<ImportRecord["block"]> {
  return {
    reason: `blocked in ${source}`,
    owner,
    question: `What does ${cutTitle(tidyLine(record.id))} wait for, and may it go on?`,
  };
}

function tellFields(record: ImportRecord, note: Tally["note"]): void {
  if (record.isEpic)
    note(
      `type ${record.type?.word ?? "epic"}`,
      "an epic and a task",
      "the row is a piece of work of its own as well",
    );
  else if (record.type !== null) {
    const why = record.type.known
      ? "kept beside the task: tasks have no types"
      : "kept beside the task: the type is not known here";
    note(`type ${record.type.word}`, "labels", why);
  }
  for (const field of record.inBody)
    note(`field ${field}`, "body, under a heading", "whoever works on the task should read it");
  for (const field of Object.keys(record.fields))
    note(`field ${field}`, "labels", "kept beside the task as it was");
}

interface Texts {
  readonly title: string;
  readonly body: string;
  readonly acceptance: string;
  readonly mapped: readonly { readonly from: string; readonly to: string; readonly why: string }[];
}

function textsOf(record: ImportRecord): Texts {
  const mapped: { from: string; to: string; why: string }[] = [];
  const tidied = (
    field: "title" | "body" | "acceptance",
    deceives: typeof deceivingInLine,
    tidy: typeof tidyLine,
  ): string => {
    const text = record[field];
    const found = text.isWellFormed() ? deceives(text) : "half a character";
    if (found === null) return text;
    mapped.push({
      from: `${field} with ${found}`,
      to: "spaces instead",
      why: "it would show something else than it says",
    });
    return tidy(text.toWellFormed());
  };
  const whole = tidied("title", deceivingInLine, tidyLine);
  const title = cutTitle(whole);
  const body = tidied("body", deceivingInText, tidyText);
  const acceptance = tidied("acceptance", deceivingInText, tidyText);
  if (title === whole) return { title, body, acceptance, mapped };
  mapped.push({
    from: "title over 300 characters",
    to: "a shorter one",
    why: "the whole title is the first line of the body",
  });
  return { title, body: body === "" ? whole : `${whole}\n\n${body}`, acceptance, mapped };
}
