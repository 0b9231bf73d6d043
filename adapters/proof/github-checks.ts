import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, inconclusive, isVerdict, passed } from "./define.ts";
import { shown } from "./fetch/answer.ts";
import type { GitHub, GitHubSettings } from "./github/api.ts";
import { allPages, connectGitHub } from "./github/api.ts";
import type { GitHubLink } from "./github/link.ts";
import { readLink } from "./github/link.ts";
import type { Repository } from "./github/repository.ts";
import { isOlder, openRepository, repoField, repoIdField, sha } from "./github/repository.ts";

const checkRun = z.object({
  id: z.int(),
  name: z.string(),
  head_sha: sha,
  status: z.string(),
  conclusion: z.string().nullable(),
  completed_at: z.string().nullable(),
  app: z.object({ id: z.int(), slug: z.string().optional() }).nullable(),
  check_suite: z.object({ id: z.int() }).nullish(),
});

const workflowRun = z.object({
  id: z.int(),
  path: z.string(),
  head_sha: sha,
  check_suite_id: z.int(),
  repository: z.object({ id: z.int() }),
});

type CheckRun = z.infer<typeof checkRun>;

/** The older interface: one state a context, set by whoever may write statuses, without an app. */
const combinedStatus = z.object({
  sha,
  total_count: z.int(),
  statuses: z.array(
    z.object({ id: z.int(), context: z.string(), state: z.string(), updated_at: z.string().nullable() }),
  ),
  repository: z.object({ id: z.int() }),
});

type CommitStatus = z.infer<typeof combinedStatus>["statuses"][number];

const fields = {
  repo: repoField,
  repoId: repoIdField,
  checks: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        /** The app that reports it, by number or slug: names are free for every app to use. */
        app: z.union([z.int().positive(), z.string().min(1)]).optional(),
      }),
    )
    .min(1),
  workflow: z
    .string()
    .regex(/^\.github\/workflows\/[^/@\s]+\.ya?ml$/, "a path such as .github/workflows/ci.yml")
    .optional(),
};

interface Wanted {
  readonly workflow?: string | undefined;
  readonly checks: readonly { readonly name: string; readonly app?: number | string | undefined }[];
}

/**
 * `github-checks`: named checks that succeeded on one commit; the link is the commit's, a pull request's or a run's page.
 *
 * Holds when every check the policy names has run on that full SHA, by the named `app` and in the named `workflow` where
 * given, every latest run of that name ended as `success` (skipped and neutral are not), and none ended before the
 * claim. All pages are read; a list read in part proves nothing. A name that no check run has may be the context of a
 * commit status instead, where the policy names neither app nor workflow: then its state is `success`, set not before the
 * claim.
 */
export function githubChecksVerifier(settings: GitHubSettings): Verifier {
  const github = connectGitHub(settings);
  return defineVerifier({
    kind: "github-checks",
    fields,
    beside: ["github-pr", "github-commit"],
    matches: (wanted, uri) => {
      const what = readLink(github, uri, wanted.repo)?.what;
      return what !== undefined && what !== "release";
    },
    async verify(wanted, proof, signal) {
      const link = readLink(github, proof.uri, wanted.repo);
      if (link === null || link.what === "release") {
        return failed(`The policy wants a commit's, pull request's or run's page of ${wanted.repo}.`);
      }
      const repo = await openRepository(github, wanted, signal);
      if (isVerdict(repo)) return repo;
      const head = await commitOf(github, repo, link, signal);
      if (typeof head !== "string") return head;
      const runs = await checkRuns(github, repo, head, signal);
      if (isVerdict(runs)) return runs;
      const suites =
        wanted.workflow === undefined ? null : await suitesOf(github, repo, head, wanted.workflow, signal);
      if (suites !== null && isVerdict(suites)) return suites;
      const counted = suites === null ? runs : runs.filter((run) => suites.has(run.check_suite?.id ?? 0));
      const statuses = await statusesFor(github, repo, head, wanted, counted, signal);
      if (isVerdict(statuses)) return statuses;
      const judged = judge(wanted, counted, statuses, proof.attempt.claimedAt);
      if (isVerdict(judged)) return judged;
      return passed(
        `${wanted.checks.map((check) => check.name).join(", ")} succeeded on ${head.slice(0, 12)}.`,
        `github-checks:${github.provider}:${repo.id}@${head}`,
        { repoId: repo.id, sha: head, ...judged },
      );
    },
  });
}

/** The full SHA a link stands for now; evidence is bound to it, not to the pull request or run. */
async function commitOf(
  github: GitHub,
  repo: Repository,
  link: Exclude<GitHubLink, { what: "release" }>,
  signal: AbortSignal,
): Promise<string | Verdict> {
  if (link.what === "commit") return link.sha;
  if (link.what === "pull") {
    const shape = z.object({ head: z.object({ sha }), base: z.object({ repo: z.object({ id: z.int() }) }) });
    const params = { ...repo.params, number: link.number };
    const ask = { signal, missing: { sentence: `There is no pull request ${link.number}.` } };
    const pull = await github.get("/repos/{owner}/{repo}/pulls/{number}", params, shape, ask);
    if (isVerdict(pull)) return pull;
    return pull.base.repo.id === repo.id
      ? pull.head.sha
      : failed("The pull request goes into another repository.");
  }
  const params = { ...repo.params, run: link.id };
  const ask = { signal, missing: { sentence: `There is no run ${link.id}.` } };
  const run = await github.get("/repos/{owner}/{repo}/actions/runs/{run}", params, workflowRun, ask);
  if (isVerdict(run)) return run;
  return run.repository.id === repo.id ? run.head_sha : failed("The run belongs to another repository.");
}

