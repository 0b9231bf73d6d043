import { readButtons } from "./button.ts";
import type { TaskCardData } from "./card.ts";
import type { ContradictionData, ContradictionMessage, ContradictionReply } from "./contradiction-notice.ts";
import type { DigestData, Figures } from "./digest.ts";
import type { HeartbeatData } from "./floor.ts";
import type { Json } from "./json.ts";
import type { ShownNeed } from "./need.ts";
import type { AutoCompleteData, CorrectionData, NoticeKind } from "./notice.ts";
import type { MessageAnswer, ProofReplyStatus, ProofStatusData, ProofUnanswered } from "./proof-status.ts";

/** What `data` of a notice holds, by its kind: all that a platform needs to lay it out, buttons included. */
export interface NoticeData {
  readonly "auto-complete": AutoCompleteData;
  readonly contradiction: ContradictionData;
  readonly heartbeat: HeartbeatData;
  readonly digest: DigestData;
  readonly "task-card": TaskCardData;
  readonly "proof-status": ProofStatusData;
  readonly correction: CorrectionData;
}

/** A notice as one platform draws it: by an exhaustive switch on `kind`. */
export type ShownNotice = {
  readonly [Kind in NoticeKind]: { readonly kind: Kind; readonly data: NoticeData[Kind] };
}[NoticeKind];

/**
 * What stands in a delivery, with its type. Null where it is not of this version's shape, as after an update: then the
 * notice's text says it all.
 */
export function shownNotice(notice: {
  readonly kind: NoticeKind;
  readonly data: { readonly [field: string]: Json };
}): ShownNotice | null {
  return SHAPES[notice.kind](notice.data) ? (notice as unknown as ShownNotice) : null;
}

/** Whether a value has this shape; more fields than it names are no fault. */
type Shape = (value: Json | undefined) => boolean;

const text: Shape = (value) => typeof value === "string";
const number: Shape = (value) => typeof value === "number";
const flag: Shape = (value) => typeof value === "boolean";
const anything: Shape = (value) => value !== undefined;
const orNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null || shape(value);
const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);
const oneOf =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value));
const list =
  (of: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(of);
const table: Shape = (value) =>
  value !== null && typeof value === "object" && Object.values(value).every(number);
/** A shape for each field of the type: a field that was forgotten here is a type error. */
const record =
  <Data>(fields: { readonly [Field in keyof Data]-?: Shape }) =>
  (value: Json | undefined): value is Json & Data => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
    const held = value as { readonly [field: string]: Json };
    return Object.entries<Shape>(fields).every(([field, shape]) => shape(held[field]));
  };

const buttons: Shape = (value) =>
  Array.isArray(value) && readButtons(value as readonly Json[]).length === value.length;

const needs = list(
  record<ShownNeed>({
    kind: text,
    task: orNull(text),
    version: orNull(number),
    since: number,
    detail: text,
    owner: orNull(text),
    choices: list(text),
    id: orNull(number),
    text,
    buttons,
  }),
);
const attempts = list(
  record<HeartbeatData["attempts"][number]>({
    attempt: text,
    agent: text,
    lane: text,
    startedAt: number,
    lastHeartbeatAt: number,
  }),
);
const figures = record<Figures>({
  proved: number,
  refused: number,
  opened: number,
  healed: number,
  escalated: number,
  recurring: number,
  rotted: number,
  moved: table,
});

const SHAPES: { readonly [Kind in NoticeKind]: Shape } = {
  "auto-complete": record<AutoCompleteData>({
    key: text,
    title: text,
    agent: text,
    attempt: text,
    proofs: list(record<AutoCompleteData["proofs"][number]>({ requirement: text, evidence: text })),
    buttons,
  }),
  contradiction: oneOf(
    record<ContradictionReply>({ id: number, rule: text, step: text, task: orNull(text), under: number }),
    record<ContradictionMessage>({
      id: number,
      rule: text,
      title: text,
      state: text,
      detail: text,
      source: text,
      task: orNull(text),
      count: number,
      openedAt: number,
      acknowledgedBy: orNull(text),
      snoozedUntil: orNull(number),
      escalated: flag,
      remark: orNull(text),
      buttons,
    }),
  ),
  heartbeat: record<HeartbeatData>({
    at: number,
    standing: anything,
    needs,
    counts: table,
    lines: list(text),
    lanes: list(
      record<HeartbeatData["lanes"][number]>({
        name: text,
        living: number,
        capacity: number,
        runnable: number,
        oldest: orNull(record<{ task: string; readyAt: number }>({ task: text, readyAt: number })),
        pausedReason: orNull(text),
      }),
    ),
    attempts,
    attemptsTotal: number,
    silent: attempts,
    silentTotal: number,
  }),
  digest: record<DigestData>({
    from: number,
    to: number,
    lines: list(text),
    figures,
    before: figures,
    refusals: list(record<DigestData["refusals"][number]>({ gate: text, code: text, count: number })),
    completed: list(text),
    rotted: list(text),
    needs,
    counts: table,
    quiet: optional(flag),
  }),
  "task-card": record<TaskCardData>({
    key: text,
    title: text,
    epic: text,
    lane: orNull(text),
    priority: text,
    status: text,
    version: number,
    completion: orNull(text),
    attempts: number,
    holder: orNull(
      record<NonNullable<TaskCardData["holder"]>>({
        attempt: text,
        agent: text,
        session: text,
        route: text,
        since: number,
        leaseExpiresAt: number,
        leaseMs: number,
      }),
    ),
    proofs: list(
      record<TaskCardData["proofs"][number]>({
        requirement: text,
        kind: text,
        verdict: text,
        uri: orNull(text),
        reason: orNull(text),
      }),
    ),
    waits: list(record<TaskCardData["waits"][number]>({ code: text, detail: text })),
    notBefore: orNull(number),
    block: orNull(
      record<NonNullable<TaskCardData["block"]>>({
        kind: text,
        reason: text,
        owner: text,
        question: text,
        choices: list(text),
        since: number,
      }),
    ),
    last: orNull(
      record<NonNullable<TaskCardData["last"]>>({
        attempt: text,
        agent: text,
        outcome: text,
        reason: orNull(text),
      }),
    ),
    buttons,
    mention: optional(text),
    offer: optional(anything),
    place: optional(
      record<NonNullable<TaskCardData["place"]>>({
        platform: text,
        channel: text,
      }),
    ),
  }),
  "proof-status": oneOf(
    record<ProofReplyStatus>({
      replyTo: text,
      task: text,
      proofs: list(
        record<ProofReplyStatus["proofs"][number]>({
          requirement: text,
          uri: text,
          verdict: text,
          reason: orNull(text),
        }),
      ),
      reaction: text,
      say: flag,
    }),
    record<ProofUnanswered>({
      task: text,
      proof: number,
      requirement: text,
      uri: text,
      reason: text,
      buttons,
    }),
    record<MessageAnswer>({
      replyTo: text,
      reaction: orNull(text),
      say: flag,
      answer: anything,
    }),
  ),
  correction: record<CorrectionData>({
    key: text,
    title: text,
    attempt: text,
    requirement: text,
    uri: text,
    reason: text,
    under: orNull(number),
    buttons,
  }),
};
