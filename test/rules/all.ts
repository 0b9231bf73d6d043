import { checksRules } from "./checks.ts";
import { fetchRules } from "./fetched.ts";
import { commandRules, fileRules } from "./local.ts";
import { chatRules, humanRules } from "./people.ts";
import { commitRules, pullRules } from "./pulls.ts";
import { releaseRules } from "./releases.ts";
import { reportRules } from "./reports.ts";
import type { Rule } from "./rule.ts";
import { attestationRules } from "./signed.ts";
import { urlRules } from "./urls.ts";

/** Every rule of every verifier. */
export const allRules: readonly Rule[] = [
  ...fileRules,
  ...commandRules,
  ...urlRules,
  ...reportRules,
  ...attestationRules,
  ...pullRules,
  ...commitRules,
  ...checksRules,
  ...releaseRules,
  ...chatRules,
  ...humanRules,
];

/** A rule as the page lists it, whatever it is a rule of. */
export type ListedRule = Pick<Rule, "kind" | "name" | "places"> & {
  readonly also?: string;
  readonly bad: readonly unknown[];
};

/** Every rule that is taken out of the source somewhere below this folder. */
export const everyRule: readonly ListedRule[] = [...allRules, ...fetchRules];
