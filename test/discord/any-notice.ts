// Notices and answers with whatever people and agents may have written in them, as long as it gets.

import type { Arbitrary } from "fast-check";
import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  string,
  tuple,
} from "fast-check";
import {
  answerButtons,
  approveButton,
  cancelButton,
  reopenButton,
  showButton,
} from "../../src/core/button.ts";
import { CONTRADICTION_STATES } from "../../src/core/contradiction.ts";
import type { Json } from "../../src/core/json.ts";
import { NEED_KINDS } from "../../src/core/need.ts";
import { NOTICE_KINDS, type NoticeKind } from "../../src/core/notice.ts";
import { PRIORITIES, STATUSES } from "../../src/core/task.ts";

/** What somebody may write: markup, mentions, links, hidden signs, claims of completion, and all of it too long. */
export const words: Arbitrary<string> = oneof(
  { weight: 3, arbitrary: string({ unit: "grapheme", maxLength: 60 }) },
  string({ unit: "binary", maxLength: 300 }),
  tuple(
    constantFrom(
      "*",
      "_",
      "\\",
      "`",
      "||",
      "[bank](https://evil.example/)",
      "<@123456789012345678>",
      "@everyone",
      "https://a.example/".padEnd(120, "x"),
      "🔵🔵🔵 AUTO-COMPLETE CLIP-1",
      "👩‍💻",
      "\u202e",
      "\n",
      "word ",
    ),
    integer({ min: 1, max: 700 }),
  ).map(([part, times]) => part.repeat(times).slice(0, 5000)),
);
const time = integer({ min: 0, max: 4_000_000_000_000 });
const count = integer({ min: 0, max: 1_000_000 });
const key = integer({ min: 1, max: 9_999_999 }).map((number) => `ABCDEFGHIJKLMNOPQRSTUVWX-${number}`);
const many = <Value>(of: Arbitrary<Value>, max = 60): Arbitrary<Value[]> =>
  array(of, { maxLength: max, size: "max" });
const maybe = <Value>(of: Arbitrary<Value>): Arbitrary<Value | null> => option(of, { nil: null });

const buttons = record({ key, choices: many(words, 30), question: words, asked: words }).map((facts) => {
  const at = { task: facts.key, version: 7 };
  return [
    ...answerButtons(at, facts),
    approveButton(at, facts.asked),
    reopenButton(at, "Reopen…"),
    cancelButton(at),
    showButton(facts.key),
    showButton(facts.key),
  ];
});
const need = record({
  kind: constantFrom(...NEED_KINDS),
  task: maybe(key),
  version: maybe(count),
  since: time,
  detail: words,
  owner: maybe(words),
  choices: many(words, 5),
  id: maybe(count),
  text: words,
  buttons,
});
const counts = record(Object.fromEntries(NEED_KINDS.map((kind) => [kind, count])));
const figures = record({
  proved: count,
  refused: count,
  opened: count,
  healed: count,
  escalated: count,
  recurring: count,
  rotted: count,
  moved: constant({ added: 3, "proof failed": 0, lapsed: 2 }),
});
const attempt = record({ attempt: key, agent: words, lane: words, startedAt: time, lastHeartbeatAt: time });
const cardProof = record({
  requirement: words,
  kind: words,
  verdict: constantFrom("missing", "pending", "passed", "failed", "inconclusive"),
  uri: maybe(words),
  reason: maybe(words),
});

export const card = record({
  key,
  title: words,
  epic: words,
  lane: maybe(words),
  priority: constantFrom(...PRIORITIES),
  status: constantFrom(...STATUSES),
  version: count,
  completion: maybe(constantFrom("proved", "attested")),
  attempts: count,
  holder: maybe(
    record({
      attempt: key,
      agent: words,
      session: words,
      route: words,
      since: time,
      leaseExpiresAt: time,
      leaseMs: count,
    }),
  ),
  proofs: many(cardProof),
  waits: many(record({ code: constantFrom("status", "not-before", "dependency"), detail: words })),
  notBefore: maybe(time),
  block: maybe(
    record({ kind: words, reason: words, owner: words, question: words, choices: many(words), since: time }),
  ),
  last: maybe(record({ attempt: key, agent: words, outcome: words, reason: maybe(words) })),
  buttons,
});

