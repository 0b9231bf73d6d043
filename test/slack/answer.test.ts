// Every kind of answer, with whatever it may hold, against Slack's own limits.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPress } from "../../adapters/chat/slack/press.ts";
import { renderAnswer } from "../../adapters/chat/slack/render/answer.ts";
import { renderNotice } from "../../adapters/chat/slack/render/notice.ts";
import type { Answer } from "../../src/ports/chat-answer.ts";
import { CARD, KEY, many, NUMBER, orNull, TIME, URI, WORDS } from "./arbitrary.ts";
import { pressable } from "./incoming.ts";
import { blockErrors, written } from "./limits.ts";
import { harmless, shownTexts } from "./shown.ts";

const LINE = fc.oneof(
  fc.constantFrom("/gate list --lane builder", "/gate show CLIP-12"),
  WORDS.map((words) => `/gate add "${words.replaceAll(/\s+/g, " ")}"`),
);
const ROLE = fc.constantFrom("viewer", "operator", "admin") as fc.Arbitrary<any>;

const ANSWERS: { readonly [Kind in Answer["kind"]]: fc.Arbitrary<Extract<Answer, { kind: Kind }>> } = {
  done: fc.record({ kind: fc.constant("done"), text: WORDS, task: orNull(KEY) }),
  refused: fc.record({
    kind: fc.constant("refused"),
    refusal: fc.record(
      {
        sort: fc.constant("refused"),
        gate: fc.constantFrom("queue-truth", "proof-before-done"),
        code: WORDS,
        field: WORDS,
        expected: WORDS,
        got: WORDS,
        hint: WORDS,
      },
      { requiredKeys: ["sort", "gate", "code", "hint"] },
    ),
  }),
  misunderstood: fc.record({
    kind: fc.constant("misunderstood"),
    text: WORDS,
    suggestions: many(LINE, 8),
    usage: orNull(WORDS),
  }),
  confirm: fc.record({ kind: fc.constant("confirm"), question: WORDS, line: LINE }),
  help: fc.record({
    kind: fc.constant("help"),
    entries: many(
      fc.record({
        path: WORDS,
        summary: WORDS,
        usage: WORDS,
        role: ROLE,
        arguments: many(fc.record({ name: WORDS, about: WORDS, required: fc.boolean() })),
        example: WORDS,
      }),
    ),
  }),
  me: fc.record({
    kind: fc.constant("me"),
    actor: WORDS,
    role: ROLE,
    may: many(WORDS),
    accounts: many(WORDS, 5),
  }),
  status: fc.record({
    kind: fc.constant("status"),
    lanes: many(
      fc.record({
        name: WORDS,
        route: WORDS,
        capacity: NUMBER,
        living: NUMBER,
        runnable: NUMBER,
        pausedReason: orNull(WORDS),
      }),
      150,
    ),
    counts: many(fc.record({ status: WORDS, tasks: NUMBER }), 12),
  }),
  tasks: fc.record({
    kind: fc.constant("tasks"),
    tasks: many(
      fc.record({ key: KEY, title: WORDS, lane: orNull(WORDS), holder: orNull(fc.record({ agent: WORDS })) }),
      100,
    ).map((tasks) => tasks.map((one) => ({ ...one, status: "active", priority: "P2" }))) as fc.Arbitrary<any>,
    next: orNull(LINE),
  }),
  task: fc.record({
    kind: fc.constant("task"),
    card: CARD,
    acceptance: WORDS,
    body: WORDS,
    dependencies: many(fc.record({ key: WORDS, status: WORDS }), 200),
  }),
  digest: fc.record({
    kind: fc.constant("digest"),
    facts: fc.constant({} as any),
    zone: fc.constant("UTC"),
    lines: many(WORDS),
  }),
  findings: fc.record({
    kind: fc.constant("findings"),
    valid: fc.boolean(),
    checkedAt: fc.constantFrom("2026-11-28T09:30:00.000Z", "never"),
    tasks: NUMBER,
    findings: many(
      fc.record({ code: WORDS, severity: fc.constant("error"), task: KEY, detail: WORDS, fix: URI }),
    ) as fc.Arbitrary<any>,
    more: NUMBER,
  }),
  audit: fc.record({
    kind: fc.constant("audit"),
    events: many(
      fc.record({
        id: NUMBER,
        at: TIME,
        task: orNull(KEY),
        version: orNull(NUMBER),
        event: WORDS,
        actor: WORDS,
        from: WORDS,
        detail: WORDS,
      }),
      100,
    ),
    next: orNull(LINE),
  }),
  link: fc.record({ kind: fc.constant("link"), text: WORDS, url: URI }),
};

describe.each(Object.keys(ANSWERS) as Answer["kind"][])("an answer of kind %s", (kind) => {
  test("keeps to Slack's limits and shows other people's words as words", () => {
    fc.assert(
      fc.property(ANSWERS[kind] as fc.Arbitrary<Answer>, (answer) => {
        const { text, blocks } = renderAnswer(answer, { zone: "Europe/Berlin", below: null });
        expect(blockErrors(blocks, "message")).toEqual([]);
        expect(written(blocks)).toBeLessThanOrEqual(13_200);
        expect(text.length).toBeLessThanOrEqual(4000);
        for (const each of [{ text, mrkdwn: true }, ...shownTexts(blocks)]) harmless(each);
        for (const { action, value } of pressable(blocks)) {
          expect(readPress(action.action_id, value)).not.toBeNull();
        }
      }),
      { numRuns: 30 },
    );
  });
});

test("yes to a question is a press of its own, which says that the person was asked, and where", () => {
  const line = '/gate cancel CLIP-12 --version 3 "no need"';
  const question = "Cancelling frees 2 and strands 3. Do it?";
  const { blocks } = renderAnswer({ kind: "confirm", question, line }, { zone: "UTC", below: "1.000001" });
  const [yes, no] = pressable(blocks);
  const read = (one: typeof yes) => readPress(one!.action.action_id, one!.value);
  expect([yes?.label, read(yes)]).toEqual(["Confirm", { do: "confirm", line, below: "1.000001" }]);
  expect([no?.label, read(no)]).toEqual(["Cancel", { do: "dismiss" }]);
});

test("an answer below somebody's message is drawn as the answer to a line is, its question pressed for that message", () => {
  const answer = { kind: "confirm", question: "P0 for CLIP-1?", line: "/gate prioritize CLIP-1 P0" } as const;
  const data = { replyTo: "slack:C1:17.000100", reaction: null, say: true, answer };
  const notice = { notice: 1, channelId: 1, platform: "slack", channel: "C1", kind: "proof-status" } as const;
  const drawn = renderNotice(
    {
      ...notice,
      task: null,
      text: answer.question,
      data,
      revision: 1,
      anchor: null,
      tries: 1,
      doubtful: false,
      triedSince: 0,
    },
    "UTC",
  );
  expect(drawn.blocks).toEqual(renderAnswer(answer, { zone: "UTC", below: "17.000100" }).blocks);
  expect(JSON.stringify(drawn.blocks)).toContain("/gate prioritize CLIP-1 P0");
});
