// Every rule by itself, on facts: it fires, it stays silent on a healthy queue, and it knows its own tick.
import { describe, expect, test } from "vitest";
import { allChecks } from "../../src/checks/all.ts";
import { HEALINGS } from "../../src/core/check.ts";
import type { RouteFacts } from "../../src/core/route-facts.ts";
import { finding, type RuleName } from "../../src/core/validation.ts";
import type { WatchedAttempt, WatchedLane, WatchFacts } from "../../src/core/watch-facts.ts";

const NOW = Date.UTC(2026, 2, 30, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ROUTE = { provider: "anthropic", model: "claude-opus-5" };

const lane = (more: Partial<WatchedLane> = {}): WatchedLane => ({
  name: "builder",
  route: ROUTE,
  capacity: 2,
  pausedReason: null,
  livingLeases: 1,
  oldest: [{ priority: "P2", task: "GATE-2", readyAt: NOW - 30 * HOUR }],
  lastClaimAt: NOW - MINUTE,
  claims: [{ priority: "P2", task: "GATE-1", at: NOW - MINUTE }],
  ...more,
});

const attempt = (more: Partial<WatchedAttempt> = {}): WatchedAttempt => ({
  id: "GATE-1.1",
  task: "GATE-1",
  status: "active",
  agent: "ada",
  lane: "builder",
  session: "s-1",
  route: ROUTE,
  startedAt: NOW - HOUR,
  leaseExpiresAt: NOW + 10 * MINUTE,
  lastHeartbeatAt: NOW - MINUTE,
  heartbeatMs: 5 * MINUTE,
  agentHolds: 1,
  agentNewest: "GATE-1.1",
  ...more,
});

const route = (more: Partial<RouteFacts> = {}): RouteFacts => ({
  attempt: "GATE-1.1",
  task: "GATE-1",
  session: "s-1",
  agent: "ada",
  lane: "builder",
  open: true,
  startedAt: NOW - HOUR,
  observe: "optional",
  required: ROUTE,
  reported: ROUTE,
  drifted: [],
  observed: { provider: "anthropic", requestedModel: ROUTE.model, respondedModel: null },
  tainted: false,
  errors: [],
  ...more,
});

/** A queue at work: much is in it, and nothing is wrong. */
const HEALTHY: WatchFacts = {
  now: NOW,
  clock: { before: NOW - 5, after: NOW + 5 },
  findings: [],
  lanes: [lane()],
  attempts: [attempt()],
  refusedBeats: [],
  cleared: [
    {
      task: "GATE-3",
      version: 2,
      kind: "dependency",
      question: "?",
      owner: "operator",
      since: NOW - HOUR,
      notBefore: null,
      dependencies: 2,
      openDependencies: 1,
    },
  ],
  stranded: [],
  rotted: [],
  claims: [{ message: "slack:C:1", author: "ada", task: "GATE-9", status: "done", at: NOW - MINUTE }],
  overdueProofs: [],
  stuckChannels: [],
  stuckInboxes: [],
  worn: [
    {
      task: "GATE-4",
      status: "queued",
      lane: "builder",
      failures: 1,
      maxAttempts: 3,
      lapses: 0,
      maxLapses: 10,
    },
  ],
  brief: { revision: 3, staleBecause: null },
  endings: [],
  recurring: [],
  routes: [route()],
  jobs: [{ job: "digest", dueAt: NOW - HOUR, startedAt: NOW - HOUR }],
  jobsSince: NOW - 30 * HOUR,
};

const found = (rule: RuleName, about: { task?: string; lane?: string } = { task: "GATE-1" }) =>
  finding(rule, about, `${rule} it is`, "mend it");
const refusal = {
  agent: "ada",
  task: "GATE-1",
  lane: "builder",
  count: 3,
  firstAt: NOW - HOUR,
  lastAt: NOW,
} as const;
const wrongModel = {
  ...refusal,
  code: "mismatch",
  field: "route.model",
  expected: ROUTE.model,
  got: "gpt-5",
};
const call = { provider: "openai", requestedModel: "gpt-5", respondedModel: null };
const drifted = [{ ...call, firstSeenAt: NOW - HOUR }] as unknown as RouteFacts["drifted"];
const proof = {
  task: "GATE-1",
  status: "verifying",
  requirement: "checks",
  kind: "url",
  dueAt: NOW + MINUTE,
  attachedAt: NOW - HOUR,
  checks: 9,
  reason: "503",
} as const;
const ending = (hoursAgo: number, healed = true) =>
  ({
    rule: "lease-lapsed",
    source: "agent:ada lane:builder",
    at: NOW - hoursAgo * HOUR,
    task: "GATE-1",
    session: `s-${hoursAgo}`,
    healed,
  }) as const;
const recurring = {
  rule: "lease-lapsed",
  source: "agent:ada lane:builder",
  openedAt: NOW - 9 * HOUR,
  lastSeenAt: NOW - HOUR,
  changedAt: null,
  seenAt: NOW - 10 * HOUR,
  times: 3,
  sessions: ["s-0"],
  tasks: ["GATE-1"],
} as const;
const stalled = lane({ livingLeases: 0, lastClaimAt: NOW - 2 * HOUR });
const p0 = (readyAt: number) => lane({ oldest: [{ priority: "P0", task: "GATE-5", readyAt }] });

/** Rule, what is wrong, the condition's key, and what is nearly wrong but is not. */
const TABLE: readonly (readonly [
  rule: string,
  wrong: Partial<WatchFacts>,
  key: string,
  nearly: Partial<WatchFacts>,
])[] = [
  [
    "active-without-lease",
    { findings: [found("attempt-missing")] },
    "Q017 GATE-1",
    { findings: [found("fake-active")] },
  ],
  ["lease-lapsed", { findings: [found("fake-active")] }, "Q021 GATE-1", { findings: [found("title-unfit")] }],
  [
    "silent-attempt",
    { attempts: [attempt({ lastHeartbeatAt: NOW - 10 * MINUTE })] },
    "GATE-1.1",
    {
      attempts: [
        attempt({ lastHeartbeatAt: NOW - 10 * MINUTE + 1 }),
        attempt({ status: "verifying", lastHeartbeatAt: 0 }),
        attempt({ lastHeartbeatAt: 0, leaseExpiresAt: NOW }),
      ],
    },
  ],
  [
    "beat-of-another",
    { refusedBeats: [{ ...refusal, code: "mismatch", field: "session", expected: "s-1", got: "s-0" }] },
    "ada GATE-1 mismatch session",
    { refusedBeats: [wrongModel] },
  ],
  [
    "route-drift",
    { refusedBeats: [wrongModel] },
    "reported ada builder route.model gpt-5",
    { refusedBeats: [{ ...wrongModel, field: "session" }] },
  ],
  [
    "route-drift",
    { routes: [route({ drifted, observed: call })] },
    "observed GATE-1.1 openai/gpt-5",
    { routes: [route({ drifted, observed: call, open: false })] },
  ],
  [
    "tainted-attempt",
    { routes: [route({ tainted: true, drifted, observed: call })] },
    "GATE-1.1",
    { routes: [route({ tainted: true, startedAt: NOW - 15 * MINUTE + 1 })] },
  ],
  [
    "tainted-attempt",
    { routes: [route({ tainted: true, startedAt: NOW - 15 * MINUTE })] },
    "GATE-1.1",
    { routes: [route({ tainted: true, drifted, open: false })] },
  ],
  [
    "route-error-as-billing",
    {
      routes: [
        route({
          errors: [{ provider: "openai", model: "gpt-5", kind: "billing", at: NOW - MINUTE, foreign: true }],
        }),
      ],
    },
    "GATE-1.1 openai/gpt-5",
    {
      routes: [
        route({
          errors: [
            { provider: "anthropic", model: ROUTE.model, kind: "billing", at: NOW - MINUTE, foreign: false },
            { provider: "openai", model: "gpt-5", kind: "other", at: NOW - MINUTE, foreign: true },
            { provider: "openai", model: "gpt-5", kind: "billing", at: NOW - 2 * HOUR, foreign: true },
          ],
        }),
      ],
    },
  ],
  [
    "done-without-proof",
    { findings: [found("done-unproved")] },
    "Q026 GATE-1",
    { findings: [found("announcement-missing")] },
  ],
  ["proof-rotted", { rotted: [{ task: "GATE-1", at: NOW - HOUR, reason: "404" }] }, "GATE-1", {}],
  [
    "claim-in-chat",
    { claims: [{ message: "slack:C:2", author: "U 1", task: "GATE-1", status: "active", at: NOW }] },
    "slack:C:2",
    {},
  ],
  [
    "blocked-without-question",
    { findings: [found("block-blank")] },
    "Q033 GATE-1",
    { findings: [found("draft-incomplete")] },
  ],
  [
    "blocked-though-cleared",
    { cleared: [{ ...HEALTHY.cleared[0]!, openDependencies: 0 }] },
    "GATE-3",
    {
      cleared: [
        { ...HEALTHY.cleared[0]!, openDependencies: 0, dependencies: 0 },
        { ...HEALTHY.cleared[0]!, kind: "question", openDependencies: 0 },
      ],
    },
  ],
  [
    "blocked-though-cleared",
    { cleared: [{ ...HEALTHY.cleared[0]!, kind: "not-before", notBefore: NOW }] },
    "GATE-3",
    {
      cleared: [
        { ...HEALTHY.cleared[0]!, kind: "not-before", notBefore: NOW + 1 },
        { ...HEALTHY.cleared[0]!, kind: "not-before", notBefore: NOW - HOUR },
      ],
    },
  ],
  [
    "dependency-broken",
    { findings: [found("dependency-cycle")] },
    "Q011 GATE-1",
    { findings: [found("not-before-far")] },
  ],
  ["stranded-task", { stranded: [{ task: "GATE-1", cancelled: "GATE-0" }] }, "GATE-1", {}],
  [
    "over-capacity",
    { findings: [found("lane-over-capacity", { lane: "ops" })] },
    "Q035 ops",
    { findings: [found("lane-paused-urgent", { lane: "ops" })] },
  ],
  [
    "agent-in-two-places",
    {
      attempts: [
        attempt({
          agentHolds: 2,
          agentNewest: "GATE-7.1",
          lastHeartbeatAt: NOW - 10 * MINUTE,
          leaseExpiresAt: NOW - 1,
        }),
      ],
    },
    "GATE-1.1",
    {
      attempts: [
        attempt({ agentHolds: 2, agentNewest: "GATE-7.1" }),
        attempt({ agentHolds: 2, lastHeartbeatAt: 0, leaseExpiresAt: 0 }),
      ],
    },
  ],
  [
    "agent-in-two-places",
    {
      refusedBeats: [
        { ...refusal, code: "session-busy", field: "session", expected: "no open attempt", got: "GATE-3.1" },
      ],
    },
    "ada session-busy GATE-3.1",
    { refusedBeats: [{ ...wrongModel, code: "session-identity" }] },
  ],
  ["agent-in-two-places", { findings: [found("session-doubled")] }, "Q022 GATE-1", {}],
  [
    "idle-lane",
    { lanes: [stalled] },
    "builder",
    {
      lanes: [
        { ...stalled, lastClaimAt: NOW - 2 * HOUR + 1 },
        { ...stalled, livingLeases: 1 },
        { ...stalled, pausedReason: "freeze" },
        { ...stalled, oldest: [] },
        { ...stalled, capacity: 0 },
      ],
    },
  ],
  [
    "starved-priority",
    { lanes: [p0(NOW - 2 * HOUR)] },
    "builder P0",
    { lanes: [p0(NOW - 2 * HOUR + 1), { ...p0(NOW - 2 * HOUR), claims: [] }] },
  ],
  ["brief-stale", { brief: { revision: 3, staleBecause: ["Q021"] } }, "stale", { brief: null }],
  ["brief-stale", { findings: [found("brief-edited", {})] }, "edited", {}],
  [
    "job-missed",
    { jobs: [...HEALTHY.jobs!, { job: "heartbeat", dueAt: NOW - HOUR, startedAt: NOW - 2 * HOUR }] },
    "heartbeat",
    { jobs: [{ job: "heartbeat", dueAt: NOW - HOUR, startedAt: null }], jobsSince: NOW - HOUR },
  ],
  [
    "job-missed",
    { jobs: [{ job: "heartbeat", dueAt: NOW - HOUR + 1, startedAt: null }], jobsSince: NOW - HOUR },
    "heartbeat",
    { jobs: [{ job: "heartbeat", dueAt: NOW, startedAt: null }], jobsSince: null },
  ],
  [
    "outbox-stuck",
    {
      stuckChannels: [
        { channel: "slack:C1", pending: 2, uncertain: 0, failed: 1, oldestAt: NOW - HOUR, error: "401" },
      ],
    },
    "slack:C1",
    {},
  ],
  [
    "inbox-stuck",
    { stuckInboxes: [{ platform: "slack", waiting: 2, oldestAt: NOW - HOUR, error: "timeout" }] },
    "slack",
    {},
  ],
  [
    "verification-stuck",
    { overdueProofs: [{ ...proof, dueAt: NOW - 10 * MINUTE }] },
    "GATE-1 checks",
    { overdueProofs: [{ ...proof, dueAt: NOW - 10 * MINUTE + 1 }] },
  ],
  [
    "verification-stuck",
    { overdueProofs: [{ ...proof, attachedAt: NOW - 6 * HOUR }] },
    "GATE-1 checks",
    {
      overdueProofs: [
        { ...proof, attachedAt: NOW - 6 * HOUR + 1 },
        { ...proof, kind: "human", attachedAt: 0 },
        { ...proof, checks: 0, attachedAt: 0 },
      ],
    },
  ],
  [
    "clock-skew",
    { clock: { before: NOW - 40_000, after: NOW - 30_000 } },
    "process",
    { clock: { before: NOW - 40_000, after: NOW - 29_999 } },
  ],
  [
    "clock-skew",
    { clock: { before: NOW + 30_000, after: NOW + 30_001 } },
    "process",
    { clock: { before: NOW + 29_999, after: NOW + 30_001 } },
  ],
  [
    "attempts-running-out",
    { worn: [{ ...HEALTHY.worn[0]!, failures: 2 }] },
    "GATE-4",
    {
      worn: [
        { ...HEALTHY.worn[0]!, failures: 0, maxAttempts: 1 },
        { ...HEALTHY.worn[0]!, failures: 2, status: "dead" },
      ],
    },
  ],
  [
    "attempts-running-out",
    { worn: [{ ...HEALTHY.worn[0]!, lapses: 9 }] },
    "GATE-4",
    { worn: [{ ...HEALTHY.worn[0]!, lapses: 8 }] },
  ],
  [
    "recurrence",
    { endings: [ending(24), ending(10), ending(2)] },
    "lease-lapsed agent:ada lane:builder",
    // Twice; thrice within one hour; thrice in more than a day; and thrice where nothing is named that could be changed.
    {
      endings: [
        ending(10),
        ending(2),
        ending(2),
        { ...ending(25), at: NOW - 24 * HOUR - 1 },
        ...[24, 10, 2].map((hoursAgo) => ({ ...ending(hoursAgo), rule: "brief-stale", source: "queue" })),
      ],
    },
  ],
  [
    "recurrence",
    { recurring: [recurring] },
    "lease-lapsed agent:ada lane:builder",
    {
      recurring: [
        { ...recurring, changedAt: NOW - HOUR },
        { ...recurring, changedAt: NOW - 2 * HOUR, seenAt: NOW - HOUR },
      ],
    },
  ],
  [
    "recurrence",
    { recurring: [{ ...recurring, changedAt: NOW - HOUR, seenAt: NOW }] },
    "lease-lapsed agent:ada lane:builder",
    {},
  ],
];

describe("every check", () => {
  test("has a rule of its own, a title, and a safe verb or none", () => {
    const rules = allChecks.map(({ rule }) => rule);
    expect(new Set(rules).size).toBe(rules.length);
    for (const { rule, title, healing, cleanRuns } of allChecks) {
      expect(rule).toMatch(/^[a-z]+(-[a-z]+)*$/u);
      expect(title).not.toBe("");
      expect(cleanRuns).toBeGreaterThanOrEqual(1);
      if (healing !== null) expect(HEALINGS).toContain(healing);
    }
  });

  test("is tried below", () => {
    expect([...new Set(TABLE.map(([rule]) => rule))].toSorted()).toEqual(
      allChecks.map(({ rule }) => rule).toSorted(),
    );
  });

  test.each(allChecks.map((check) => [check.rule, check] as const))(
    "%s says nothing of a healthy queue",
    (_, check) => {
      expect(check.look(HEALTHY, NOW)).toEqual([]);
    },
  );

  test.each(TABLE)("%s fires, and not one tick before", (rule, wrong, key, nearly) => {
    const check = allChecks.find((one) => one.rule === rule);
    const sightings = check?.look({ ...HEALTHY, ...wrong }, NOW) ?? [];
    expect(sightings.map((sighting) => [sighting.rule, sighting.key])).toEqual([[rule, key]]);
    expect(sightings[0]?.detail).toMatch(/\S{2}/u);
    expect(sightings[0]?.source).not.toBe("");
    expect(check?.look({ ...HEALTHY, ...nearly }, NOW)).toEqual([]);
  });

  test("gives the same for the same facts, and one sighting a condition", () => {
    const everything: WatchFacts = Object.assign({ ...HEALTHY }, ...TABLE.map(([, wrong]) => wrong));
    for (const { look } of allChecks) {
      const [once, again] = [look(everything, NOW), look(everything, NOW)];
      expect(again).toEqual(once);
      expect(new Set(once.map(({ key }) => key)).size).toBe(once.length);
    }
  });
});
