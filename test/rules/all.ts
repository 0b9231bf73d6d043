import type { FetchRule } from "./attacks.ts";
import { checksRules } from "./checks.ts";
import { costRules } from "./entry.ts";
import { fetchRules } from "./fetched.ts";
import { gateRules } from "./gate.ts";
import type { GateRule } from "./gate-rule.ts";
import { trustRules } from "./gate-trust.ts";
import { commandRules, fileRules } from "./local.ts";
import { chatRules, humanRules } from "./people.ts";
import { commitRules, pullRules } from "./pulls.ts";
import { releaseRules } from "./releases.ts";
import { reportRules } from "./reports.ts";
import type { Rule } from "./rule.ts";
import { attestationRules } from "./signed.ts";
import { trustTwins } from "./trust-twins.ts";
import { proofTwins, type Twin } from "./twins.ts";
import { urlRules } from "./urls.ts";

/** Every rule of every verifier, and of all alike. */
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
  ...costRules,
];

/** A rule as the page lists it, whatever it is a rule of. */
export interface ListedRule {
  readonly kind: string;
  readonly name: string;
  readonly also?: string;
  readonly bad: number;
  /** Where its check stands: files below the root, or triggers. */
  readonly where: readonly string[];
}

const inFiles = (rule: Rule | FetchRule | GateRule): ListedRule => {
  const { kind, name, also, bad, places } = rule;
  const where = [...new Set(places.map(({ file }) => file))];
  return { kind, name, ...(also === undefined ? {} : { also }), bad: bad.length, where };
};
const inDatabase = ({ rule, trigger }: Twin): ListedRule => ({
  kind: "database",
  name: rule,
  bad: 1,
  where: [trigger],
});

/** Every rule that is taken out somewhere in this folder. */
export const everyRule: readonly ListedRule[] = [
  ...[...allRules, ...fetchRules, ...gateRules, ...trustRules].map(inFiles),
  ...[...proofTwins, ...trustTwins].map(inDatabase),
];
