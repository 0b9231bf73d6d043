import type { Requirement } from "./proof.ts";
import { done, invalid, type Outcome, type Refusal, refused } from "./refusal.ts";

/** Something a template leaves open. Without a usual value it must be given. */
export interface Placeholder {
  readonly name: string;
  readonly about: string;
  readonly example: string;
  readonly usual?: string;
}

/** What tasks of one sort usually must show, under a name people know. */
export interface PolicyTemplate {
  readonly name: string;
  readonly about: string;
  readonly takes: readonly Placeholder[];
  /** Every placeholder has a value here. What comes out is for the verifiers to judge. */
  readonly make: (value: (placeholder: string) => string) => readonly Requirement[];
}

const REPO: Placeholder = { name: "repo", about: "the repository", example: "acme/clip" };

/** In the order they are shown. A new one is one entry here. */
export const POLICY_TEMPLATES: readonly PolicyTemplate[] = [
  {
    name: "pr-merged-and-green",
    about: "a pull request that was merged, and its checks succeeded",
    takes: [
      REPO,
      { name: "base", about: "the branch it was merged into", example: "main", usual: "main" },
      { name: "checks", about: "the checks' exact names, between commas", example: "test,lint" },
    ],
    make: (value) => [
      { name: "merged", kind: "github-pr", repo: value("repo"), base: value("base") },
      { name: "green", kind: "github-checks", repo: value("repo"), checks: checks(value("checks")) },
    ],
  },
  {
    name: "commit-on-branch",
    about: "a commit that is in the branch",
    takes: [REPO, { name: "branch", about: "the branch", example: "main", usual: "main" }],
    make: (value) => [
      { name: "commit", kind: "github-commit", repo: value("repo"), branch: value("branch") },
    ],
  },
  {
    name: "release-published",
    about: "a release with an asset of this name",
    takes: [REPO, { name: "asset", about: "the asset's exact name", example: "clip.tgz" }],
    make: (value) => [
      { name: "release", kind: "github-release", repo: value("repo"), asset: { name: value("asset") } },
    ],
  },
  {
    name: "file-report",
    about: "a file in the proof folder, written after the claim",
    takes: [{ name: "bytes", about: "how many bytes it has at the least", example: "100", usual: "1" }],
    make: (value) => [{ name: "report", kind: "file", minBytes: number(value("bytes")) }],
  },
  {
    name: "tests-pass",
    about: "a test report without a failure",
    takes: [
      { name: "format", about: "junit, tap or vitest", example: "junit", usual: "junit" },
      { name: "tests", about: "how many tests it has at the least", example: "20", usual: "1" },
      { name: "skipped", about: "how many of them may be skipped", example: "2", usual: "0" },
    ],
    make: (value) => [
      {
        name: "tests",
        kind: "test-report",
        format: value("format"),
        minTests: number(value("tests")),
        maxSkipped: number(value("skipped")),
      },
    ],
  },
  {
    name: "command-succeeds",
    about: "a command that the bot runs in the proof folder and that ends well",
    takes: [{ name: "command", about: "the program and its arguments, between spaces", example: "npm test" }],
    make: (value) => [{ name: "command", kind: "command", argv: value("command").trim().split(/\s+/) }],
  },
  {
    name: "page-answers",
    about: "a page that answers 200, twice, and not for any path",
    takes: [
      { name: "origin", about: "scheme and host", example: "https://clip.example.com" },
      { name: "path", about: "its path", example: "/health", usual: "/" },
    ],
    make: (value) => [{ name: "page", kind: "url", origin: value("origin"), path: value("path") }],
  },
  {
    name: "reviewed-by-one",
    about: "a person's approval, neither the claimant's nor the creator's",
    takes: [],
    make: () => [{ name: "review", kind: "human", approvers: 1, role: "operator" }],
  },
  {
    name: "reviewed-by-two",
    about: "two people's approval, neither the claimant's nor the creator's",
    takes: [],
    make: () => [{ name: "review", kind: "human", approvers: 2, role: "operator" }],
  },
];

function checks(names: string): { readonly name: string }[] {
  return names
    .split(",")
    .map((name) => ({ name: name.trim() }))
    .filter(({ name }) => name !== "");
}

/** Text that is no number stays text, for the verifier to name as a fault. */
function number(text: string): number | string {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : text;
}

export interface FilledTemplate {
  readonly template: string;
  /** Every placeholder with its value, the usual ones as well. */
  readonly given: { readonly [placeholder: string]: string };
  readonly requirements: readonly Requirement[];
}

/** A template with its placeholders filled, or the first fault: an unknown name, an unknown or a missing placeholder. */
export function fillTemplate(
  name: string,
  given: { readonly [placeholder: string]: string },
): Outcome<FilledTemplate> {
  const template = POLICY_TEMPLATES.find((one) => one.name === name);
  if (template === undefined) {
    const names = POLICY_TEMPLATES.map((one) => one.name);
    const hint = "`gatehouse policy list` shows the templates.";
    return refused(fault("from", names, name, hint));
  }
  const known = template.takes.map((one) => one.name);
  const unknown = Object.keys(given).find((one) => !known.includes(one));
  if (unknown !== undefined) {
    const hint =
      known.length === 0
        ? `${name} takes no values.`
        : `${name} takes ${known.join(", ")}: --with ${known[0]}=…`;
    return refused(fault(`with.${unknown}`, known, unknown, hint));
  }
  const values: Record<string, string> = {};
  for (const { name: placeholder, about, example, usual } of template.takes) {
    const value = given[placeholder]?.trim() || usual;
    if (value === undefined) {
      const hint = `Give it: --with ${placeholder}=${example}`;
      return refused(fault(`with.${placeholder}`, about, null, hint));
    }
    values[placeholder] = value;
  }
  return done({ template: name, given: values, requirements: template.make((one) => values[one] ?? "") });
}

function fault(
  field: string,
  expected: string | readonly string[],
  got: string | null,
  hint: string,
): Refusal {
  return invalid(field, { expected, got, hint }, "proof-before-done");
}
