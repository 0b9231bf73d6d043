// A week of an agent fleet, all jobs on their schedule and every failure of the story played. Then everything the bot did
// and said is held against what was played, and against its own log, recounted here.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { showRoutes } from "../../src/commands/show-routes.ts";
import { CONTRADICTION_STATES, type Contradiction } from "../../src/core/contradiction.ts";
import type { DigestData, Figures } from "../../src/core/digest.ts";
import { USUAL_SCHEDULE } from "../../src/core/schedule.ts";
import type { JobRun } from "../../src/ports/job-runs.ts";
import type { LocalMessage } from "../../src/ports/local-chat.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";
import { well } from "../support/story.ts";
import { Clockwork, HOUR } from "./week/clockwork.ts";
import { ELSEWHERE, Failures, RIGHT } from "./week/failures.ts";

const MONDAY = Date.UTC(2026, 2, 30);
const WEEK_HOURS = 7 * 24;

interface Logged {
  readonly kind: string;
  readonly at: number;
  readonly data: { readonly [field: string]: unknown };
}

let open: TestHouse;
let week: Clockwork;
let failures: Failures;
let records: readonly Contradiction[];
let runs: readonly JobRun[];
let events: readonly Logged[];
let refusals: readonly number[];
let digests: readonly DigestData[];
let messages: readonly LocalMessage[];

beforeAll(async () => {
  open = await openTestHouse({ startAt: MONDAY, schedule: USUAL_SCHEDULE });
  week = new Clockwork(open);
  failures = new Failures(open, week, MONDAY);
  await failures.play();
  records = await open.house.contradictions.list({ states: CONTRADICTION_STATES, after: 0, limit: 1000 });
  runs = await open.house.jobRuns.runs({ limit: 5000 });
  await readBack();
}, 600_000);
afterAll(() => open.close());

/** The log, the refusals, the digests and the channel as they stand in the database, past the product's own readers. */
async function readBack(): Promise<void> {
  const raw = await openRaw(open.url);
  const [logged = [], refused = [], digested = [], written = []] = await raw.read([
    { sql: "SELECT kind, at, data FROM events WHERE imported = 0 ORDER BY id" },
    { sql: "SELECT at FROM refusals" },
    { sql: "SELECT data FROM notices WHERE kind = 'digest' ORDER BY id" },
    { sql: "SELECT thread_id AS thread, data FROM local_messages WHERE kind = 'contradiction'" },
  ]);
  await raw.close();
  const json = (cell: unknown) => JSON.parse(String(cell));
  events = logged.map(({ kind, at, data }) => ({ kind: String(kind), at: Number(at), data: json(data) }));
  refusals = refused.map(({ at }) => Number(at));
  digests = digested.map(({ data }) => json(data) as DigestData);
  messages = written.map(({ thread, data }) => ({ thread, data: json(data) }) as unknown as LocalMessage);
}

const counted = (kind: string) => events.filter((event) => event.kind === `contradiction.${kind}`).length;
const of = (rule: string) => records.filter((record) => record.rule === rule);
const recurrenceOf = (rule: string, agent: string) =>
  of("recurrence").filter(({ data }) => data?.["of"] === rule && data["agent"] === agent);
const hours = (ms: number) => ms / HOUR;
const watches = () => runs.filter(({ job }) => job === "autonomy-verify-watch");

/** What each figure of a digest means in the log, written down once more and apart from the product. */
const MEANS: Readonly<Record<string, readonly string[]>> = {
  added: ["task.added", "task.imported"],
  offered: ["task.offered"],
  claimed: ["task.claimed"],
  submitted: ["task.submitted"],
  released: ["task.released"],
  lapsed: ["lease.lapsed", "offer.lapsed"],
  "proof failed": ["proof.failed"],
  blocked: ["task.blocked"],
  unblocked: ["task.unblocked"],
  requeued: ["task.requeued"],
  reopened: ["task.reopened"],
  cancelled: ["task.cancelled"],
};

