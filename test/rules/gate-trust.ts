// Rules of the gate heartbeat-trust: what a holder does, what a beat says, and what instruments saw of the route.
import type * as Heartbeat from "../../src/core/gates/heartbeat-trust.ts";
import type { BeatFacts } from "../../src/core/gates/heartbeat-trust.ts";
import type { SeenCall } from "../../src/core/route-facts.ts";
import type { Lane } from "../../src/core/task.ts";
import {
  attempt,
  gateRulesOf,
  NOW,
  type Row,
  TRUST,
  task,
  trust,
  withAttempt,
  withTask,
} from "./gate-rule.ts";
import type { Place } from "./without.ts";

type HolderFacts = Parameters<typeof Heartbeat.holderTrust>[0];

const holderRows: readonly Row<HolderFacts>[] = [
  [
    "only by the agent that claimed",
    "mismatch",
    [trust("facts.agent !== attempt.agent", "false")],
    { agent: "bob" },
    { agent: "Ada" },
  ],
  [
    "only under the epoch it was claimed under",
    "mismatch",
    [trust("facts.epoch !== attempt.epoch", "false")],
    { epoch: 1 },
    { epoch: 3 },
  ],
  [
    "only to an attempt that is open",
    "attempt-ended",
    // One that is over has no living lease either.
    [
      trust("attempt.endedAt !== null || attempt.epoch !== task.epoch", "attempt.epoch !== task.epoch"),
      trust("!leaseLives(attempt, now)", "attempt.leaseExpiresAt <= now"),
    ],
    withAttempt({ endedAt: NOW, outcome: "lapsed" }),
  ],
  [
    "only to the latest attempt",
    "attempt-ended",
    [trust("attempt.endedAt !== null || attempt.epoch !== task.epoch", "attempt.endedAt !== null")],
    withTask({ epoch: 3 }),
  ],
  [
    "only while the lease lives",
    "lease-lapsed",
    [trust("!leaseLives(attempt, now)", "false")],
    withAttempt({ leaseExpiresAt: NOW }),
    withAttempt({ leaseExpiresAt: NOW - 1 }),
  ],
];

const route = { provider: "anthropic", model: "claude-opus-5" };
const held = { ...attempt, lane: "builder", session: "s-1", route };
const beat = { attempt: held.id, epoch: 2, lane: "builder", task: task.key, session: "s-1", route };
const beats = (change: object) => ({ beat: { ...beat, ...change } });
/** A line of what is compared. */
const compared = (field: string, own: string, said: string): Place =>
  trust(`    ["${field}", ${own}, ${said}],\n`);

const beatRows: readonly Row<BeatFacts>[] = [
  [
    "of its task",
    "mismatch",
    [compared("task", "task.key", "beat.task")],
    beats({ task: "CLIP-1" }),
    beats({ task: "clip-12" }),
  ],
  [
    "of its attempt",
    "mismatch",
    [compared("attempt", "attempt.id", "beat.attempt")],
    beats({ attempt: "CLIP-12.2" }),
    beats({ attempt: "CLIP-12.10" }),
  ],
  [
    ["by its agent", "the rule of every act of a holder"],
    "mismatch",
    [compared("agent", "attempt.agent", "facts.agent"), trust("facts.agent !== attempt.agent", "false")],
    { agent: "bob" },
    { agent: "Ada" },
  ],
  [
    "in its lane",
    "mismatch",
    [compared("lane", "attempt.lane", "beat.lane")],
    beats({ lane: "scout" }),
    beats({ lane: "Builder" }),
    beats({ lane: "builder " }),
  ],
  [
    "by its session",
    "mismatch",
    [compared("session", "attempt.session", "beat.session")],
    beats({ session: "s-2" }),
    beats({ session: "s-11" }),
    beats({ session: "" }),
  ],
  [
    ["under its epoch", "the rule of every act of a holder"],
    "mismatch",
    [compared("epoch", "attempt.epoch", "beat.epoch"), trust("facts.epoch !== attempt.epoch", "false")],
    beats({ epoch: 1 }),
    beats({ epoch: 3 }),
  ],
  [
    "on its provider",
    "mismatch",
    [compared("route.provider", "attempt.route.provider", "beat.route.provider")],
    beats({ route: { ...route, provider: "openai" } }),
    beats({ route: { ...route, provider: "Anthropic" } }),
  ],
  [
    "on its model",
    "mismatch",
    [compared("route.model", "attempt.route.model", "beat.route.model")],
    beats({ route: { ...route, model: "claude-opus-5-mini" } }),
    beats({ route: { ...route, model: "claude-opus-" } }),
  ],
  [
    "by a holder who may act",
    "lease-lapsed",
    [trust("return holderTrust({ ...facts, epoch: beat.epoch }, now);", "return null;")],
    { attempt: { ...held, leaseExpiresAt: NOW } },
  ],
];

