// What every notice holds beside its words: each platform lays out the same data, so all of it must be there, and every
// button must be a line the catalogue takes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { postDigests } from "../../src/commands/post-digests.ts";
import { postHeartbeats } from "../../src/commands/post-heartbeats.ts";
import { answeredLine, type Button, quotedWords, readButtons } from "../../src/core/button.ts";
import { cardNotice, taskCard } from "../../src/core/card.ts";
import type { Contradiction } from "../../src/core/contradiction.ts";
import { contradictionNotice, contradictionReplies } from "../../src/core/contradiction-notice.ts";
import type { Json } from "../../src/core/json.ts";
import {
  announceCompletion,
  correctCompletion,
  NOTICE_KINDS,
  type NoticeKind,
} from "../../src/core/notice.ts";
import { shownNotice } from "../../src/core/notice-data.ts";
import { parseLine } from "../../src/doors/chat/parse.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed, OPERATOR, well } from "../support/story.ts";

const HOUR = 3_600_000;
const NINE = Date.UTC(2026, 2, 30, 9);

interface Written {
  readonly kind: NoticeKind;
  readonly data: { readonly [field: string]: Json };
}

let open: TestHouse;
const written: Written[] = [];
beforeAll(async () => {
  open = await openTestHouse({ startAt: NINE });
  await seedRoster(open.house);
  await everyKind();
});
afterAll(() => open.close());

/** One notice of each kind and shape, most of them as a real hour leaves them. */
async function everyKind(): Promise<void> {
  const { house, clock } = open;
  const [asking] = [await added(house), await added(house)];
  const question = {
    kind: "decision",
    reason: "two fit",
    owner: "person:local:mia",
    question: "Which font?",
  };
  well(await blockTask(house, { key: asking, ...question, choices: ['"Inter" --bold', "Plex"] }, OPERATOR));
  const key = await completed(house);
  const held = await claimedOf(await added(house));
  clock.advance(HOUR);
  await postHeartbeats(house);
  await postDigests(house);
  const channel = { name: "gatehouse", platform: "local" };
  for (const subjects of ["heartbeat:", "digest:"]) {
    const last = await house.outbox.newest(`${subjects}${channel.platform}:${channel.name}:`);
    written.push({ kind: subjects === "digest:" ? "digest" : "heartbeat", data: last?.data ?? {} });
  }
  const asked = await house.queue.task(asking);
  for (const facts of [held, asked, await house.queue.task(key)]) {
    if (facts !== null) written.push(cardNotice(facts));
  }
  const completion = { key, title: "Cut", agent: "ada", attempt: `${key}.1`, version: 5 };
  written.push(
    announceCompletion({ ...completion, proofs: [{ requirement: "checks", evidence: "exit 0" }] }),
  );
  const { version: _, agent: __, ...rotten } = completion;
  const gone = { requirement: "checks", uri: "command:checks", reason: "gone", announcement: 7 };
  written.push(correctCompletion({ ...rotten, ...gone }));
  written.push(contradictionNotice(RECORD, { title: "It keeps coming back" }));
  written.push(...contradictionReplies(RECORD, 9));
  written.push(contradictionNotice({ ...RECORD, state: "healed" }, { title: "Lease lapsed" }, 3));
  written.push({
    kind: "proof-status",
    data: {
      replyTo: "local:gatehouse:4",
      task: key,
      proofs: [{ requirement: "checks", uri: "command:checks", verdict: "failed", reason: "exit 1" }],
      reaction: "❌",
      say: true,
    },
  });
  written.push({
    kind: "proof-status",
    data: {
      task: key,
      proof: 3,
      requirement: "checks",
      uri: "https://example.org",
      reason: "none",
      buttons: [],
    },
  });
}

async function claimedOf(key: string) {
  const held = await claimed(open.house, `s-${key}`);
  return (await open.house.queue.task(held.task.key)) ?? null;
}

