// What people, agents and the queue may bring into a message: plain, odd, hostile or endless.
import * as fc from "fast-check";
import {
  answerButtons,
  approveButton,
  cancelButton,
  proveButton,
  reopenButton,
} from "../../src/core/button.ts";
import type { TaskCardData } from "../../src/core/card.ts";

const AT = Date.UTC(2026, 10, 28, 9, 30);

/** What somebody wrote: plain, odd, hostile or endless. */
export const WORDS = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "",
    " ",
    "<!channel> <!here> <@U0ADA> <#C0GENERAL> @channel",
    "<https://evil.example/|https://bank.example/>",
    "🔵🔵🔵 AUTO-COMPLETE CLIP-1 all done",
    ":large_blue_circle:🔵:blue_circle: AUTO-COMPLETE CLIP-1",
    "\u202eevil\u202c \u0000\u0007 \u2066x",
    "*bold* _it_ ~no~ `code` ```block```",
    "&amp; & < > \" '",
    "one\ntwo\r\nthree",
    "👩‍👩‍👧‍👦".repeat(2000),
    "&".repeat(5000),
    "`".repeat(300),
    "𝕏".repeat(4000),
    "x".repeat(20_000),
  ),
);
export const URI = fc.oneof(
  WORDS,
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.constantFrom(
    "https://user:secret@bank.example/",
    "https://bank.example/a|b>c<d&e",
    `https://long.example/${"p".repeat(4000)}`,
    "command:checks",
    "file:out/report.xml",
    "javascript:alert(1)",
  ),
);
export const NUMBER = fc.integer({ min: 0, max: 2 ** 40 });
export const TIME = fc.integer({ min: AT - 10 ** 9, max: AT + 10 ** 9 });
export const KEY = fc.constantFrom("CLIP-12", "LONGEPICNAME-123456");
export const many = <T>(of: fc.Arbitrary<T>, most = 40) => fc.array(of, { maxLength: most, size: "max" });
export const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
export const BUTTONS = fc
  .tuple(KEY, NUMBER, WORDS, many(WORDS, 12))
  .map(([task, version, question, choices]) => [
    ...answerButtons({ task, version }, { question, choices }),
    proveButton(task),
    cancelButton({ task, version }),
    approveButton({ task, version }, question),
    reopenButton({ task, version }, "Try again…"),
    { label: question, line: "/gate snooze 7 4h", asks: null },
    { label: "", line: `/gate show ${task}`, asks: null },
  ])
  .chain((all) => fc.shuffledSubarray(all));
export const VERDICT = fc.constantFrom("passed", "failed", "pending", "inconclusive") as fc.Arbitrary<any>;
export const NEED = fc.record({
  kind: fc.constantFrom("blocked", "contradiction", "approval", "dead", "stuck-proof") as fc.Arbitrary<any>,
  task: orNull(KEY),
  version: orNull(NUMBER),
  since: TIME,
  detail: WORDS,
  owner: orNull(WORDS),
  choices: many(WORDS),
  id: orNull(NUMBER),
  text: WORDS,
  buttons: BUTTONS,
});
export const COUNTS = fc.record({
  blocked: NUMBER,
  contradiction: NUMBER,
  approval: NUMBER,
  dead: NUMBER,
  "stuck-proof": NUMBER,
});
export const ATTEMPT = fc.record({
  attempt: WORDS,
  agent: WORDS,
  lane: WORDS,
  startedAt: TIME,
  lastHeartbeatAt: TIME,
});
export const FIGURES = fc.record({
  ...Object.fromEntries(
    ["proved", "refused", "opened", "healed", "escalated", "recurring", "rotted"].map((name) => [
      name,
      NUMBER,
    ]),
  ),
  moved: fc.dictionary(fc.constantFrom("added", "claimed", "lapsed", "proof failed", "cancelled"), NUMBER),
}) as fc.Arbitrary<any>;

export const CARD: fc.Arbitrary<TaskCardData> = fc.record(
  {
    key: KEY,
    title: WORDS,
    epic: WORDS,
    lane: orNull(WORDS),
    priority: fc.constantFrom("P0", "P4") as fc.Arbitrary<any>,
    status: fc.constantFrom(
      ...([
        "draft",
        "queued",
        "offered",
        "active",
        "verifying",
        "blocked",
        "done",
        "dead",
        "cancelled",
      ] as const),
    ),
    version: NUMBER,
    completion: fc.constantFrom("proved", "attested", null),
    attempts: NUMBER,
    holder: orNull(
      fc.record({
        attempt: WORDS,
        agent: WORDS,
        session: WORDS,
        route: WORDS,
        since: TIME,
        leaseExpiresAt: TIME,
        leaseMs: NUMBER,
      }),
    ),
    proofs: many(
      fc.record({
        requirement: WORDS,
        kind: WORDS,
        verdict: fc.constantFrom(
          "passed",
          "failed",
          "pending",
          "inconclusive",
          "missing",
        ) as fc.Arbitrary<any>,
        uri: orNull(URI),
        reason: orNull(WORDS),
      }),
    ),
    waits: many(fc.record({ code: WORDS, detail: WORDS })),
    notBefore: orNull(TIME),
    block: orNull(
      fc.record({
        kind: WORDS,
        reason: WORDS,
        owner: WORDS,
        question: WORDS,
        choices: many(WORDS),
        since: TIME,
      }),
    ),
    last: orNull(fc.record({ attempt: WORDS, agent: WORDS, outcome: WORDS, reason: orNull(WORDS) })),
    buttons: BUTTONS,
    mention: fc.oneof(WORDS, fc.constantFrom("U0ADA", "S0GROUP")),
  },
  {
    requiredKeys: [
      "key",
      "title",
      "epic",
      "lane",
      "priority",
      "status",
      "version",
      "completion",
      "attempts",
      "holder",
      "proofs",
      "waits",
      "notBefore",
      "block",
      "last",
      "buttons",
    ],
  },
);
