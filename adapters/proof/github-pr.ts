import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { ProofUnderTest, Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, inconclusive, isVerdict, passed } from "./define.ts";
import { shown } from "./fetch/answer.ts";
import type { GitHub, GitHubSettings } from "./github/api.ts";
import { connectGitHub } from "./github/api.ts";
import { readLink } from "./github/link.ts";
import {
  branchField,
  branchHead,
  isOlder,
  notContained,
  openRepository,
  repoField,
  repoIdField,
  sha,
} from "./github/repository.ts";

const account = z.object({ login: z.string() }).nullable();

const pullRequest = z.object({
  number: z.int(),
  merged: z.boolean(),
  merged_at: z.string().nullable(),
  merge_commit_sha: sha.nullable(),
  user: account,
  merged_by: account.optional(),
  base: z.object({ ref: z.string(), repo: z.object({ id: z.int() }) }),
});

interface Wanted {
  readonly repo: string;
  readonly repoId?: number | undefined;
  readonly base: string;
  readonly authors?: readonly string[] | undefined;
}

/**
 * `github-pr`: a merged pull request, linked by its page.
 *
 * Holds when it is a pull request of the policy's repository (by number too, where `repoId` is given) into the policy's
 * `base`, it is merged, not before the claim, its merge commit is contained in that branch now, and its author or
 * merger is one of `authors` or, without those, the claimant's own account where that is known.
 */
export function githubPrVerifier(settings: GitHubSettings): Verifier {
  const github = connectGitHub(settings);
  return defineVerifier({
    kind: "github-pr",
    fields: {
      repo: repoField,
      repoId: repoIdField,
      base: branchField,
      authors: z.array(z.string().min(1)).min(1).optional(),
    },
    matches: (wanted, uri) => readLink(github, uri, wanted.repo)?.what === "pull",
    async verify(wanted, proof, signal) {
      const link = readLink(github, proof.uri, wanted.repo);
      if (link?.what !== "pull") return failed(`The policy wants a pull request's page of ${wanted.repo}.`);
      const repo = await openRepository(github, wanted, signal);
      if (isVerdict(repo)) return repo;
      const params = { ...repo.params, number: link.number };
      const missing = { sentence: `${wanted.repo} has no pull request ${link.number}.` };
      const ask = { signal, missing };
      const pull = await github.get("/repos/{owner}/{repo}/pulls/{number}", params, pullRequest, ask);
      if (isVerdict(pull)) return pull;
      const wrong = wrongPull(wanted, pull, link.number, repo.id) ?? wrongTime(pull, proof);
      if (wrong !== null) return wrong;
      const people = wrongPeople(wanted, pull, proof, settings);
      if (people !== null) return people;
      // Before a merge this field holds a test merge; after it, what the branch received.
      const commit = pull.merge_commit_sha;
      if (commit === null) return inconclusive("GitHub does not say which commit it was merged as.");
      return reached(github, repo, { wanted, pull, commit }, signal);
    },
  });
}

type PullRequest = z.infer<typeof pullRequest>;

function wrongPull(wanted: Wanted, pull: PullRequest, number: number, repoId: number): Verdict | null {
  const about = `Pull request ${number}`;
  if (pull.number !== number) return inconclusive(`GitHub answered with pull request ${pull.number}.`);
  if (pull.base.repo.id !== repoId)
    return failed(`${about} goes into another repository, number ${pull.base.repo.id}.`);
  if (pull.base.ref !== wanted.base) {
    return failed(`${about} goes into ${shown(pull.base.ref)}; the policy wants ${wanted.base}.`);
  }
  return pull.merged && pull.merged_at !== null ? null : failed(`${about} is not merged.`);
}

function wrongTime(pull: PullRequest, proof: ProofUnderTest): Verdict | null {
  const { claimedAt } = proof.attempt;
  if (!isOlder(pull.merged_at ?? "", claimedAt)) return null;
  return failed("It was merged before the task was claimed, so it shows nothing of this attempt.", {
    mergedAt: pull.merged_at,
    claimedAt,
  });
}

function wrongPeople(
  wanted: Wanted,
  pull: PullRequest,
  proof: ProofUnderTest,
  settings: GitHubSettings,
): Verdict | null {
  const own = settings.githubAccounts?.get(proof.attempt.agent);
  const allowed = wanted.authors ?? (own === undefined ? null : [own]);
  if (allowed === null) return null;
  const made = [pull.user?.login, pull.merged_by?.login].filter((login) => login !== undefined);
  if (made.some((login) => allowed.includes(login))) return null;
  return failed(
    `It is by ${made.map((login) => shown(login, 40)).join(" and ")}; the policy wants ${allowed.join(" or ")}.`,
  );
}

interface Merged {
  readonly wanted: Wanted;
  readonly pull: PullRequest;
  readonly commit: string;
}

async function reached(
  github: GitHub,
  repo: Exclude<Awaited<ReturnType<typeof openRepository>>, Verdict>,
  { wanted, pull, commit }: Merged,
  signal: AbortSignal,
): Promise<Verdict> {
  const head = await branchHead(github, repo, wanted.base, signal);
  if (typeof head !== "string") return head;
  const outside = await notContained(github, repo, { sha: commit, head, branch: wanted.base }, signal);
  if (outside !== null) return outside;
  return passed(
    `Pull request ${pull.number} was merged into ${wanted.base} as ${commit.slice(0, 12)}.`,
    `github-pr:${github.provider}:${repo.id}/${pull.number}@${commit}`,
    {
      repoId: repo.id,
      number: pull.number,
      mergedAt: pull.merged_at,
      mergeCommit: commit,
      author: pull.user?.login ?? null,
      mergedBy: pull.merged_by?.login ?? null,
    },
  );
}
