import { fieldReasons } from "./gates/runnable-pull.ts";
import type { Requirement } from "./proof.ts";
import { invalid, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { deceivingInLine, deceivingInText } from "./text.ts";

export const TITLE_MAX = 300;
/** UTF-16 code units of a body or an acceptance. */
export const TEXT_MAX = 100_000;

export interface TaskTexts {
  readonly title: string;
  readonly body: string;
  readonly acceptance: string;
}

/** The first fault of a task's texts, or null. Lengths are in UTF-16 code units. */
export function textFault(texts: TaskTexts): Refusal | null {
  if (texts.title.trim() === "" || texts.title.length > TITLE_MAX) {
    return invalid("title", {
      expected: `1 to ${TITLE_MAX} characters`,
      got: texts.title.length,
      hint: "Give the task a title that fits on a line.",
    });
  }
  const inTitle = deceivingInLine(texts.title);
  if (inTitle !== null) {
    return invalid("title", {
      expected: "no control or direction-changing characters",
      got: inTitle,
      hint: `Remove ${inTitle} from the title: it would show something else than it says.`,
    });
  }
  for (const field of ["body", "acceptance"] as const) {
    if (texts[field].length > TEXT_MAX) {
      return invalid(field, {
        expected: `at most ${TEXT_MAX} characters`,
        got: texts[field].length,
        hint: "Shorten it, or link to it.",
      });
    }
    const character = deceivingInText(texts[field]);
    if (character !== null) {
      return invalid(field, {
        expected: "no control or direction-changing characters",
        got: character,
        hint: `Remove ${character} from the ${field}.`,
      });
    }
  }
  return null;
}

/** A policy's own shape; what stands inside a requirement is its verifier's to judge. */
export function policyFault(requirements: readonly Requirement[]): Refusal | null {
  const names = new Set<string>();
  for (const { name } of requirements) {
    if (names.has(name)) {
      return invalid(
        "policy.requirements",
        {
          expected: "names that differ",
          got: name,
          hint: `Two requirements are named "${name}"; a proof could not tell them apart.`,
        },
        "proof-before-done",
      );
    }
    names.add(name);
  }
  return null;
}

/** What a task lacks to stand in the queue, as one refusal; null where it may. The same predicates the pull uses. */
export function notQueueable(
  task: Pick<Task, "key" | "lane" | "acceptance" | "requirements">,
): Refusal | null {
  const reasons = fieldReasons(task);
  const first = reasons[0];
  if (first === undefined) return null;
  const fields = {
    "lane-missing": "lane",
    "acceptance-missing": "acceptance",
    "policy-empty": "policy.requirements",
  };
  return refuse(first.code === "policy-empty" ? "proof-before-done" : "runnable-pull", first.code, {
    field: fields[first.code as keyof typeof fields],
    expected: "present",
    got: null,
    hint: `${task.key} may not be queued: ${reasons.map((reason) => reason.detail).join("; ")}. Add it, or keep the task a draft.`,
  });
}