const DATA: { readonly [Kind in NoticeKind]: Arbitrary<object> } = {
  "auto-complete": record({
    key,
    title: words,
    agent: words,
    attempt: key,
    proofs: many(record({ requirement: words, evidence: words })),
    buttons,
  }),
  correction: record({
    key,
    title: words,
    attempt: key,
    requirement: words,
    uri: words,
    reason: words,
    under: maybe(count),
    buttons,
  }),
  contradiction: oneof(
    record({
      id: count,
      rule: words,
      step: constantFrom("escalated", "over"),
      task: maybe(key),
      under: count,
    }),
    record({
      id: count,
      rule: words,
      title: words,
      state: constantFrom(...CONTRADICTION_STATES),
      detail: words,
      source: words,
      task: maybe(key),
      count,
      openedAt: time,
      acknowledgedBy: maybe(oneof(words, constant("person:discord:123456789012345678"))),
      snoozedUntil: maybe(time),
      escalated: boolean(),
      remark: maybe(words),
      buttons: tuple(buttons, count).map(([all, id]) => [
        ...all,
        { label: "Silent for 4 h", line: `/gate snooze ${id} 4h`, asks: null },
      ]),
    }),
  ),
  heartbeat: record({
    at: time,
    standing: constant([]),
    needs: many(need, 12),
    counts,
    lines: many(words),
    lanes: many(
      record({
        name: words,
        living: count,
        capacity: count,
        runnable: count,
        oldest: maybe(record({ task: key, readyAt: time })),
        pausedReason: maybe(words),
      }),
    ),
    attempts: many(attempt),
    attemptsTotal: count,
    silent: many(attempt),
    silentTotal: count,
  }),
  digest: record({
    from: time,
    to: time,
    lines: many(words),
    figures,
    before: figures,
    refusals: many(record({ gate: constantFrom("queue-truth", "runnable-pull"), code: words, count })),
    completed: many(key),
    rotted: many(key),
    needs: many(need, 12),
    counts,
  }),
  "task-card": oneof(
    card,
    tuple(card, oneof(words, constant("123456789012345678"))).map(([one, mention]) => ({ ...one, mention })),
  ),
  "proof-status": oneof(
    record({
      replyTo: constant("discord:123456789012345678:123456789012345679"),
      task: key,
      proofs: many(
        record({
          requirement: words,
          uri: words,
          verdict: constantFrom("passed", "failed"),
          reason: maybe(words),
        }),
      ),
      reaction: constantFrom("⏳", "✅", "❌"),
      say: boolean(),
    }),
    record({ task: key, proof: count, requirement: words, uri: words, reason: words, buttons }),
    record({
      replyTo: constant("discord:123456789012345678:123456789012345679"),
      reaction: constant(null),
      say: constant(true),
      answer: constant(null),
    }),
  ),
};

export interface AnyNotice {
  readonly notice: number;
  readonly kind: NoticeKind;
  readonly text: string;
  readonly data: { readonly [field: string]: Json };
}

/** A notice of this kind, or now and then one of a shape that another version wrote. */
export function anyNotice(kind: NoticeKind): Arbitrary<AnyNotice> {
  const head = kind === "auto-complete" ? "🔵🔵🔵 AUTO-COMPLETE CLIP-1 " : "";
  return record({
    notice: integer({ min: 1, max: 2_000_000_000 }),
    kind: constant(kind),
    text: words.map((said) => `${head}${said}`),
    data: oneof({ weight: 9, arbitrary: DATA[kind] }, constant({})) as Arbitrary<AnyNotice["data"]>,
  });
}

export const everyKind = NOTICE_KINDS;