/** The figures of a window by the log alone. */
function recount(from: number, to: number): Figures {
  const within = events.filter(({ at }) => at >= from && at < to);
  const count = (...kinds: readonly string[]) => within.filter(({ kind }) => kinds.includes(kind)).length;
  const opened = within.filter(({ kind }) => kind === "contradiction.opened");
  return {
    proved: count("task.completed"),
    refused: refusals.filter((at) => at >= from && at < to).length,
    opened: opened.length,
    healed: count("contradiction.healed"),
    escalated: count("contradiction.escalated"),
    recurring: opened.filter(({ data }) => data["rule"] === "recurrence").length,
    rotted: count("proof.rotted"),
    moved: Object.fromEntries(Object.entries(MEANS).map(([word, kinds]) => [word, count(...kinds)])),
  };
}

describe("a week", () => {
  test("in which every failure of the story is played, and found within one run after it could be seen", () => {
    const late = week.played.filter(({ rule, at }) => {
      const run = Math.min(...watches().flatMap(({ startedAt }) => (startedAt > at ? startedAt : [])));
      return !of(rule).some(({ openedAt }) => openedAt >= at && openedAt <= run);
    });
    expect(late).toEqual([]);
    const rules = Map.groupBy(week.played, ({ rule }) => rule);
    expect(Object.fromEntries([...rules].map(([rule, all]) => [rule, all.length]))).toEqual({
      "silent-attempt": 1,
      "lease-lapsed": 5,
      "beat-of-another": 1,
      "claim-in-chat": 1,
      "done-without-proof": 1,
      "route-drift": 6,
      "idle-lane": 1,
      "tainted-attempt": 3,
      "route-error-as-billing": 3,
    });
  });

  test("and nothing is found that was not played", () => {
    // While a lapsed lease or a forged done stands, the queue is invalid, and the brief with it stays as it was.
    const expected = new Set([...week.played.map(({ rule }) => rule), "recurrence", "brief-stale"]);
    expect([...new Set(records.map(({ rule }) => rule))].filter((rule) => !expected.has(rule))).toEqual([]);
    expect(of("route-drift")).toHaveLength(6);
    expect(of("tainted-attempt")).toHaveLength(3);
    const invalid = [...of("lease-lapsed"), ...of("done-without-proof")];
    const alone = of("brief-stale").filter(
      ({ openedAt: at }) => !invalid.some(({ openedAt, overAt }) => openedAt <= at && at <= (overAt ?? 0)),
    );
    expect(alone).toEqual([]);
    expect(of("recurrence").map(({ data, source }) => [data?.["of"], source])).toEqual([
      ["route-drift", "agent:bob lane:render"],
      ["lease-lapsed", "agent:cyd lane:ops"],
      ["route-drift", "agent:max lane:scout"],
      ["route-error-as-billing", "agent:max lane:scout"],
    ]);
  });

  test("all jobs run at their times, none fails, and none is late", () => {
    const ran = Map.groupBy(runs, ({ job }) => job);
    // The first look, a minute into the week, makes up for the firings of the hour before; the week ends at 0:05.
    const perHour = WEEK_HOURS + 2;
    expect(Object.fromEntries([...ran].map(([job, all]) => [job, all.length]))).toEqual({
      heartbeat: 2 * WEEK_HOURS + 1,
      "queue-validate": perHour - 1,
      "queue-operating-refresh": perHour,
      "autonomy-verify-watch": perHour,
      "dispatch-ready-work": perHour,
      digest: perHour,
    });
    expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(["well", "findings", "refused"]));
    expect(runs.every(({ startedAt, endedAt }) => endedAt !== null && endedAt >= startedAt)).toBe(true);
  });

  test("fake-active is mended by the watch, quietly, and its task finished by the next session", () => {
    const [first] = of("lease-lapsed");
    expect(first).toMatchObject({ state: "healed", told: false, source: "agent:cyd lane:ops" });
    expect(of("silent-attempt")[0]).toMatchObject({ state: "resolved", told: true });
  });

  test("a done that nothing proves escalates while it stands, and is over when it was reopened", () => {
    const [record, ...others] = of("done-without-proof");
    expect(others.map(({ data }) => data?.["finding"])).toEqual(["completion-unrecorded"]);
    for (const one of [record, ...others]) {
      expect(one).toMatchObject({ state: "resolved", count: 6 });
      expect((one?.escalatedAt ?? 0) - (one?.openedAt ?? 0)).toBe(2 * HOUR);
    }
  });

  test("the override that returns after each restart is named with its agent and lane, and stands until that was changed", () => {
    expect(of("route-drift").filter(({ source }) => source === "agent:bob lane:render")).toHaveLength(3);
    const [record, ...more] = recurrenceOf("route-drift", "bob");
    expect(more).toEqual([]);
    expect(record).toMatchObject({ source: "agent:bob lane:render", state: "resolved" });
    expect(record?.data).toMatchObject({ agent: "bob", lane: "render" });
    expect(record?.escalatedAt).toBe(record?.openedAt);
    expect(cleanHours(record)).toBe(3);
  });

  test("leases that keep lapsing are mended three times, and not a fourth", () => {
    const states = of("lease-lapsed").map(({ state }) => state);
    expect(states).toEqual(["healed", "healed", "healed", "healed", "resolved"]);
    const [record] = recurrenceOf("lease-lapsed", "cyd");
    expect(record).toMatchObject({ source: "agent:cyd lane:ops", state: "resolved" });
    expect(record?.data).toMatchObject({ sessions: expect.arrayContaining(["cyd-crash-1", "cyd-crash-3"]) });
    expect(cleanHours(record)).toBe(3);
  });
});