type RouteFacts = Parameters<typeof Heartbeat.routeTrust>[0];
const FACTS = "src/core/route-facts.ts";
const seen = (check: string, without = ""): Place => ({ file: FACTS, check, without });
const call: SeenCall = {
  provider: "anthropic",
  requestedModel: "claude-opus-5",
  respondedModel: "opus-5-dated",
};
const calls = (...changes: Partial<SeenCall>[]) => ({
  observed: changes.map((change) => ({ ...call, ...change })),
});
const lane = { name: "builder", observe: "required", routeAliases: ["opus-5-dated"] } satisfies Partial<Lane>;

const routeRows: readonly Row<RouteFacts>[] = [
  [
    "only on a call that was seen",
    "route-tainted",
    [seen("return calls.length > 0 ? null : {", "return true ? null : {")],
    { observed: [] },
  ],
  [
    "only on its provider",
    "route-tainted",
    [seen("call.provider !== null && call.provider !== route.provider", "false")],
    calls({ provider: "openai" }),
    calls({ provider: "Anthropic" }),
    calls({ provider: "" }),
    calls({}, { provider: "openai" }),
  ],
  [
    "only where its model was asked for",
    "route-tainted",
    [seen("[call.requestedModel, call.respondedModel]", "[call.respondedModel]")],
    calls({ requestedModel: "claude-haiku-5" }),
    calls({ requestedModel: "claude-opus-5-mini" }),
    calls({}, { requestedModel: "claude-haiku-5" }),
  ],
  [
    "only where its model answered",
    "route-tainted",
    [seen("[call.requestedModel, call.respondedModel]", "[call.requestedModel]")],
    calls({ respondedModel: "claude-haiku-5" }),
    calls({ respondedModel: "" }),
    calls({}, { respondedModel: "claude-haiku-5" }),
  ],
  [
    "only by names that the lane spells out",
    "route-tainted",
    [
      seen(
        "aliases.includes(model)",
        "aliases.some((alias) => model.startsWith(alias) || alias.startsWith(model))",
      ),
    ],
    calls({ respondedModel: "opus-5-dated-mini" }),
    calls({ respondedModel: "opus-5" }),
    calls({ requestedModel: "opus-5-date" }),
  ],
  [
    "only where every call was on it",
    "route-tainted",
    [seen("for (const call of calls) {", "for (const call of calls.slice(0, 1)) {")],
    calls({}, { provider: "openai" }),
    calls({}, {}, { respondedModel: "claude-haiku-5" }),
  ],
  [
    "wherever its lane demands it",
    "route-tainted",
    [trust('lane.observe !== "required"', "true")],
    { observed: [] },
    calls({ provider: "openai" }),
  ],
];

export const trustRules = [
  ...gateRulesOf<HolderFacts>(
    "gate: a holder acts",
    {
      file: TRUST,
      good: { agent: "ada", epoch: 2, attempt, task },
      ask: (gates, facts) => gates.holderTrust(facts, NOW),
    },
    holderRows,
  ),
  ...gateRulesOf<BeatFacts>(
    "gate: a beat counts",
    {
      file: TRUST,
      good: { beat, agent: "ada", attempt: held, task },
      ask: (gates, facts) => gates.heartbeatTrust(facts, NOW),
    },
    beatRows,
  ),
  ...gateRulesOf<RouteFacts>(
    "gate: a route is trusted",
    {
      file: TRUST,
      good: { attempt: held, lane, observed: [call] },
      ask: (gates, facts) => gates.routeTrust(facts),
    },
    routeRows,
  ),
];