async function checkRuns(
  github: GitHub,
  repo: Repository,
  head: string,
  signal: AbortSignal,
): Promise<readonly CheckRun[] | Verdict> {
  const shape = z.object({ total_count: z.int(), check_runs: z.array(checkRun) });
  const missing = { sentence: `${head} is not in this repository.` };
  const runs = await allPages(
    github,
    "/repos/{owner}/{repo}/commits/{ref}/check-runs",
    { ...repo.params, ref: head, filter: "latest" },
    shape,
    (page) => ({ items: page.check_runs, total: page.total_count }),
    { signal, missing },
  );
  if (isVerdict(runs)) return runs;
  return runs.every((run) => run.head_sha === head)
    ? runs
    : inconclusive("GitHub mixed in another commit's checks.");
}

/** The suites of the runs of one workflow file on one commit. */
async function suitesOf(
  github: GitHub,
  repo: Repository,
  head: string,
  workflow: string,
  signal: AbortSignal,
): Promise<ReadonlySet<number> | Verdict> {
  const shape = z.object({ total_count: z.int(), workflow_runs: z.array(workflowRun) });
  const runs = await allPages(
    github,
    "/repos/{owner}/{repo}/actions/runs",
    { ...repo.params, head_sha: head },
    shape,
    (page) => ({ items: page.workflow_runs, total: page.total_count }),
    { signal, missing: "unseen" },
  );
  if (isVerdict(runs)) return runs;
  const ours = runs.filter(
    (run) =>
      run.head_sha === head && run.repository.id === repo.id && run.path.replace(/@.*$/, "") === workflow,
  );
  return new Set(ours.map((run) => run.check_suite_id));
}

/** Commit statuses, asked for only where a name without an app has no check run. */
async function statusesFor(
  github: GitHub,
  repo: Repository,
  head: string,
  wanted: Wanted,
  runs: readonly CheckRun[],
  signal: AbortSignal,
): Promise<readonly CommitStatus[] | Verdict> {
  const open = wanted.checks.find(
    ({ name, app }) => app === undefined && !runs.some((run) => run.name === name),
  );
  if (open === undefined || wanted.workflow !== undefined) return [];
  let mixed = false;
  const statuses = await allPages(
    github,
    "/repos/{owner}/{repo}/commits/{ref}/status",
    { ...repo.params, ref: head },
    combinedStatus,
    (page) => {
      mixed ||= page.sha !== head || page.repository.id !== repo.id;
      return { items: page.statuses, total: page.total_count };
    },
    // The commit was seen a moment ago: what is not there is the status.
    {
      signal,
      missing: { sentence: `Check ${JSON.stringify(shown(open.name, 80))} has not run on this commit.` },
    },
  );
  if (isVerdict(statuses)) return statuses;
  return mixed ? inconclusive("GitHub mixed in another commit's statuses.") : statuses;
}

interface Judged {
  readonly runs: readonly number[];
  /** Ids of commit statuses that stood in for check runs. */
  readonly statuses?: readonly number[];
}

function judge(
  wanted: Wanted,
  runs: readonly CheckRun[],
  statuses: readonly CommitStatus[],
  claimedAt: number,
): Judged | Verdict {
  const judged: { runs: number[]; statuses: number[] } = { runs: [], statuses: [] };
  for (const { name, app } of wanted.checks) {
    const about = `Check ${JSON.stringify(shown(name, 80))}${app === undefined ? "" : ` of app ${app}`}`;
    const named = runs.filter(
      (run) => run.name === name && (app === undefined || run.app?.id === app || run.app?.slug === app),
    );
    const contexts =
      named.length > 0 || app !== undefined ? [] : statuses.filter(({ context }) => context === name);
    if (named.length + contexts.length === 0) return failed(`${about} has not run on this commit.`);
    const wrong =
      named.map((run) => runFault(run, about, claimedAt)).find((fault) => fault !== null) ??
      contexts.map((status) => statusFault(status, about, claimedAt)).find((fault) => fault !== null);
    if (wrong != null) return wrong;
    judged.runs.push(...named.map(({ id }) => id));
    judged.statuses.push(...contexts.map(({ id }) => id));
  }
  return judged.statuses.length === 0 ? { runs: judged.runs } : judged;
}

function runFault(run: CheckRun, about: string, claimedAt: number): Verdict | null {
  if (run.status !== "completed") return inconclusive(`${about} is ${shown(run.status, 40)}.`, {}, 30_000);
  if (run.conclusion !== "success")
    return failed(`${about} ended as ${shown(run.conclusion ?? "nothing", 40)}.`);
  return isOlder(run.completed_at ?? "", claimedAt) ? failed(tooOld(about)) : null;
}

function statusFault(
  { state, updated_at: at }: CommitStatus,
  about: string,
  claimedAt: number,
): Verdict | null {
  if (state === "pending") return inconclusive(`${about} is pending.`, {}, 30_000);
  if (state !== "success") return failed(`${about} ended as ${shown(state, 40)}.`);
  return isOlder(at ?? "", claimedAt) ? failed(tooOld(about)) : null;
}

function tooOld(about: string): string {
  return `${about} ended before the task was claimed, so it shows nothing of this attempt.`;
}
