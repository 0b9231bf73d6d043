import { InvalidArgumentError } from "commander";
import { z } from "zod";
import type { Requirement } from "../../core/proof.ts";
import { parseRoute, type Route } from "../../core/route.ts";
import { PRIORITIES, type Priority } from "../../core/task.ts";
import { jsonFault } from "./json-fault.ts";

/** Each reads one argument; what does not fit is wrong usage, said in a sentence after the argument's name. */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function readDuration(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text.trim());
  const ms =
    match === null ? Number.NaN : Math.round(Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN));
  if (!Number.isSafeInteger(ms))
    throw new InvalidArgumentError("It takes a length of time such as 90s, 15m or 1h.");
  return ms;
}

export function readWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text.trim())) throw new InvalidArgumentError("It takes a whole number.");
  return Number(text);
}

/** Milliseconds since 1970 UTC. Without an offset a time would mean another moment on another machine. */
export function readInstant(text: string): number {
  if (!z.iso.datetime({ offset: true }).safeParse(text.trim()).success) {
    throw new InvalidArgumentError(
      "It takes a time in ISO 8601 with its offset, such as 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00.",
    );
  }
  return Date.parse(text.trim());
}

export function readPriority(text: string): Priority {
  const priority = PRIORITIES.find((one) => one === text.trim().toUpperCase());
  if (priority === undefined)
    throw new InvalidArgumentError(`It takes one of ${PRIORITIES.join(", ")}; P0 comes first.`);
  return priority;
}

export function readRoute(text: string): Route {
  const route = parseRoute(text.trim());
  if (route === null)
    throw new InvalidArgumentError("It takes PROVIDER/MODEL, such as anthropic/claude-opus-5.");
  return route;
}

/** For an option that may be said more than once. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

const REQUIREMENT = z.looseObject({ name: z.string().min(1), kind: z.string().min(1) });

/** `--require`: one requirement as a JSON object, or an array of them; said more than once they add up. */
export function readRequirements(
  text: string,
  before: readonly Requirement[] | undefined,
): readonly Requirement[] {
  const fault = jsonFault(text);
  if (fault !== null) throw new InvalidArgumentError(`That is not JSON: ${fault}.`);
  const value: unknown = JSON.parse(text);
  const read = (Array.isArray(value) ? value : [value]).map((each: unknown, index): Requirement => {
    const parsed = REQUIREMENT.safeParse(each);
    if (parsed.success) return parsed.data as unknown as Requirement;
    const place = Array.isArray(value) ? ` (number ${index + 1} of the array)` : "";
    const field = parsed.error.issues[0]?.path.join(".") ?? "";
    const lacks = field === "" ? "is not an object" : `has no text in "${field}"`;
    throw new InvalidArgumentError(
      `A requirement is an object with a name and a kind, such as {"name":"report","kind":"file"}; this one${place} ${lacks}.`,
    );
  });
  return [...(before ?? []), ...read];
}
