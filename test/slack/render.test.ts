// Every notice kind, with the longest data and with whatever people and agents may write, against Slack's own limits.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPress } from "../../adapters/chat/slack/press.ts";
import { renderNotice } from "../../adapters/chat/slack/render/notice.ts";
import { link } from "../../adapters/chat/slack/render/text.ts";
import type { Json } from "../../src/core/json.ts";
import { AUTO_COMPLETE, NOTICE_KINDS, type NoticeKind } from "../../src/core/notice.ts";
import { actionsOf } from "../../src/core/notice-actions.ts";
import { type NoticeData, shownNotice } from "../../src/core/notice-data.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import {
  ATTEMPT,
  BUTTONS,
  CARD,
  COUNTS,
  FIGURES,
  KEY,
  many,
  NEED,
  NUMBER,
  orNull,
  TIME,
  URI,
  VERDICT,
  WORDS,
} from "./arbitrary.ts";
import { pressable } from "./incoming.ts";
import { blockErrors, written } from "./limits.ts";
import { harmless, shownTexts } from "./shown.ts";

/** Whom an offer is for: mentioned on purpose. */
const MEANT = /^<(?:@U0ADA|!subteam\^S0GROUP)>$/;

const DATA: { readonly [Kind in NoticeKind]: fc.Arbitrary<NoticeData[Kind]> } = {
  "auto-complete": fc.record({
    key: KEY,
    title: WORDS,
    agent: WORDS,
    attempt: WORDS,
    proofs: many(fc.record({ requirement: WORDS, evidence: WORDS })),
    buttons: BUTTONS,
  }),
  contradiction: fc.oneof(
    fc.record({
      id: NUMBER,
      rule: WORDS,
      step: fc.constantFrom("escalated", "over"),
      task: orNull(KEY),
      under: NUMBER,
    }),
    fc.record({
      id: NUMBER,
      rule: WORDS,
      title: WORDS,
      state: fc.constantFrom(
        "open",
        "acknowledged",
        "snoozed",
        "escalated",
        "healed",
        "resolved",
      ) as fc.Arbitrary<any>,
      detail: WORDS,
      source: WORDS,
      task: orNull(KEY),
      count: NUMBER,
      openedAt: TIME,
      acknowledgedBy: orNull(WORDS),
      snoozedUntil: orNull(TIME),
      escalated: fc.boolean(),
      remark: orNull(WORDS),
      buttons: BUTTONS,
    }),
  ),
  heartbeat: fc.record({
    at: TIME,
    standing: fc.constant(null),
    needs: many(NEED),
    counts: COUNTS,
    lines: many(WORDS),
    lanes: many(
      fc.record({
        name: WORDS,
        living: NUMBER,
        capacity: NUMBER,
        runnable: NUMBER,
        oldest: orNull(fc.record({ task: KEY, readyAt: TIME })),
        pausedReason: orNull(WORDS),
      }),
      150,
    ),
    attempts: many(ATTEMPT),
    attemptsTotal: NUMBER,
    silent: many(ATTEMPT),
    silentTotal: NUMBER,
  }),
  digest: fc.record(
    {
      from: TIME,
      to: TIME,
      lines: many(WORDS),
      figures: FIGURES,
      before: FIGURES,
      refusals: many(fc.record({ gate: WORDS, code: WORDS, count: NUMBER })),
      completed: many(WORDS, 200),
      rotted: many(WORDS, 200),
      needs: many(NEED),
      counts: COUNTS,
      quiet: fc.constant(true as const),
    },
    {
      requiredKeys: [
        "from",
        "to",
        "lines",
        "figures",
        "before",
        "refusals",
        "completed",
        "rotted",
        "needs",
        "counts",
      ],
    },
  ),
  "task-card": CARD,
  "proof-status": fc.oneof(
    fc.record({
      replyTo: fc.constant("slack:C0GENERAL:1.000001"),
      task: KEY,
      proofs: many(fc.record({ requirement: WORDS, uri: URI, verdict: VERDICT, reason: orNull(WORDS) })),
      reaction: fc.constantFrom("⏳", "✅", "❌"),
      say: fc.boolean(),
    }),
    fc.record({ task: KEY, proof: NUMBER, requirement: WORDS, uri: URI, reason: WORDS, buttons: BUTTONS }),
    fc.record({
      replyTo: fc.constant("slack:C0GENERAL:1.000001"),
      reaction: fc.constantFrom("❌", null),
      say: fc.boolean(),
      answer: fc.constant(null),
    }),
  ),
  correction: fc.record({
    key: KEY,
    title: WORDS,
    attempt: WORDS,
    requirement: WORDS,
    uri: URI,
    reason: WORDS,
    under: orNull(NUMBER),
    buttons: BUTTONS,
  }),
};

function delivery(kind: NoticeKind, text: string, data: object): Delivery {
  return {
    notice: 7,
    channelId: 1,
    platform: "slack",
    channel: "C0GENERAL",
    kind,
    task: null,
    text,
    data: JSON.parse(JSON.stringify(data)) as Delivery["data"],
    revision: 1,
    anchor: null,
    tries: 1,
    doubtful: false,
  };
}

