import { z } from "zod";
import type { Verdict } from "../../../src/core/proof.ts";
import { failed, inconclusive, isVerdict } from "../define.ts";
import type { GitHub, Missing, Params } from "./api.ts";

export const repoField = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/,
    "a repository as owner/name",
  );

/** Its number, which no other repository ever has: a deleted name can be taken by somebody else. */
export const repoIdField = z.int().positive().optional();

/** A branch as git allows it; never a ref, a SHA expression or a pattern. */
export const branchField = z
  .string()
  .min(1)
  .max(255)
  .regex(
    /^(?!refs\/)(?![./])(?!.*(?:\.\.|\/\/|@\{|\/\.|\.lock(?:\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![./])$/u,
    "a branch",
  );

export const sha = z.string().regex(/^[0-9a-f]{40}$/);

export interface Repository {
  readonly id: number;
  readonly params: Params;
  readonly defaultBranch: string;
}

/** GitHub writes times in whole seconds: one in the second of the claim is not older than it. */
const GITHUB_TICK_MS = 1_000;

export function isOlder(at: string, claimedAt: number): boolean {
  const ms = Date.parse(at);
  return !(ms + GITHUB_TICK_MS > claimedAt);
}

const repository = z.object({ id: z.int(), full_name: z.string(), default_branch: z.string() });

/** The policy's repository, by the very name and, where the policy gives one, number. */
export async function openRepository(
  github: GitHub,
  wanted: { readonly repo: string; readonly repoId?: number | undefined },
  signal: AbortSignal,
): Promise<Repository | Verdict> {
  const [owner = "", repo = ""] = wanted.repo.split("/");
  const found = await github.get("/repos/{owner}/{repo}", { owner, repo }, repository, {
    signal,
    missing: "unseen",
  });
  if (isVerdict(found)) return found;
  if (found.full_name !== wanted.repo) {
    return failed(`The repository is called ${found.full_name}; the policy names ${wanted.repo}.`);
  }
  if (wanted.repoId !== undefined && found.id !== wanted.repoId) {
    return failed(`${wanted.repo} is now repository ${found.id}; the policy names ${wanted.repoId}.`);
  }
  return { id: found.id, params: { owner, repo }, defaultBranch: found.default_branch };
}

const gitRef = z.object({ ref: z.string(), object: z.object({ type: z.string(), sha }) });

/** The commit a branch points at now. By the full ref, so that a tag of the same name is never meant. */
export async function branchHead(
  github: GitHub,
  repo: Repository,
  branch: string,
  signal: AbortSignal,
): Promise<string | Verdict> {
  const params = { ...repo.params, branch };
  const missing = { sentence: `There is no branch ${branch}.` };
  const found = await github.get("/repos/{owner}/{repo}/git/ref/heads/{branch}", params, gitRef, {
    signal,
    missing,
  });
  if (isVerdict(found)) return found;
  if (found.ref !== `refs/heads/${branch}` || found.object.type !== "commit") {
    return inconclusive(`GitHub answered with ${found.ref} for branch ${branch}.`);
  }
  return found.object.sha;
}

/**
 * Null where `commit` is an ancestor of `head` or `head` itself, in this repository. Asking for the commit alone
 * would not do: a fork's commits resolve through the parent, so anybody can make one appear.
 */
export async function notContained(
  github: GitHub,
  repo: Repository,
  commit: { readonly sha: string; readonly head: string; readonly branch: string },
  signal: AbortSignal,
  missing: Missing = { sentence: `${commit.sha} is not in this repository.` },
): Promise<Verdict | null> {
  if (commit.sha === commit.head) return null;
  const params = { ...repo.params, basehead: `${commit.head}...${commit.sha}` };
  const shape = z.object({ status: z.string() });
  const found = await github.get("/repos/{owner}/{repo}/compare/{basehead}", params, shape, {
    signal,
    missing,
  });
  if (isVerdict(found)) return found;
  if (found.status === "behind" || found.status === "identical") return null;
  return failed(`${commit.sha} is not contained in ${commit.branch}: it is ${found.status}.`, {
    sha: commit.sha,
  });
}