/** How many whole hours, of a run each, it stood after its source was changed. */
function cleanHours(record: Contradiction | undefined): number {
  const { mendedAt } = failures.told;
  const rule = record?.data?.["of"] as string;
  const changed = mendedAt.get(`${rule} ${record?.source}`) ?? mendedAt.get(rule) ?? Number.NaN;
  return watches().filter(({ startedAt }) => startedAt > changed && startedAt <= (record?.overAt ?? 0))
    .length;
}

describe("the routing war", () => {
  test("each error is told for what it is: no bill, but an override, and where it most likely sits", () => {
    const { diagnoses } = failures.told;
    expect(diagnoses.map(({ verdict, kind, required, got }) => ({ verdict, kind, required, got }))).toEqual(
      Array.from({ length: 3 }, () => ({
        verdict: "route-override",
        kind: "billing",
        required: RIGHT,
        got: ELSEWHERE,
      })),
    );
    // The first time only this session goes elsewhere; a new session that does as well tells of what lies beneath.
    expect(diagnoses.map(({ override }) => override?.seat)).toEqual([
      "session",
      "configuration",
      "configuration",
    ]);
    expect(diagnoses[2]?.override?.because).toContain("max-1, max-2, max-3");
    for (const [layer, { since, evidence }] of diagnoses.entries()) {
      expect(hours(since - MONDAY)).toBe(126 + layer * 2);
      expect(evidence.map(({ what }) => what).join("\n")).toContain("openai/gpt-5: insufficient_quota");
    }
  });

  test("no contradiction calls it a bill, each says where to look, and each is its own message once", () => {
    for (const { state, detail, told } of of("route-error-as-billing")) {
      expect({ state, told }).toEqual({ state: "resolved", told: true });
      expect(detail).toMatch(/is a route override, and no bill\. `gatehouse route show max-\d`/u);
    }
    for (const { source, detail } of of("tainted-attempt")) {
      expect(source).toBe("agent:max lane:scout");
      expect(detail).toContain(`cannot close ${failures.told.contested}`);
    }
  });

  test("what was made elsewhere proves nothing: no submission is taken, and the task is announced once, at the end", async () => {
    const { refusedProofs, contested } = failures.told;
    expect(refusedProofs).toMatchObject(
      Array.from({ length: 3 }, () => ({
        gate: "heartbeat-trust",
        code: "route-tainted",
        field: "route.provider",
        expected: "minimax",
        got: "openai",
      })),
    );
    const notices = await open.house.outbox.notices({
      kind: "auto-complete",
      task: contested,
      after: 0,
      limit: 9,
    });
    expect(notices.map(({ at }) => hours(at - MONDAY))).toEqual([137]);
    const facts = await open.house.queue.task(contested);
    expect(facts).toMatchObject({ task: { status: "done", completion: "proved", attempts: 4, failures: 0 } });
  });

  test("it is named with its agent and lane once it has come back three times, and over after three clean runs", () => {
    for (const rule of ["route-drift", "route-error-as-billing"]) {
      const [record, ...more] = recurrenceOf(rule, "max");
      expect(more).toEqual([]);
      expect(record).toMatchObject({ source: "agent:max lane:scout", state: "resolved" });
      expect(record?.escalatedAt).toBe(record?.openedAt);
      const third = of(rule).filter(({ source }) => source === record?.source)[2]?.overAt ?? 0;
      expect(
        watches().filter(({ startedAt }) => startedAt > third && startedAt <= (record?.openedAt ?? 0)),
      ).toHaveLength(1);
    }
    expect(cleanHours(recurrenceOf("route-drift", "max")[0])).toBe(3);
  });

  test("the ledger of a session shows what was required, said and seen side by side", async () => {
    const { attempts } = well(await showRoutes(open.house, "max-2"));
    expect(attempts).toMatchObject([
      {
        required: { route: RIGHT },
        requested: { route: RIGHT },
        observed: [{ provider: ELSEWHERE.provider, requestedModel: ELSEWHERE.model }],
        tainted: true,
        diagnosis: { verdict: "route-override", kind: "billing" },
      },
    ]);
    const clean = well(await showRoutes(open.house, "max-4")).attempts;
    expect(clean).toMatchObject([{ tainted: false, errors: [], diagnosis: null }]);
  });
});

