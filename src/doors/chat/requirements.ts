import { fillTemplate } from "../../core/policy-templates.ts";
import type { Requirement } from "../../core/proof.ts";
import { done, invalid, type Outcome, refused } from "../../core/refusal.ts";

/**
 * What must be shown, as people type it: JSON (one requirement or an array of them), or templates by name with their
 * values, between semicolons: `tests-pass format=junit tests=20; reviewed-by-one`. A value goes on to the next `NAME=`, so
 * that `command-succeeds command=npm test` needs no quotes.
 */
export function readRequirements(typed: string): Outcome<readonly Requirement[]> {
  const text = typed.trim();
  return /^[[{]/u.test(text) ? fromJson(text) : fromTemplates(text);
}

function fromJson(text: string): Outcome<readonly Requirement[]> {
  // Chat clients turn the quotes of JSON into typographic ones: where it is no JSON as it came, it may be with plain ones.
  const value = parsed(text) ?? parsed(text.replaceAll(/[“”„]/gu, '"'));
  const list = Array.isArray(value) ? value : [value];
  if (value !== undefined && list.every(isRequirement)) return done(list);
  return refused(
    invalid(
      "require",
      {
        expected: '{"name": …, "kind": …}, or an array of these',
        got: text.slice(0, 200),
        hint: "Give a requirement as JSON, or a template's name such as reviewed-by-one.",
      },
      "proof-before-done",
    ),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What else it must say is for its verifier to judge. */
function isRequirement(value: unknown): value is Requirement {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    value.name.trim() !== "" &&
    "kind" in value &&
    typeof value.kind === "string"
  );
}

function fromTemplates(text: string): Outcome<readonly Requirement[]> {
  const requirements: Requirement[] = [];
  for (const part of text.split(";").map((one) => one.trim())) {
    if (part === "") continue;
    const [name = "", ...pairs] = part.split(/\s+(?=[a-z]+=)/u);
    const given = Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1).trim()]),
    );
    const filled = fillTemplate(name, given);
    if (!filled.ok) return refused({ ...filled.refusal, field: "require" });
    requirements.push(...filled.value.requirements);
  }
  return done(requirements);
}
