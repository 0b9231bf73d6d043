import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, inconclusive, isVerdict, passed } from "./define.ts";
import type { GitHub, GitHubSettings } from "./github/api.ts";
import { connectGitHub } from "./github/api.ts";
import { readLink } from "./github/link.ts";
import type { Repository } from "./github/repository.ts";
import {
  branchField,
  branchHead,
  isOlder,
  notContained,
  openRepository,
  repoField,
  repoIdField,
} from "./github/repository.ts";

/**
 * `github-commit`: a commit in a branch, linked by its page with the full SHA.
 *
 * Holds when the commit is contained in the policy's `branch` of the policy's repository, and was not yet when the task
 * was claimed. That is read from GitHub's own record of pushes; git's dates are whatever the committer wrote. Only
 * where a GitHub keeps no such record is the committer's date asked, and it then says so.
 */
export function githubCommitVerifier(settings: GitHubSettings): Verifier {
  const github = connectGitHub(settings);
  return defineVerifier({
    kind: "github-commit",
    fields: { repo: repoField, repoId: repoIdField, branch: branchField },
    matches: (wanted, uri) => readLink(github, uri, wanted.repo)?.what === "commit",
    async verify(wanted, proof, signal) {
      const link = readLink(github, proof.uri, wanted.repo);
      if (link?.what !== "commit") {
        return failed(`The policy wants a commit's page of ${wanted.repo}, with its whole SHA.`);
      }
      const repo = await openRepository(github, wanted, signal);
      if (isVerdict(repo)) return repo;
      const head = await branchHead(github, repo, wanted.branch, signal);
      if (typeof head !== "string") return head;
      const commit = { sha: link.sha, head, branch: wanted.branch };
      const outside = await notContained(github, repo, commit, signal);
      if (outside !== null) return outside;
      const dated = await isNewSince(github, repo, commit, proof.attempt.claimedAt, signal);
      if (isVerdict(dated)) return dated;
      return passed(
        `${link.sha.slice(0, 12)} is in ${wanted.branch}.`,
        `github-commit:${github.provider}:${repo.id}@${link.sha}`,
        { repoId: repo.id, sha: link.sha, head, ...dated },
      );
    },
  });
}

interface Commit {
  readonly sha: string;
  readonly head: string;
  readonly branch: string;
}

type Dated = { readonly datedBy: "pushes" | "committer" };

const activity = z.array(z.object({ ref: z.string(), before: z.string(), timestamp: z.string() }));
const OLD = "The commit was in the branch before the task was claimed, so it shows nothing of this attempt.";
const MAX_PUSHES = 100;

/** The branch as it was at the claim is where the first push after it started from. */
async function isNewSince(
  github: GitHub,
  repo: Repository,
  commit: Commit,
  claimedAt: number,
  signal: AbortSignal,
): Promise<Dated | Verdict> {
  const none = { sentence: "no record of pushes" };
  const pushes = await github.get(
    "/repos/{owner}/{repo}/activity",
    { ...repo.params, ref: `refs/heads/${commit.branch}`, direction: "desc", per_page: MAX_PUSHES },
    activity,
    { signal, missing: none },
  );
  if (isVerdict(pushes)) {
    return pushes.verdict === "failed" ? byCommitter(github, repo, commit, claimedAt, signal) : pushes;
  }
  const since = pushes.filter(
    (push) => push.ref === `refs/heads/${commit.branch}` && !isOlder(push.timestamp, claimedAt),
  );
  if (since.length === 0) return failed(OLD, { sha: commit.sha });
  if (since.length === MAX_PUSHES)
    return inconclusive(`${commit.branch} was pushed to too often to tell what is new.`);
  const before = since.at(-1)?.before ?? "";
  // All zeros: the branch did not exist yet.
  if (/^0+$/.test(before)) return { datedBy: "pushes" };
  // Where GitHub has lost what the branch was, nobody knows what it held.
  const wasIn = await notContained(github, repo, { ...commit, head: before }, signal, "unseen");
  if (wasIn === null) return failed(OLD, { sha: commit.sha, branchWas: before });
  return wasIn.verdict === "failed" ? { datedBy: "pushes" } : wasIn;
}

async function byCommitter(
  github: GitHub,
  repo: Repository,
  commit: Commit,
  claimedAt: number,
  signal: AbortSignal,
): Promise<Dated | Verdict> {
  const shape = z.object({ sha: z.literal(commit.sha), committer: z.object({ date: z.string() }) });
  const params = { ...repo.params, sha: commit.sha };
  const missing = { sentence: `${commit.sha} is not in this repository.` };
  const found = await github.get("/repos/{owner}/{repo}/git/commits/{sha}", params, shape, {
    signal,
    missing,
  });
  if (isVerdict(found)) return found;
  return isOlder(found.committer.date, claimedAt)
    ? failed(OLD, { sha: commit.sha })
    : { datedBy: "committer" };
}