describe.each(NOTICE_KINDS)("a notice of kind %s", (kind) => {
  test("keeps to Slack's limits and shows other people's words as words, whatever they are", () => {
    fc.assert(
      fc.property(DATA[kind] as fc.Arbitrary<object>, WORDS, (data, words) => {
        const text = kind === "auto-complete" ? `${AUTO_COMPLETE} CLIP-12 ${words}` : words;
        const one = delivery(kind, text, data);
        expect(shownNotice(one)).not.toBeNull();
        const content = renderNotice(one, "Europe/Berlin");
        expect(blockErrors(content.blocks, "message")).toEqual([]);
        expect(content.blocks.length).toBeGreaterThan(0);
        expect(written(content.blocks)).toBeLessThanOrEqual(13_200);
        expect(content.text.length).toBeGreaterThan(0);
        expect(content.text.length).toBeLessThanOrEqual(4000);
        const shown = [{ text: content.text, mrkdwn: true }, ...shownTexts(content.blocks)];
        for (const each of shown) harmless(each, kind === "task-card" ? MEANT : null);
        announces(
          kind,
          shown.map(({ text: each }) => each),
        );
        comesBack(content.blocks, one.data);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(NOTICE_KINDS)("with a group to ping, a notice of kind %s", (kind) => {
  test("pings it where it tells for the first time that something escalated, and nowhere else", () => {
    fc.assert(
      fc.property(
        DATA[kind] as fc.Arbitrary<any>,
        WORDS,
        fc.constantFrom(null, "1.2"),
        (data, words, anchor) => {
          const one = { ...delivery(kind, words, data), ping: "S0CREW", anchor };
          const content = renderNotice(one, "Europe/Berlin");
          const escalates = data.step === "escalated" || (data.state === "escalated" && anchor === null);
          const pings = JSON.stringify(content).split("<!subteam^S0CREW>").length - 1;
          expect(pings).toBe(kind === "contradiction" && escalates ? 1 : 0);
          expect(blockErrors(content.blocks, "message")).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** The announcement's words stand where they belong and nowhere else. */
function announces(kind: NoticeKind, [text = "", ...shown]: readonly string[]): void {
  const circles = [text, ...shown].filter((each) => /🔵|:(?:large_)?blue_circle:/u.test(each));
  if (kind !== "auto-complete") {
    expect(circles).toEqual([]);
    return;
  }
  expect(text.startsWith(`${AUTO_COMPLETE} CLIP-12`)).toBe(true);
  expect(circles).toHaveLength(2);
  expect(circles[1]).toMatch(/^🔵🔵🔵 AUTO-COMPLETE [A-Z]+-\d+$/u);
  for (const each of circles) expect(each.slice(AUTO_COMPLETE.length)).not.toContain("🔵");
}

/** Every press means a whole line of the data, a question to it, or the place of a line that is too long. */
function comesBack(blocks: readonly any[], data: Json): void {
  const known = actionsOf(data);
  for (const { action, value } of pressable(blocks)) {
    const pressed = readPress(action.action_id, value);
    expect(pressed).not.toBeNull();
    if (pressed?.do === "attach") continue;
    if (pressed?.do === "look-up") {
      expect(known[pressed.index]?.line.startsWith("/gate ")).toBe(true);
      continue;
    }
    const line = pressed?.do === "line" || pressed?.do === "ask" ? pressed.line : "";
    expect(
      /^\/gate snooze \d+ (?:1h|4h|1d|3d|7d)$/.test(line) || known.some((one) => one.line === line),
    ).toBe(true);
  }
}

test("a card of an earlier version, whose data has another shape, is shown in its words", () => {
  const content = renderNotice(delivery("task-card", "CLIP-1 Cut <b>", { key: "CLIP-1" }), "UTC");
  expect(content).toEqual({ text: "CLIP-1 Cut &lt;b&gt;", blocks: [] });
});

test("a link shows where it leads", () => {
  expect(link("https://example.org/a/b?c=1&d=2", 400)).toBe(
    "<https://example.org/a/b?c=1&amp;d=2|example.org/a/b>",
  );
  expect(link("https://bank.example:secret@evil.example/", 400)).toBe(
    "`https://bank.example:secret@evil.example/`",
  );
  expect(link("command:checks", 400)).toBe("`command:checks`");
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

test("a card at work says since when, and nothing that a beat would make untrue", () => {
  const at = { since: 1_764_322_380_000, leaseExpiresAt: 1_764_323_580_000, leaseMs: 900_000 };
  const holder = { attempt: "CLIP-2.1", agent: "ivy", session: "s", route: "anthropic/claude", ...at };
  const card = { ...STANDING, status: "active", holder, block: null, last: null };
  const told = JSON.stringify(renderNotice(delivery("task-card", "CLIP-2", card), "UTC").blocks);
  expect(told).toContain("<!date^1764322380^");
  expect(told).not.toContain("<!date^1764323580^");
});

test("why a task is blocked stands on its card once, why an attempt was given back always", () => {
  const reason = "Two fonts fit.";
  const block = { kind: "question", reason, owner: "operator", question: "Which?", choices: [], since: 1 };
  const last = { attempt: "CLIP-2.1", agent: "ivy", outcome: "blocked", reason };
  const told = (card: { readonly [field: string]: Json }): number =>
    JSON.stringify(
      renderNotice(delivery("task-card", "CLIP-2", { ...STANDING, holder: null, ...card }), "UTC").blocks,
    ).split(reason).length - 1;
  expect(told({ status: "blocked", block, last })).toBe(1);
  expect(told({ status: "queued", block: null, last: { ...last, outcome: "released" } })).toBe(1);
});
