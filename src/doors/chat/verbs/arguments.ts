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

/** `30m`, `4h`, `2d`: a length of time, in milliseconds inside. */
export function durationArgument(place: number) {
  return {
    schema: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^\d{1,5}[mhd]$/u)
      .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0)),
    place,
    shown: "FOR",
    about: "for how long, such as 30m, 4h or 2d",
    type: "duration",
  } satisfies Argument;
}