const RECORD: Contradiction = {
  id: 12,
  revision: 3,
  rule: "recurrence",
  key: "lease-lapsed agent ada",
  source: '{"agent":"ada"}',
  task: "GATE-1",
  detail: "three times a day",
  state: "escalated",
  openedAt: NINE,
  lastSeenAt: NINE,
  count: 4,
  acknowledgedBy: null,
  snoozedUntil: null,
  escalatedAt: NINE,
  cleanRuns: 0,
  overAt: null,
  remark: "it keeps coming back",
  told: true,
};

/** Every button in it, wherever it stands. */
function buttonsIn(value: Json | undefined): readonly Button[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(buttonsIn);
  return Object.entries(value).flatMap(([field, held]) =>
    field === "buttons" ? readButtons(held) : buttonsIn(held),
  );
}

test("each kind that is written is read back with its type", () => {
  expect(new Set(written.map(({ kind }) => kind))).toEqual(new Set(NOTICE_KINDS));
  for (const notice of written) {
    const stored = JSON.parse(JSON.stringify(notice)) as Written;
    expect(shownNotice(stored), JSON.stringify(notice.data)).toEqual(stored);
  }
});

test("data that lacks a field, or holds another thing there, is left to the notice's text", () => {
  for (const { kind, data } of written) {
    for (const field of Object.keys(data)) {
      const { [field]: _, ...lacking } = data;
      expect(shownNotice({ kind, data: lacking }), `${kind} without ${field}`).toBeNull();
      // `standing` may be anything: nothing draws it.
      if (field === "standing") continue;
      const other = { ...data, [field]: { other: [true] } };
      expect(shownNotice({ kind, data: other }), `${kind} with another ${field}`).toBeNull();
    }
    expect(shownNotice({ kind, data: {} })).toBeNull();
  }
});

test("a button of another version is no button", () => {
  const old = { label: "Show", verb: "show", arguments: { task: "GATE-1" } };
  const now = { label: "Show", line: "/gate show GATE-1", asks: null };
  expect(readButtons([old, now, "Show", null, [now]])).toEqual([now]);
  expect(readButtons(undefined)).toEqual([]);
});

describe("every button is a line that the catalogue takes", () => {
  test("as it stands, or with the words it asks for", () => {
    const all = written.flatMap(({ data }) => buttonsIn(data));
    const verbs = new Set<string>();
    for (const button of all) {
      const line = button.asks === null ? button.line : answeredLine(button, 'what\'s "so" --version 9 \\');
      const parsed = parseLine(allVerbs, line);
      const verb = button.line.split(" ")[1] ?? "";
      verbs.add(verb);
      expect(parsed, line).toHaveProperty("input");
    }
    expect(verbs).toEqual(new Set(["ack", "cancel", "prove", "reopen", "show", "snooze", "unblock", "undo"]));
  });

  test("and one that changes a task carries the version it was shown at", () => {
    for (const { line } of written.flatMap(({ data }) => buttonsIn(data))) {
      if (/^\/gate (?:unblock|reopen|cancel|approve) /u.test(line)) expect(line).toMatch(/ --version \d+/u);
    }
  });

  test("whatever words are answered, they are one argument", () => {
    for (const words of ["plain", 'say "hi"', "back\\slash", "--version 3", "two\nlines", "“curly”"]) {
      const parsed = parseLine(allVerbs, `/gate unblock GATE-1 --version 2 ${quotedWords(words)}`);
      expect(parsed).toMatchObject({
        input: { task: "GATE-1", version: 2, answer: words.replace("\n", " ") },
      });
    }
  });
});

test("a card says what can be done about the task as it stands", async () => {
  const { house } = open;
  const labels = async (key: string) =>
    taskCard((await house.queue.task(key)) as never).buttons.map(({ label }) => label);
  expect(await labels("GATE-1")).toEqual(['"Inter" --bold', "Plex", "Something else…", "Cancel…"]);
  expect(await labels("GATE-2")).toEqual(["Reopen…"]);
  expect(await labels("GATE-3")).toEqual(["Attach proof…"]);
});
