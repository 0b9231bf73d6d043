import { z } from "zod";
import { PRIORITIES, type Status, TASK_KEY } from "../../../core/task.ts";
import type { Argument } from "../verb.ts";

/** A task's key, typed in either case; `statuses` are those a platform offers while it is typed. */
export function taskArgument(place: number, statuses: readonly Status[]) {
  return {
    schema: z.string().trim().toUpperCase().regex(TASK_KEY),
    place,
    shown: "TASK",
    about: "a task's key, such as CLIP-12",
    type: "task",
    statuses,
  } satisfies Argument;
}

export function priorityArgument(place: number) {
  return {
    schema: z.string().trim().toUpperCase().pipe(z.enum(PRIORITIES)),
    place,
    shown: "PRIORITY",
    about: "P0 (first) to P4 (last)",
    type: "priority",
    choices: PRIORITIES,
  } satisfies Argument;
}

/** The version somebody's decision was based on: a button carries it, and a stale one is refused. */
export const versionArgument = {
  schema: z.coerce.number().int().min(1).optional(),
  type: "integer",
  shown: "N",
  about: "the version you read; refused if the task has changed since",
} satisfies Argument;

/** Why, as one or several sentences: all the words that are left. */
export function reasonArgument(about: string) {
  return {
    schema: z.string().trim().min(1),
    place: "rest",
    type: "text",
    long: true,
    shown: "REASON",
    about,
  } satisfies Argument;
}

/** Whoever may be asked: a mention, `person:PLATFORM:ID`, or a name people understand. */
export const personArgument = {
  schema: z.string().trim().min(1).optional(),
  type: "person",
  shown: "PERSON",
  about: "who is to answer: a mention, or any name people understand",
} satisfies Argument;

export const laneArgument = {
  schema: z.string().trim().min(1).optional(),
  type: "lane",
  shown: "LANE",
  about: "a lane's name",
} satisfies Argument;

/** A lane or an agent, by its name; `lane:NAME` or `agent:NAME` where both have it. */
export const workerArgument = {
  schema: z
    .string()
    .trim()
    .regex(/^(?:(?:lane|agent):)?[^\s:]+$/u),
  place: 1,
  type: "lane-or-agent",
  shown: "LANE-OR-AGENT",
  about: "a lane's or an agent's name; lane:NAME or agent:NAME where both have it",
} satisfies Argument;

/** A contradiction's number, with or without its `#`. */
export function contradictionArgument(place: number) {
  return {
    schema: z
      .string()
      .trim()
      .regex(/^#?\d{1,15}$/u)
      .transform((text) => Number(text.replace("#", ""))),
    place,
    shown: "NUMBER",
    about: "the contradiction's number, such as 12",
    type: "contradiction",
  } satisfies Argument;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const DURATION = /^\d{1,5}[mhd]$/u;

/** `30m`, `4h`, `2d` in milliseconds; null where it is none. */
export function readDuration(text: string): number | null {
  return DURATION.test(text) ? Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0) : null;
}

/** The same the other way: the largest unit that leaves nothing over. */
export function durationText(ms: number): string {
  const unit = ["d", "h"].find((one) => ms % (UNIT_MS[one] ?? 1) === 0) ?? "m";
  return `${ms / (UNIT_MS[unit] ?? 1)}${unit}`;
}

/** A length of time, in milliseconds inside. */
export function durationArgument(place: number) {
  return {
    schema: z.string().trim().toLowerCase().transform(readDuration).pipe(z.number()),
    type: "duration",
    place,
    shown: "FOR",
    about: "for how long, such as 30m, 4h or 2d",
  } satisfies Argument;
}
