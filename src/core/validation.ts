/** An error makes the queue invalid; a warning is listed and changes nothing. */
export type Severity = "error" | "warning";

interface RuleFacts {
  readonly code: string;
  readonly severity: Severity;
}

const error = (code: string): RuleFacts => ({ code, severity: "error" });
const warning = (code: string): RuleFacts => ({ code, severity: "warning" });

/** Every rule of queue-validate. A code is never given to another rule; `docs/queue-validate.md` has a section for each. */
export const RULES = {
  "lane-missing": error("Q001"),
  "acceptance-missing": error("Q002"),
  "policy-empty": error("Q003"),
  "requirement-unknown": error("Q004"),
  "requirement-faulty": error("Q005"),
  "draft-incomplete": warning("Q006"),
  "status-unknown": error("Q007"),
  "priority-unknown": error("Q008"),
  "title-unfit": warning("Q009"),
  "not-before-far": warning("Q010"),
  "dependency-cycle": error("Q011"),
  "dependency-stranded": warning("Q012"),
  "dependency-dangling": warning("Q013"),
  "open-dependencies-wrong": error("Q014"),
  "ready-untrue": error("Q015"),
  "ready-missing": error("Q016"),
  "attempt-missing": error("Q017"),
  "attempt-unexpected": error("Q018"),
  "attempts-doubled": error("Q019"),
  "epoch-differs": error("Q020"),
  "fake-active": error("Q021"),
  "session-doubled": error("Q022"),
  "attempts-used-up": error("Q023"),
  "policy-changed": error("Q024"),
  "verifying-stuck": error("Q025"),
  "done-unproved": error("Q026"),
  "completion-unrecorded": error("Q027"),
  "announcement-unfounded": error("Q028"),
  "announcement-missing": warning("Q029"),
  "version-differs": error("Q030"),
  "version-gap": error("Q031"),
  "block-missing": error("Q032"),
  "block-blank": error("Q033"),
  "block-left": error("Q034"),
  "lane-over-capacity": error("Q035"),
  "lane-paused-urgent": warning("Q036"),
  "brief-edited": warning("Q037"),
  "guard-missing": warning("Q038"),
} as const satisfies Record<string, RuleFacts>;

export type RuleName = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

/** One thing that is not as it should be. */
export interface Finding {
  /** `Q001` …: stable. */
  readonly code: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  /** The task's key, where the finding is about one. */
  readonly task?: string;
  readonly lane?: string;
  /** One sentence: what is so. */
  readonly detail: string;
  /** One sentence with a command line: what mends it. */
  readonly fix: string;
}

export function finding(
  rule: RuleName,
  about: { readonly task?: string; readonly lane?: string },
  detail: string,
  fix: string,
): Finding {
  return { ...RULES[rule], rule, ...about, detail, fix };
}

/** Rules of which more was suspected than is listed. */
export interface Omission {
  readonly code: string;
  readonly rule: RuleName;
  /** How many tasks were not looked at for this rule, because so many findings of it stand already. */
  readonly suspects: number;
}

export interface Validation {
  /** No error among the findings. */
  readonly valid: boolean;
  /** ISO 8601, by the database's clock. */
  readonly checkedAt: string;
  /** How many tasks the queue has. */
  readonly tasks: number;
  /** Errors first, then by code, then by key. */
  readonly findings: readonly Finding[];
  /** Empty but for a queue with thousands of the same fault. */
  readonly omitted: readonly Omission[];
}

export function validation(
  facts: { readonly now: number; readonly tasks: number },
  findings: readonly Finding[],
  omitted: readonly Omission[],
): Validation {
  return {
    valid: findings.every(({ severity }) => severity !== "error"),
    checkedAt: new Date(facts.now).toISOString(),
    tasks: facts.tasks,
    findings: findings.toSorted(inOrder),
    omitted: omitted.toSorted((a, b) => compare(a.code, b.code)),
  };
}

function inOrder(a: Finding, b: Finding): number {
  return (
    compare(a.severity, b.severity) ||
    compare(a.code, b.code) ||
    compareKeys(a.task ?? "", b.task ?? "") ||
    compare(a.lane ?? "", b.lane ?? "") ||
    compare(a.detail, b.detail)
  );
}

/** `CLIP-9` before `CLIP-12`. */
function compareKeys(a: string, b: string): number {
  const [epicA = "", numberA = "0"] = a.split("-");
  const [epicB = "", numberB = "0"] = b.split("-");
  return compare(epicA, epicB) || Number(numberA) - Number(numberB);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
