// Rules of the kind github-checks.
import { BEFORE, NEW } from "../proof/support/world.ts";
import { AT, api, check, pull, put, repo, shared } from "./github.ts";
import { all, claims, inFile, links, rulesOf, type Spoil, wants } from "./rule.ts";

const checks = inFile("github-checks.ts");

const status = (change: object = {}): Spoil =>
  all(
    wants({ workflow: undefined, checks: [{ name: "legacy" }] }),
    repo(({ statuses }) => statuses.push({ id: 3, context: "legacy", sha: NEW, ...change })),
  );

export const checksRules = rulesOf("github-checks", [
  ...shared(/commit's, pull request's or run's/),
  [
    "every named check has run",
    /has not run/,
    [checks("if (named.length + contexts.length === 0)", "if (false)")],
    ...["lint", "Test", "test ", "tes", "testt"].map((name) =>
      wants({ checks: [{ name: "test" }, { name }] }),
    ),
    wants({ workflow: undefined, checks: [{ name: "test" }, { name: "lint" }] }),
    repo(({ checks: runs }) => runs.splice(0)),
  ],
  [
    "app",
    /of app .* has not run/,
    [checks("(app === undefined || run.app?.id === app || run.app?.slug === app)", "true")],
    ...[7, 15_369, "github-action", "GitHub-actions", "circleci"].map((app) =>
      wants({ checks: [{ name: "test", app }] }),
    ),
    check({ app: { id: 7, slug: "anybody" } }),
  ],
  [
    "workflow",
    /has not run/,
    [checks("runs.filter((run) => suites.has(run.check_suite?.id ?? 0))", "runs")],
    ...["cd.yml", "ci.yaml", "CI.yml", "ci2.yml"].map((file) =>
      wants({ workflow: `.github/workflows/${file}` }),
    ),
    check({ suite: 10 }),
  ],
  [
    "a workflow of this repository",
    /has not run/,
    [checks("run.repository.id === repo.id && run.path", "run.path")],
    repo(({ runs }) => put(runs, { repositoryId: 1 })),
  ],
  [
    "success and nothing else",
    /ended as/,
    [checks('if (run.conclusion !== "success")', "if (false)")],
    ...[
      "failure",
      "skipped",
      "neutral",
      "cancelled",
      "timed_out",
      "action_required",
      "stale",
      "Success",
      null,
    ].map((conclusion) => check({ conclusion })),
  ],
  [
    "every run of that name",
    /ended as failure/,
    [checks(".find((fault) => fault !== null) ??", ".at(0) ??")],
    repo(({ checks: runs }) => runs.push({ id: 2, name: "test", sha: NEW, suite: 9, conclusion: "failure" })),
  ],
  [
    "completed",
    /is (queued|in_progress|waiting|requested|pending)/,
    [checks('if (run.status !== "completed")', "if (false)")],
    ...["queued", "in_progress", "waiting", "requested", "pending"].map((state) => check({ status: state })),
  ],
  [
    "age",
    /ended before/,
    [checks('return isOlder(run.completed_at ?? "", claimedAt) ?', "return false ?")],
    check({ completedAt: BEFORE }),
    check({ completedAt: null }),
    claims(AT + 1_000),
  ],
  [
    "all pages",
    /ended as failure|has not run/,
    [api("if (all.length >= total) return all;", "return all;")],
    repo(({ checks: runs }) => {
      for (let id = 100; id < 220; id += 1) runs.push({ id, name: `other-${id}`, sha: NEW, suite: 9 });
      runs.push({ id: 2, name: "test", sha: NEW, suite: 9, conclusion: "failure" });
    }),
  ],
  [
    "a pull request into this repository",
    /into another repository/,
    [checks("return pull.base.repo.id === repo.id\n", "return true\n")],
    all(pull({ baseRepoId: 1, head: NEW }), links("https://github.com/acme/clip/pull/12")),
  ],
  [
    "a run of this repository",
    /belongs to another repository/,
    [
      checks("return run.repository.id === repo.id ?", "return true ?"),
      checks("run.repository.id === repo.id && run.path", "run.path"),
    ],
    all(
      repo(({ runs }) => put(runs, { repositoryId: 1 })),
      links("https://github.com/acme/clip/actions/runs/5"),
    ),
  ],
  [
    "a status's state",
    /ended as (failure|error|Success)/,
    [checks('if (state !== "success")', "if (false)")],
    ...["failure", "error", "Success"].map((state) => status({ state })),
  ],
  [
    "a status that is pending",
    /is pending/,
    [checks('if (state === "pending")', "if (false)"), checks('if (state !== "success")', "if (false)")],
    status({ state: "pending" }),
  ],
  [
    "a status's age",
    /ended before/,
    [checks('return isOlder(at ?? "", claimedAt) ?', "return false ?")],
    status({ updatedAt: BEFORE }),
    status({ updatedAt: null }),
  ],
  [
    "a status speaks for no app",
    /of app .* has not run/,
    [
      checks("named.length > 0 || app !== undefined ? []", "named.length > 0 ? []"),
      checks("({ name, app }) => app === undefined && ", "({ name }) => "),
    ],
    all(status(), wants({ checks: [{ name: "legacy", app: "github-actions" }] })),
  ],
  [
    "a status speaks for no workflow",
    /has not run/,
    [
      checks(
        "if (open === undefined || wanted.workflow !== undefined) return [];",
        "if (open === undefined) return [];",
      ),
    ],
    all(status(), wants({ workflow: ".github/workflows/ci.yml" })),
  ],
  [
    "a status does not outvote a run",
    /ended as failure/,
    [
      checks("named.length > 0 || app !== undefined ? []", "app !== undefined ? []"),
      checks("app === undefined && !runs.some((run) => run.name === name)", "app === undefined"),
      checks("named.map((run) => runFault(run, about, claimedAt)).find((fault) => fault !== null) ??"),
    ],
    all(
      check({ conclusion: "failure" }),
      repo(({ statuses }) => statuses.push({ id: 3, context: "test", sha: NEW })),
      wants({ workflow: undefined, checks: [{ name: "test" }] }),
    ),
  ],
]);
