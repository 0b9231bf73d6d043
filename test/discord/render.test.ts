// Every notice and answer within Discord's limits, however long what is in it, and saying nothing but what it should.
import {
  type Arbitrary,
  array,
  assert,
  constant,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  sample,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { readPress } from "../../adapters/chat/discord/press.ts";
import { answerBody } from "../../adapters/chat/discord/render/answer.ts";
import { noticeBody } from "../../adapters/chat/discord/render/notice.ts";
import { answerButtons } from "../../src/core/button.ts";
import type { Json } from "../../src/core/json.ts";
import { AUTO_COMPLETE } from "../../src/core/notice.ts";
import { actionsOf } from "../../src/core/notice-actions.ts";
import type { Answer } from "../../src/ports/chat-answer.ts";
import { anyNotice, card, everyKind, words } from "./any-notice.ts";
import { readSent, textsOf } from "./message-body.ts";
import { flat } from "./people.ts";

const RUNS = { numRuns: 150 };
const ROLE = "223456789012345678";

/** Every line its buttons and selects stand for. */
function linesOf(
  body: { readonly components: readonly object[] },
  notice: Parameters<typeof actionsOf>[0],
): string[] {
  return flat(body.components).flatMap(({ custom_id: id, options }) => {
    if (typeof id !== "string") return [];
    const press = readPress(id);
    expect(press).not.toBeNull();
    const { what, wants } = press!;
    const line = "line" in what ? what.line : actionsOf(notice)[what.index]?.line;
    expect(line).toMatch(/^\/gate [a-z]/u);
    return wants === "choice"
      ? (options as { value: string }[]).map(({ value }) => `${line} ${value}`)
      : [line!];
  });
}

describe.each(everyKind)("%s", (kind) => {
  test("is taken by Discord, whatever is in it, pings nobody unasked, and each button is a whole line", () => {
    assert(
      property(anyNotice(kind), (notice) => {
        const body = noticeBody(notice);
        const sent = readSent({ ...body });
        expect(sent.pinged.filter((who) => who !== "123456789012345678")).toEqual([]);
        linesOf(body, notice.data);
        const shown = textsOf(body.components);
        expect(shown.startsWith(AUTO_COMPLETE)).toBe(kind === "auto-complete");
        expect(shown.split(AUTO_COMPLETE)).toHaveLength(kind === "auto-complete" ? 2 : 1);
        expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
      }),
      RUNS,
    );
  });
});

describe.each(everyKind)("with a role to ping, %s", (kind) => {
  test("pings it where it tells for the first time that something escalated, and nowhere else", () => {
    const stands = constantFrom(null, "123456789012345670");
    assert(
      property(anyNotice(kind), stands, (notice, anchor) => {
        const { pinged } = readSent({ ...noticeBody({ ...notice, ping: ROLE, anchor }) });
        const { step = null, state = null } = notice.data;
        const escalates = step === "escalated" || (state === "escalated" && anchor === null);
        const meant = kind === "contradiction" && escalates ? [`&${ROLE}`] : [];
        expect(pinged.filter((who) => who.startsWith("&"))).toEqual(meant);
        expect(textsOf(noticeBody({ ...notice, anchor }).components)).not.toContain("<@&");
      }),
      RUNS,
    );
  });
});

const entry = record({
  path: constant("show"),
  summary: words,
  usage: words,
  role: constantFrom("viewer", "operator"),
  arguments: array(record({ name: words, about: words, required: constant(true) }), { maxLength: 25 }),
  example: words,
});
const many = <Value>(of: Arbitrary<Value>) => array(of, { maxLength: 60, size: "max" });
const answers = oneof(
  record({ kind: constant("done"), text: words, task: constantFrom(null, "CLIP-1") }),
  record({
    kind: constant("refused"),
    refusal: record({
      sort: constant("refused"),
      gate: constant("queue-truth"),
      code: words,
      field: words,
      expected: words,
      got: words,
      hint: words,
    }),
  }),
  record({
    kind: constant("misunderstood"),
    text: words,
    suggestions: many(words.map((each) => `/gate show ${each}`)),
    usage: words,
  }),
  record({ kind: constant("confirm"), question: words, line: words.map((each) => `/gate cancel ${each}`) }),
  record({ kind: constant("help"), entries: array(entry, { maxLength: 25, size: "max" }) }),
  record({ kind: constant("me"), actor: words, role: constant("admin"), may: many(words) }),
  record({
    kind: constant("status"),
    lanes: many(
      record({
        name: words,
        route: words,
        capacity: integer(),
        living: integer(),
        runnable: integer(),
        pausedReason: words,
      }),
    ),
    counts: many(record({ status: words, tasks: integer() })),
  }),
  record({
    kind: constant("tasks"),
    tasks: many(card.map((each) => ({ ...each, holder: null }))),
    next: constantFrom(null, "/gate list --after 12", `/gate list ${"x".repeat(200)}`),
  }),
  record({
    kind: constant("task"),
    card,
    acceptance: words,
    body: words,
    dependencies: many(record({ key: words, status: words })),
  }),
  record({
    kind: constant("findings"),
    valid: constantFrom(true, false),
    checkedAt: constant("2026-11-28T09:00:00.000Z"),
    tasks: integer(),
    findings: many(
      record({
        code: constant("Q001"),
        rule: constant("lane-missing"),
        severity: constant("error"),
        task: words,
        detail: words,
        fix: words,
      }),
    ),
    more: integer(),
  }),
  record({
    kind: constant("audit"),
    events: many(
      record({
        id: integer(),
        at: integer({ min: 0 }),
        task: words,
        version: integer(),
        event: words,
        actor: words,
        from: words,
        detail: words,
      }),
    ),
    next: constantFrom(null, "/gate audit --before 12"),
  }),
  record({
    kind: constant("link"),
    text: words,
    url: constantFrom("http://127.0.0.1:4100", `https://x.example/${"y".repeat(600)}`),
  }),
) as Arbitrary<unknown> as Arbitrary<Answer>;

test("every answer is taken by Discord, whatever is in it, and pings nobody", () => {
  assert(
    property(answers, (answer) => {
      const body = answerBody(answer);
      expect(readSent({ ...body }, true).pinged).toEqual([]);
      linesOf(body, null);
      expect(textsOf(body.components)).not.toContain(AUTO_COMPLETE);
    }),
    { numRuns: 400 },
  );
});

test("a line too long for a button is named by the notice that holds it, and one said twice is told apart", () => {
  const question = { question: "Which way?", choices: ["because ".repeat(20), "left", "left"] };
  const buttons = answerButtons({ task: "CLIP-1", version: 3 }, question);
  const data = { task: "CLIP-1", proof: 1, requirement: "r", uri: "file:x", reason: "late", buttons };
  const body = noticeBody({ notice: 77, kind: "proof-status", text: "t", data });
  const ids = flat(body.components).flatMap(({ custom_id: id }) => (typeof id === "string" ? [id] : []));
  expect(ids[0]).toMatch(/^g1:!#77\.0\./u);
  expect(ids[2]).toBe(ids[1]?.replace("g1:", "g1.1:"));
  expect(linesOf(body, data)).toEqual(buttons.map(({ line }) => line));
});

const STANDING = {
  key: "CLIP-2",
  title: "Burn captions",
  epic: "CLIP",
  lane: "builder",
  priority: "P2",
  version: 3,
  completion: null,
  attempts: 1,
  proofs: [],
  waits: [],
  notBefore: null,
  buttons: [],
};

/** What somebody reads on a card. */
function told(card: { readonly [field: string]: Json }): string {
  const data = { ...STANDING, holder: null, block: null, last: null, ...card };
  return textsOf(noticeBody({ notice: 1, kind: "task-card", text: "CLIP-2", data }).components);
}

test("a card at work says since when, and nothing that a beat would make untrue", () => {
  const at = { since: 1_764_322_380_000, leaseExpiresAt: 1_764_323_580_000, leaseMs: 900_000 };
  const holder = { attempt: "CLIP-2.1", agent: "ivy", session: "s", route: "anthropic/claude", ...at };
  const words = told({ status: "active", holder });
  expect(words).toContain("<t:1764322380:R>");
  expect(words).not.toContain("<t:1764323580:");
});

test("why a task is blocked stands on its card once, why an attempt was given back always", () => {
  const reason = "Two fonts fit.";
  const block = { kind: "question", reason, owner: "operator", question: "Which?", choices: [], since: 1 };
  const last = { attempt: "CLIP-2.1", agent: "ivy", outcome: "blocked", reason };
  expect(told({ status: "blocked", block, last }).split(reason)).toHaveLength(2);
  expect(told({ status: "queued", last: { ...last, outcome: "released" } }).split(reason)).toHaveLength(2);
});

test("a completion shows how a long digest begins, and the rest of what proved it whole", () => {
  const sha = "0123456789abcdef".repeat(4);
  const data = {
    key: "CLIP-1",
    title: "Cut the clip",
    agent: "ada",
    attempt: "CLIP-1.1",
    proofs: [
      { requirement: "report", evidence: `file:sha256:${sha}` },
      { requirement: "merged", evidence: `github-commit:acme/clips:${sha.slice(0, 40)}` },
    ],
    buttons: [],
  };
  const shown = textsOf(
    noticeBody({ notice: 1, kind: "auto-complete", text: `${AUTO_COMPLETE} CLIP-1`, data }).components,
  );
  expect(shown).toContain("**report** `file:sha256:0123456789ab…`");
  expect(shown).toContain("**merged** `github-commit:acme/clips:0123456789ab…`");
  expect(shown).not.toContain(sha.slice(0, 16));
});

test("how long something lasts reads as Discord writes it, which ends with “ago”", () => {
  const since = 1_764_322_380_000;
  const holder = { attempt: "CLIP-2.1", agent: "ivy", session: "s", route: "anthropic/claude", since };
  const shown = told({ status: "active", holder: { ...holder, leaseExpiresAt: since, leaseMs: 1 } });
  expect(shown).toContain(" · claimed <t:1764322380:R>");
  const block = { kind: "question", reason: "", owner: "mia", question: "Which?", choices: [], since };
  expect(told({ status: "blocked", block })).toContain("for **mia** · asked <t:1764322380:R>");
  for (const kind of everyKind)
    for (const notice of sample(anyNotice(kind), 20))
      expect(textsOf(noticeBody(notice).components)).not.toMatch(/since <t:\d+:R>/u);
});