describe("what is said in a week", () => {
  test("each condition is one message, and one reply each where it escalated and where it was over", () => {
    const heads = Map.groupBy(
      messages.filter(({ thread }) => thread === null),
      ({ data }) => data["id"],
    );
    expect([...heads.values()].every((of) => of.length === 1)).toBe(true);
    expect(new Set(heads.keys())).toEqual(new Set(records.flatMap(({ id, told }) => (told ? id : []))));
    const replies = messages.filter(({ thread }) => thread !== null);
    const steps = replies.map(({ data }) => JSON.stringify([data["id"], data["step"]]));
    expect(new Set(steps).size).toBe(steps.length);
  });

  test("it says no more than there are distinct conditions, escalations and resolutions", () => {
    const distinct = new Set(records.map(({ rule, key }) => `${rule}\t${key}`)).size;
    expect(counted("opened")).toBe(records.length);
    expect(messages.length).toBeGreaterThan(10);
    expect(messages.length).toBeLessThanOrEqual(distinct + counted("escalated") + counted("resolved"));
    expect(messages.filter(({ thread }) => thread === null).length).toBeLessThan(WEEK_HOURS / 5);
  });

  test("each digest's figures are those of the log, recounted here", () => {
    expect(digests.length).toBeGreaterThan(WEEK_HOURS / 2);
    for (const { from, to, figures, before } of digests) {
      expect(figures, new Date(to).toISOString()).toEqual(recount(from, to));
      expect(before, `before ${new Date(to).toISOString()}`).toEqual(recount(from - (to - from), from));
    }
  });

  test("and together they tell of all of it, once", () => {
    const sum = (name: Exclude<keyof Figures, "moved">) =>
      digests.reduce((all, { figures }) => all + figures[name], 0);
    const all = recount(MONDAY, MONDAY + WEEK_HOURS * HOUR);
    for (const name of ["proved", "refused", "opened", "healed", "escalated", "recurring", "rotted"] as const)
      expect(`${name} ${sum(name)}`).toBe(`${name} ${all[name]}`);
    for (const word of Object.keys(MEANS))
      expect(`${word} ${digests.reduce((of, { figures }) => of + (figures.moved[word] ?? 0), 0)}`).toBe(
        `${word} ${all.moved[word]}`,
      );
    const windows = digests.map(({ from, to }) => [from, to] as const).toSorted(([a], [b]) => a - b);
    for (const [index, [from]] of windows.entries())
      expect(from).toBeGreaterThanOrEqual(windows[index - 1]?.[1] ?? 0);
  });

  test("at its end nothing stands, and the runs' own records say what the log says", async () => {
    expect(await open.house.contradictions.standing()).toEqual([]);
    const said = watches().map(({ detail }) => (detail ?? "").match(/\d+/gu)?.map(Number) ?? []);
    const sum = (index: number) => said.reduce((all, figures) => all + (figures[index] ?? 0), 0);
    // The claim in chat was opened by whoever read it, not by a run.
    expect({ opened: sum(1), healed: sum(2), escalated: sum(3), resolved: sum(4) }).toEqual({
      opened: counted("opened") - 1,
      healed: counted("healed"),
      escalated: counted("escalated"),
      resolved: counted("resolved"),
    });
  });
});
