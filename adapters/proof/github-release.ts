import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, inconclusive, isVerdict, passed, sha256Field } from "./define.ts";
import { shown } from "./fetch/answer.ts";
import type { GitHub, GitHubSettings } from "./github/api.ts";
import { connectGitHub } from "./github/api.ts";
import { readLink } from "./github/link.ts";
import type { Repository } from "./github/repository.ts";
import {
  branchHead,
  isOlder,
  notContained,
  openRepository,
  repoField,
  repoIdField,
  sha,
} from "./github/repository.ts";

const release = z.object({
  id: z.int(),
  tag_name: z.string(),
  draft: z.boolean(),
  published_at: z.string().nullable(),
  assets: z.array(
    z.object({ name: z.string(), state: z.string(), size: z.int(), digest: z.string().nullish() }),
  ),
});

const fields = {
  repo: repoField,
  repoId: repoIdField,
  asset: z.strictObject({ name: z.string().min(1), sha256: sha256Field.optional() }).optional(),
};

/**
 * `github-release`: a published release, linked by its page.
 *
 * Holds when it is a release of the policy's repository, no draft, published not before the claim; its tag, peeled to a
 * commit, is contained in the default branch; and the policy's `asset`, if given, is uploaded under that very
 * name with that very digest, as GitHub itself computed it.
 */
export function githubReleaseVerifier(settings: GitHubSettings): Verifier {
  const github = connectGitHub(settings);
  return defineVerifier({
    kind: "github-release",
    fields,
    matches: (wanted, uri) => readLink(github, uri, wanted.repo)?.what === "release",
    async verify(wanted, proof, signal) {
      const link = readLink(github, proof.uri, wanted.repo);
      if (link?.what !== "release") return failed(`The policy wants a release's page of ${wanted.repo}.`);
      const { tag } = link;
      const repo = await openRepository(github, wanted, signal);
      if (isVerdict(repo)) return repo;
      const ask = { signal, missing: { sentence: `${wanted.repo} has no release ${tag}.` } };
      const params = { ...repo.params, tag };
      const found = await github.get("/repos/{owner}/{repo}/releases/tags/{tag}", params, release, ask);
      if (isVerdict(found)) return found;
      const wrong = wrongRelease(found, tag, proof.attempt.claimedAt) ?? wrongAsset(found, wanted.asset);
      if (wrong !== null) return wrong;
      const commit = await peel(github, repo, tag, signal);
      if (typeof commit !== "string") return commit;
      const head = await branchHead(github, repo, repo.defaultBranch, signal);
      if (typeof head !== "string") return head;
      const outside = await notContained(
        github,
        repo,
        { sha: commit, head, branch: repo.defaultBranch },
        signal,
      );
      if (outside !== null) return outside;
      return passed(
        `${shown(tag, 80)} was released from ${commit.slice(0, 12)}.`,
        `github-release:${github.provider}:${repo.id}/${found.id}@${commit}`,
        { repoId: repo.id, release: found.id, commit, publishedAt: found.published_at },
      );
    },
  });
}

type Release = z.infer<typeof release>;

function wrongRelease(found: Release, tag: string, claimedAt: number): Verdict | null {
  if (found.tag_name !== tag) return inconclusive(`GitHub answered with release ${shown(found.tag_name)}.`);
  if (found.draft || found.published_at === null) return failed(`${shown(tag)} is a draft.`);
  if (!isOlder(found.published_at, claimedAt)) return null;
  return failed("It was published before the task was claimed, so it shows nothing of this attempt.", {
    publishedAt: found.published_at,
    claimedAt,
  });
}

function wrongAsset(
  found: Release,
  wanted: { readonly name: string; readonly sha256?: string | undefined } | undefined,
): Verdict | null {
  if (wanted === undefined) return null;
  const asset = found.assets.find(({ name }) => name === wanted.name);
  if (asset === undefined) return failed(`The release has no asset ${shown(wanted.name)}.`);
  if (asset.state !== "uploaded")
    return inconclusive(`${shown(wanted.name)} is not uploaded yet.`, {}, 30_000);
  if (asset.size === 0) return failed(`${shown(wanted.name)} is empty.`);
  if (wanted.sha256 === undefined || asset.digest === `sha256:${wanted.sha256}`) return null;
  if (typeof asset.digest !== "string")
    return inconclusive(`GitHub gives no digest of ${shown(wanted.name)}.`);
  return failed(
    `${shown(wanted.name)} is ${shown(asset.digest, 80)}; the policy wants sha256:${wanted.sha256}.`,
  );
}

const MAX_TAGS = 5;

/** The commit behind a tag: an annotated tag points at another object, which may be a tag again. */
async function peel(
  github: GitHub,
  repo: Repository,
  tag: string,
  signal: AbortSignal,
): Promise<string | Verdict> {
  const target = z.object({ type: z.string(), sha });
  const ask = { signal, missing: { sentence: `There is no tag ${tag}.` } };
  const ref = await github.get(
    "/repos/{owner}/{repo}/git/ref/tags/{tag}",
    { ...repo.params, tag },
    z.object({ ref: z.literal(`refs/tags/${tag}`), object: target }),
    ask,
  );
  if (isVerdict(ref)) return ref;
  let { object } = ref;
  for (let depth = 0; object.type === "tag"; depth += 1) {
    if (depth === MAX_TAGS) return failed(`${shown(tag)} is a tag of a tag of a tag.`);
    const params = { ...repo.params, sha: object.sha };
    const inner = await github.get(
      "/repos/{owner}/{repo}/git/tags/{sha}",
      params,
      z.object({ object: target }),
      ask,
    );
    if (isVerdict(inner)) return inner;
    object = inner.object;
  }
  return object.type === "commit"
    ? object.sha
    : failed(`${shown(tag)} points at a ${shown(object.type, 40)}.`);
}
