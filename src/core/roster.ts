import { invalid, type Refusal } from "./refusal.ts";
import { EPIC_KEY, type Lane } from "./task.ts";
import { deceivingInLine } from "./text.ts";

/** What a new lane has where nobody said otherwise: one worker, a lease of three beats. */
export const LANE_DEFAULTS = {
  capacity: 1,
  leaseMs: 900_000,
  heartbeatMs: 300_000,
  dispatch: { kind: "pull" },
  routeAliases: [] as readonly string[],
} as const;

export const LEASE_MIN_MS = 1_000;
export const LEASE_MAX_MS = 7 * 86_400_000;
export const CAPACITY_MAX = 10_000;
const NAME = /^[a-z0-9][a-z0-9._-]*$/i;
const LANE_NAME_MAX = 40;
const AGENT_NAME_MAX = 60;
const EPIC_TITLE_MAX = 300;
const ROUTE_PART_MAX = 200;
export const ROUTE_ALIASES_MAX = 20;

/** Lanes and agents are typed into commands and stand in actors (`agent:NAME`), so their names are plain. */
export function nameFault(field: "lane" | "agent", name: string): Refusal | null {
  const max = field === "lane" ? LANE_NAME_MAX : AGENT_NAME_MAX;
  if (NAME.test(name) && name.length <= max) return null;
  return invalid(field, {
    expected: `1 to ${max} letters, digits, dots, dashes or underscores, a letter or digit first`,
    got: name,
    hint: `Give the ${field} a plain name, such as ${field === "lane" ? "builder" : "ada"}.`,
  });
}

export type LaneShape = Pick<
  Lane,
  "name" | "route" | "capacity" | "leaseMs" | "heartbeatMs" | "routeAliases"
>;

/** The first fault of a lane as it would stand. Lengths of time are milliseconds. */
export function laneFault(lane: LaneShape): Refusal | null {
  return (
    nameFault("lane", lane.name) ??
    routePartFault(lane, "provider") ??
    routePartFault(lane, "model") ??
    aliasFault(lane) ??
    limitFault(lane)
  );
}

function plainRoutePart(value: string): boolean {
  return (
    value !== "" && value.length <= ROUTE_PART_MAX && deceivingInLine(value) === null && !/\s/.test(value)
  );
}

function routePartFault({ route }: LaneShape, part: "provider" | "model"): Refusal | null {
  const value = route[part];
  if (plainRoutePart(value)) return null;
  const hint = "Give the route as PROVIDER/MODEL, such as anthropic/claude-opus-5.";
  const expected = "text without spaces or control characters";
  return invalid(`route.${part}`, { expected, got: value, hint }, "runnable-pull");
}

function aliasFault({ routeAliases }: LaneShape): Refusal | null {
  const wrong = routeAliases.find((alias) => !plainRoutePart(alias));
  if (wrong === undefined && routeAliases.length <= ROUTE_ALIASES_MAX) return null;
  return invalid(
    "routeAliases",
    {
      expected: `at most ${ROUTE_ALIASES_MAX} names of models, without spaces or control characters`,
      got: wrong ?? routeAliases.length,
      hint: "Spell out each other name the provider gives this model, such as claude-opus-5-20260101.",
    },
    "runnable-pull",
  );
}

function limitFault({ capacity, leaseMs, heartbeatMs }: LaneShape): Refusal | null {
  const within = (value: number, min: number, max: number) =>
    Number.isSafeInteger(value) && value >= min && value <= max;
  if (!within(capacity, 0, CAPACITY_MAX)) {
    const hint = "Say how many may work in this lane at once.";
    return invalid(
      "capacity",
      { expected: `a whole number from 0 to ${CAPACITY_MAX}`, got: capacity, hint },
      "runnable-pull",
    );
  }
  if (!within(leaseMs, LEASE_MIN_MS, LEASE_MAX_MS)) {
    const hint = "Say how long silence lasts before the work is given to another, such as 15m.";
    return invalid(
      "lease",
      { expected: "1 s to 7 days", got: `${leaseMs / 1000} s`, hint },
      "heartbeat-trust",
    );
  }
  if (!within(heartbeatMs, 1, leaseMs)) {
    const hint = "A beat must come before the lease lapses: a third of it is a good length.";
    const expected = `at most the lease, ${leaseMs / 1000} s`;
    return invalid("heartbeat", { expected, got: `${heartbeatMs / 1000} s`, hint }, "heartbeat-trust");
  }
  return null;
}

export function epicFault(epic: {
  readonly key: string;
  readonly title: string;
  readonly goal: string;
}): Refusal | null {
  if (!EPIC_KEY.test(epic.key)) {
    return invalid("key", {
      expected: "1 to 24 capital letters and digits, a letter first",
      got: epic.key,
      hint: "Give the epic a key such as CLIP: its tasks are then CLIP-1, CLIP-2 …",
    });
  }
  for (const field of ["title", "goal"] as const) {
    const text = epic[field];
    const character = deceivingInLine(text);
    if (character === null && text.length <= EPIC_TITLE_MAX && (field === "goal" || text.trim() !== ""))
      continue;
    return invalid(field, {
      expected: `${field === "goal" ? "at most" : "1 to"} ${EPIC_TITLE_MAX} characters, none that control or change direction`,
      got: character ?? text.length,
      hint: `Give the epic a ${field} that fits on a line.`,
    });
  }
  return null;
}
