import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { GitHubSettings } from "../../adapters/proof/github/api.ts";
import { githubChecksVerifier } from "../../adapters/proof/github-checks.ts";
import { githubCommitVerifier } from "../../adapters/proof/github-commit.ts";
import { githubPrVerifier } from "../../adapters/proof/github-pr.ts";
import { githubReleaseVerifier } from "../../adapters/proof/github-release.ts";
import type { Json } from "../../src/core/json.ts";
import type { Verdict } from "../../src/core/proof.ts";
import type { FakeAsset, FakeCheck, FakePull, FakeRelease, FakeRepo, FakeStatus } from "./support/github.ts";
import { fakeGitHub, makeRepo, TOKEN } from "./support/github.ts";
import { closePeers } from "./support/peers.ts";
import { verify, wants } from "./support/proofs.ts";

/** Against a strict fake of our own; `github-emulate.test.ts` asks the same of an emulator others wrote. */
const sha = (letter: string) => letter.repeat(40);
const [ROOT, OLD, NEW, HEAD, FORK, WORK] = ["a", "b", "c", "d", "e", "f"].map(sha) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const CLAIMED = Date.parse("2026-06-01T12:00:00Z");
const AFTER = "2026-06-01T12:10:00Z";
const BEFORE = "2026-06-01T11:50:00Z";

let repo: FakeRepo;
let github: Awaited<ReturnType<typeof fakeGitHub>>;

beforeEach(async () => {
  repo = makeRepo();
  // main: ROOT ← OLD ← NEW ← HEAD. WORK is a branch beside it, FORK a fork's commit that the parent resolves.
  const history: [string, string[], string][] = [
    [ROOT, [], BEFORE],
    [OLD, [ROOT], BEFORE],
    [NEW, [OLD], AFTER],
    [HEAD, [NEW], AFTER],
    [WORK, [OLD], AFTER],
    [FORK, [HEAD], AFTER],
  ];
  for (const [id, parents, committedAt] of history) repo.commits.set(id, { parents, committedAt });
  repo.branches.set("main", HEAD);
  repo.branches.set("work", WORK);
  repo.pushes?.push(
    { ref: "refs/heads/main", before: sha("0"), timestamp: "2026-06-01T11:00:00Z" },
    { ref: "refs/heads/main", before: OLD, timestamp: AFTER },
    { ref: "refs/heads/main", before: NEW, timestamp: "2026-06-01T12:20:00Z" },
    { ref: "refs/heads/work", before: sha("0"), timestamp: AFTER },
  );
  github = await fakeGitHub(repo, makeRepo("acme/other", 4712));
});
afterEach(async () => {
  await closePeers();
  // What the client should never have sent is a failure of every test.
  expect(github.misuse).toEqual([]);
});

type Fields = { [field: string]: Json };

const settings = (more: Partial<GitHubSettings> = {}): GitHubSettings => ({
  githubUrl: github.url,
  githubToken: TOKEN,
  githubRetryMs: 0,
  githubTimeoutMs: 2_000,
  ...more,
});

const page = (rest: string) => `https://github.com/acme/clip/${rest}`;
const asked = () => github.peer.requests.length;

describe("github-pr", () => {
  const GOOD: FakePull = {
    number: 12,
    base: "main",
    merged: true,
    mergedAt: AFTER,
    mergeCommit: NEW,
    author: "ada",
    mergedBy: "grace",
  };

  function check(
    pull: Partial<FakePull> = {},
    fields: Fields = {},
    more: Partial<GitHubSettings> = {},
  ): Promise<Verdict> {
    repo.pulls.push({ ...GOOD, ...pull });
    const requirement = wants("github-pr", { repo: "acme/clip", base: "main", ...fields });
    return verify(githubPrVerifier(settings(more)), {
      requirement,
      uri: page("pull/12"),
      claimedAt: CLAIMED,
    });
  }

  test("passes when merged, contained and after the claim", async () => {
    const verdict = await check({}, { repoId: 4711, authors: ["ada"] });
    expect(verdict).toMatchObject({
      verdict: "passed",
      evidence: `github-pr:${new URL(github.url).host}:4711/12@${NEW}`,
      seen: { mergeCommit: NEW, mergedBy: "grace" },
    });
  });

  test.each<[string, Partial<FakePull>, Fields]>([
    ["open", { merged: false, mergedAt: null, mergeCommit: NEW }, {}],
    ["merged, it says, but without a time", { mergedAt: null }, {}],
    ["merged into another branch", { base: "work" }, {}],
    ["merged into a branch of almost that name", { base: "main2" }, {}],
    ["merged into another repository", { baseRepoId: 4712 }, {}],
    ["of a repository with another number", {}, { repoId: 4712 }],
    ["merged a second before the claim", { mergedAt: "2026-06-01T11:59:59Z" }, {}],
    ["merged as a commit the branch does not have", { mergeCommit: WORK }, {}],
    ["merged as a fork's commit", { mergeCommit: FORK }, {}],
    ["merged as a commit nobody has", { mergeCommit: sha("9") }, {}],
    ["by somebody else", {}, { authors: ["Ada", "ad", "adaa", "eve"] }],
    ["by an account that is gone", { author: null, mergedBy: null }, { authors: ["ada"] }],
  ])("fails when %s", async (_, pull, fields) => {
    expect(await check(pull, fields)).toMatchObject({ verdict: "failed" });
  });

  test("the second of the claim itself is not before it", async () => {
    expect(await check({ mergedAt: "2026-06-01T12:00:00Z" })).toMatchObject({ verdict: "passed" });
  });

  test("a merger counts as its maker; without names, the claimant's own account does", async () => {
    expect(await check({}, { authors: ["grace"] })).toMatchObject({ verdict: "passed" });
    const accounts = (login: string) => ({ githubAccounts: new Map([["ada", login]]) });
    expect(await check({}, {}, accounts("ada"))).toMatchObject({ verdict: "passed" });
    expect(await check({}, {}, accounts("eve"))).toMatchObject({ verdict: "failed" });
  });

  test("is inconclusive while GitHub does not say what it was merged as", async () => {
    expect(await check({ mergeCommit: null })).toMatchObject({ verdict: "inconclusive" });
  });

  test("fails when there is no such pull request or base", async () => {
    const requirement = wants("github-pr", { repo: "acme/clip", base: "main" });
    const ask = { requirement, uri: page("pull/13"), claimedAt: CLAIMED };
    expect(await verify(githubPrVerifier(settings()), ask)).toMatchObject({ verdict: "failed" });
    expect(await check({ base: "gone" }, { base: "gone" })).toMatchObject({ verdict: "failed" });
  });
});

describe("github-commit", () => {
  function check(id: string, fields: Fields = {}, claimedAt = CLAIMED): Promise<Verdict> {
    const requirement = wants("github-commit", { repo: "acme/clip", branch: "main", ...fields });
    return verify(githubCommitVerifier(settings()), { requirement, uri: page(`commit/${id}`), claimedAt });
  }

  test("passes when contained in the branch and pushed after the claim", async () => {
    for (const id of [NEW, HEAD]) {
      expect(await check(id)).toMatchObject({
        verdict: "passed",
        evidence: `github-commit:${new URL(github.url).host}:4711@${id}`,
        seen: { datedBy: "pushes" },
      });
    }
  });

  test.each([
    ["of another branch", WORK],
    ["of a fork, which the parent resolves", FORK],
    ["that nobody has", sha("9")],
    ["that was there before the claim", OLD],
    ["that was there from the beginning", ROOT],
  ])("fails for a commit %s", async (_, id) => {
    expect(await check(id)).toMatchObject({ verdict: "failed" });
  });

  test("a future date in git does not make an old commit new, nor an old one a new commit old", async () => {
    repo.commits.set(OLD, { parents: [ROOT], committedAt: "2030-01-01T00:00:00Z" });
    repo.commits.set(NEW, { parents: [OLD], committedAt: "2001-01-01T00:00:00Z" });
    expect(await check(OLD)).toMatchObject({ verdict: "failed" });
    expect(await check(NEW)).toMatchObject({ verdict: "passed" });
  });

  test("a branch made after the claim is new as a whole", async () => {
    expect(await check(WORK, { branch: "work" })).toMatchObject({ verdict: "passed" });
  });

  test("nothing pushed since the claim is nothing new", async () => {
    expect(await check(HEAD, {}, Date.parse("2026-06-02T00:00:00Z"))).toMatchObject({ verdict: "failed" });
  });

  test("where a GitHub keeps no record of pushes, the committer's date is asked, and it says so", async () => {
    const bare: FakeRepo = { ...repo, pushes: null };
    github = await fakeGitHub(bare);
    expect(await check(NEW)).toMatchObject({ verdict: "passed", seen: { datedBy: "committer" } });
    expect(await check(OLD)).toMatchObject({ verdict: "failed" });
  });

  test("a record that cannot be had just now is not the same as none", async () => {
    github.troubles.push({ path: /activity$/, status: 403 });
    expect(await check(NEW)).toMatchObject({ verdict: "inconclusive" });
  });

  test("more pushes than are read leave it open", async () => {
    for (let minute = 0; minute < 100; minute += 1) {
      const timestamp = new Date(CLAIMED + 3_600_000 + minute * 60_000).toISOString();
      repo.pushes?.push({ ref: "refs/heads/main", before: HEAD, timestamp });
    }
    expect(await check(NEW)).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("github-checks", () => {
  const GOOD: FakeCheck = { id: 1, name: "test", sha: NEW };

  function check(checks: readonly Partial<FakeCheck>[], fields: Fields = {}, uri = page(`commit/${NEW}`)) {
    repo.checks.push(...checks.map((one, index) => ({ ...GOOD, id: index + 1, ...one })));
    const requirement = wants("github-checks", { repo: "acme/clip", checks: [{ name: "test" }], ...fields });
    return verify(githubChecksVerifier(settings()), { requirement, uri, claimedAt: CLAIMED });
  }

  test("passes when every named check succeeded on that commit", async () => {
    const fields = {
      checks: [
        { name: "test", app: "github-actions" },
        { name: "lint", app: 15368 },
      ],
      repoId: 4711,
    };
    expect(await check([{}, { name: "lint" }], fields)).toMatchObject({
      verdict: "passed",
      evidence: `github-checks:${new URL(github.url).host}:4711@${NEW}`,
      seen: { runs: [1, 2] },
    });
  });

  test.each([
    "failure",
    "neutral",
    "skipped",
    "cancelled",
    "timed_out",
    "action_required",
    "stale",
    "startup_failure",
    null,
  ])("%s is not success", async (conclusion) => {
    expect(await check([{ conclusion }])).toMatchObject({ verdict: "failed" });
  });

  test.each<[string, Partial<FakeCheck>[], Fields]>([
    ["no checks at all", [], {}],
    ["another name", [{ name: "Test" }], {}],
    ["a name that only begins so", [{ name: "test (node 20)" }], {}],
    ["another commit's check", [{ sha: HEAD }], {}],
    ["one of two missing", [{}], { checks: [{ name: "test" }, { name: "lint" }] }],
    ["one of two runs of that name failed", [{}, { conclusion: "failure" }], {}],
    ["another app by number", [{}], { checks: [{ name: "test", app: 1 }] }],
    ["another app by slug", [{}], { checks: [{ name: "test", app: "github-action" }] }],
    [
      "an impostor beside another app",
      [{ app: { id: 9, slug: "evil" } }],
      { checks: [{ name: "test", app: 15368 }] },
    ],
    ["ended before the claim", [{ completedAt: BEFORE }], {}],
    ["ended, it does not say when", [{ completedAt: null }], {}],
    ["no run of that workflow", [{}], { workflow: ".github/workflows/ci.yml" }],
  ])("fails for %s", async (_, checks, fields) => {
    expect(await check(checks, fields)).toMatchObject({ verdict: "failed" });
  });

  test.each(["queued", "in_progress", "waiting", "pending", "requested"])(
    "%s is asked again",
    async (status) => {
      const verdict = await check([{ status, conclusion: null, completedAt: null }]);
      expect(verdict).toMatchObject({ verdict: "inconclusive", retryAfterMs: 30_000 });
    },
  );

  test("a failure on the last page is found", async () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ name: `shard ${index}` }));
    expect(await check([{}, ...many])).toMatchObject({ verdict: "passed" });
    expect(github.peer.requests.filter((path) => path.includes("check-runs"))).toHaveLength(3);
    repo.checks.push({ ...GOOD, id: 999, conclusion: "failure" });
    expect(await check([])).toMatchObject({ verdict: "failed" });
  });

  test("only the named workflow's suites count", async () => {
    repo.runs.push(
      { id: 5, path: ".github/workflows/ci.yml", sha: NEW, suite: 1 },
      { id: 6, path: ".github/workflows/evil.yml", sha: NEW, suite: 2 },
      { id: 7, path: ".github/workflows/ci.yml", sha: NEW, suite: 3, repositoryId: 4712 },
    );
    const workflow = ".github/workflows/ci.yml";
    expect(await check([{ suite: 2 }, { suite: 3 }], { workflow })).toMatchObject({ verdict: "failed" });
    expect(await check([{ suite: 1 }], { workflow })).toMatchObject({ verdict: "passed" });
  });

  test("a pull request stands for its head, a run for its commit", async () => {
    repo.pulls.push(
      { number: 12, base: "main", head: NEW },
      { number: 13, base: "main", head: NEW, baseRepoId: 1 },
    );
    repo.runs.push({ id: 5, path: ".github/workflows/ci.yml", sha: NEW, suite: 1 });
    expect(await check([{}], {}, page("pull/12"))).toMatchObject({ verdict: "passed", seen: { sha: NEW } });
    expect(await check([], {}, page("actions/runs/5"))).toMatchObject({
      verdict: "passed",
      seen: { sha: NEW },
    });
    expect(await check([], {}, page("pull/13"))).toMatchObject({ verdict: "failed" });
    expect(await check([], {}, page("pull/14"))).toMatchObject({ verdict: "failed" });
    expect(await check([], {}, page("actions/runs/6"))).toMatchObject({ verdict: "failed" });
  });
});

describe("github-checks by commit statuses", () => {
  const GOOD: FakeStatus = { id: 70, context: "ci/build", sha: NEW };

  function check(
    statuses: readonly Partial<FakeStatus>[],
    checks: Json = [{ name: "ci/build" }],
    fields: Fields = {},
  ) {
    repo.statuses.push(...statuses.map((one, index) => ({ ...GOOD, id: 70 + index, ...one })));
    const requirement = wants("github-checks", { repo: "acme/clip", checks, ...fields });
    const uri = page(`commit/${NEW}`);
    return verify(githubChecksVerifier(settings()), { requirement, uri, claimedAt: CLAIMED });
  }

  test("a status stands in for a check run of that name where the policy names no app", async () => {
    expect(await check([{}])).toMatchObject({ verdict: "passed", seen: { runs: [], statuses: [70] } });
  });

  test("check runs and statuses prove together, all pages of them read", async () => {
    repo.checks.push({ id: 1, name: "test", sha: NEW });
    const many = Array.from({ length: 130 }, (_, index) => ({ context: `ci/${index}` }));
    const checks = [{ name: "test" }, { name: "ci/129" }];
    expect(await check(many, checks)).toMatchObject({
      verdict: "passed",
      seen: { runs: [1], statuses: [199] },
    });
  });

  test.each<[string, Partial<FakeStatus>[], Json, Fields]>([
    ["no status", [], [{ name: "ci/build" }], {}],
    ["another case", [{ context: "CI/build" }], [{ name: "ci/build" }], {}],
    ["a prefix", [{ context: "ci/build/2" }], [{ name: "ci/build" }], {}],
    ["another commit's", [{ sha: HEAD }], [{ name: "ci/build" }], {}],
    ["a failure", [{ state: "failure" }], [{ name: "ci/build" }], {}],
    ["an error", [{ state: "error" }], [{ name: "ci/build" }], {}],
    ["a word nobody knows", [{ state: "SUCCESS" }], [{ name: "ci/build" }], {}],
    ["one from before the claim", [{ updatedAt: BEFORE }], [{ name: "ci/build" }], {}],
    ["one without a time", [{ updatedAt: null }], [{ name: "ci/build" }], {}],
    ["one where an app is named", [{}], [{ name: "ci/build", app: "github-actions" }], {}],
    ["one where a workflow is named", [{}], [{ name: "ci/build" }], { workflow: ".github/workflows/ci.yml" }],
    ["one of two", [{}], [{ name: "ci/build" }, { name: "ci/lint" }], {}],
  ])("%s proves nothing", async (_, statuses, checks, fields) => {
    expect(await check(statuses, checks, fields)).toMatchObject({ verdict: "failed" });
  });

  test("a failed check run is not outvoted by a status of its name", async () => {
    repo.checks.push({ id: 1, name: "ci/build", sha: NEW, conclusion: "failure" });
    expect(await check([{}])).toMatchObject({ verdict: "failed" });
  });

  test("pending, and what cannot be read, has no verdict", async () => {
    expect(await check([{ state: "pending" }])).toMatchObject({ verdict: "inconclusive" });
    github.troubles.push({ path: /\/status$/, status: 403 });
    expect(await check([])).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("github-release", () => {
  const DIGEST = "1".repeat(64);
  const ASSET: FakeAsset = { name: "clip.tgz", digest: `sha256:${DIGEST}` };

  function check(release: Partial<FakeRelease> = {}, fields: Fields = {}, tag = "v1.0.0") {
    repo.releases.push({ id: 77, tag: "v1.0.0", assets: [ASSET], ...release });
    const requirement = wants("github-release", { repo: "acme/clip", ...fields });
    const uri = page(`releases/tag/${tag}`);
    return verify(githubReleaseVerifier(settings()), { requirement, uri, claimedAt: CLAIMED });
  }

  beforeEach(() => {
    repo.refs.set("v1.0.0", { type: "commit", sha: NEW });
  });

  test("passes with its tag in the default branch and its asset's digest", async () => {
    const verdict = await check({}, { repoId: 4711, asset: { name: "clip.tgz", sha256: DIGEST } });
    expect(verdict).toMatchObject({
      verdict: "passed",
      evidence: `github-release:${new URL(github.url).host}:4711/77@${NEW}`,
    });
  });

  test("an annotated tag is peeled to its commit", async () => {
    repo.refs.set("v1.0.0", { type: "tag", sha: sha("1") });
    repo.tagObjects.set(sha("1"), { type: "tag", sha: sha("2") });
    repo.tagObjects.set(sha("2"), { type: "commit", sha: NEW });
    expect(await check()).toMatchObject({ verdict: "passed", seen: { commit: NEW } });
    repo.tagObjects.set(sha("2"), { type: "commit", sha: WORK });
    expect(await check()).toMatchObject({ verdict: "failed" });
    repo.tagObjects.set(sha("2"), { type: "tree", sha: NEW });
    expect(await check()).toMatchObject({ verdict: "failed" });
    repo.tagObjects.set(sha("2"), { type: "tag", sha: sha("1") });
    expect(await check()).toMatchObject({ verdict: "failed" });
  });

  test("a tag with a slash is one tag", async () => {
    repo.refs.set("cli/v2", { type: "commit", sha: NEW });
    repo.releases.push({ id: 78, tag: "cli/v2" });
    expect(await check({}, {}, "cli%2Fv2")).toMatchObject({ verdict: "passed" });
  });

  test.each<[string, Partial<FakeRelease>, Fields, string?]>([
    ["a draft", { draft: true }, {}],
    ["not published", { publishedAt: null }, {}],
    ["published before the claim", { publishedAt: BEFORE }, {}],
    ["another tag", {}, {}, "v1.0"],
    ["a tag in another case", {}, {}, "V1.0.0"],
    ["no such asset", {}, { asset: { name: "clip.tar" } }],
    ["an asset in another case", {}, { asset: { name: "Clip.tgz" } }],
    ["an empty asset", { assets: [{ ...ASSET, size: 0 }] }, { asset: { name: "clip.tgz" } }],
    ["another digest", {}, { asset: { name: "clip.tgz", sha256: "2".repeat(64) } }],
    ["a repository with another number", {}, { repoId: 1 }],
  ])("fails for %s", async (_, release, fields, tag) => {
    expect(await check(release, fields, tag)).toMatchObject({ verdict: "failed" });
  });

  test("fails for a tag that is gone or outside of the default branch", async () => {
    for (const target of [WORK, FORK, sha("9")]) {
      repo.refs.set("v1.0.0", { type: "commit", sha: target });
      expect(await check()).toMatchObject({ verdict: "failed" });
    }
    repo.refs.delete("v1.0.0");
    expect(await check()).toMatchObject({ verdict: "failed" });
  });

  test("is inconclusive while the asset is uploading or has no digest", async () => {
    const fields = { asset: { name: "clip.tgz", sha256: DIGEST } };
    expect(await check({ assets: [{ ...ASSET, state: "starter" }] }, fields)).toMatchObject({
      verdict: "inconclusive",
    });
    repo.releases.length = 0;
    expect(await check({ assets: [{ ...ASSET, digest: null }] }, fields)).toMatchObject({
      verdict: "inconclusive",
    });
  });
});

describe("every kind reads only the plain link to the policy's repository", () => {
  const kinds = [
    ["github-pr", githubPrVerifier, { base: "main" }, "pull/12"],
    ["github-commit", githubCommitVerifier, { branch: "main" }, `commit/${NEW}`],
    ["github-checks", githubChecksVerifier, { checks: [{ name: "test" }] }, `commit/${NEW}`],
    ["github-release", githubReleaseVerifier, {}, "releases/tag/v1.0.0"],
  ] as const;

  test.each(kinds)("%s", async (kind, make, fields, rest) => {
    const verifier = make(settings());
    const requirement = wants(kind, { repo: "acme/clip", ...fields });
    const good = page(rest);
    expect(verifier.matches(requirement, good)).toBe(true);
    expect(verifier.matches(requirement, `${github.url}/acme/clip/${rest}`)).toBe(true);
    const bad = [
      good.replace("https:", "http:"),
      good.replace("github.com", "github.com.evil.example.com"),
      good.replace("github.com", "gist.github.com"),
      good.replace("github.com", "GitHub.com"),
      good.replace("github.com", "user@github.com"),
      good.replace("github.com", "github.com:8443"),
      good.replace("acme/clip", "acme/clip2"),
      good.replace("acme/clip", "acme/Clip"),
      good.replace("acme/clip", "evil/clip"),
      good.replace("acme/clip", "acme/x/../clip"),
      good.replace("acme/clip", "acme%2fclip"),
      `${good}/`,
      `${good}/files`,
      `${good}?x=1`,
      `${good}#x`,
      ` ${good}`,
      good.slice(0, -1),
      `https://evil.example.com/?${good}`,
      good.replace(/c{40}/, "c".repeat(39)),
      good.replace(/c{40}/, "C".repeat(40)),
      good.replace("pull/12", "pull/012"),
      good.replace("pull/12", "pull/12e0"),
      good.replace("pull/12", "issues/12"),
      "",
    ].filter((uri) => uri !== good);
    for (const uri of bad) {
      const verdict = await verify(verifier, { requirement, uri, claimedAt: CLAIMED });
      expect([uri, verdict.verdict]).toEqual([uri, "failed"]);
    }
  });
});

describe("what GitHub does not show is inconclusive", () => {
  const ask = (more: Partial<GitHubSettings> = {}, signal?: AbortSignal) => {
    repo.pulls.push({
      number: 12,
      base: "main",
      merged: true,
      mergedAt: AFTER,
      mergeCommit: NEW,
      author: "ada",
    });
    const requirement = wants("github-pr", { repo: "acme/clip", base: "main" });
    return verify(
      githubPrVerifier(settings(more)),
      { requirement, uri: page("pull/12"), claimedAt: CLAIMED },
      signal,
    );
  };

  test("a repository that is not there, or not for this token", async () => {
    const requirement = wants("github-pr", { repo: "acme/secret", base: "main" });
    const uri = "https://github.com/acme/secret/pull/1";
    expect(await verify(githubPrVerifier(settings()), { requirement, uri })).toMatchObject({
      verdict: "inconclusive",
    });
  });

  test.each([401, 403, 429, 500, 502, 503])("%d at any step", async (status) => {
    for (const path of [/clip$/, /pulls/, /git\/ref/, /compare/]) {
      github.troubles.splice(0, 1, { path, status });
      expect(await ask()).toMatchObject({ verdict: "inconclusive", seen: { status } });
    }
  });

  test("a 5xx is tried once more, a refusal is not", async () => {
    github.troubles.push({ path: /pulls/, status: 502, times: 1 });
    expect(await ask()).toMatchObject({ verdict: "passed" });
    github.troubles.splice(0, 1, { path: /clip$/, status: 403 });
    const before = asked();
    expect(await ask()).toMatchObject({ verdict: "inconclusive" });
    expect(asked() - before).toBe(1);
  });

  test("a limit says when to come back", async () => {
    github.troubles.push({ path: /clip$/, status: 429, headers: { "retry-after": "17" } });
    expect(await ask()).toMatchObject({ verdict: "inconclusive", retryAfterMs: 17_000 });
    const reset = Math.ceil(Date.now() / 1000) + 120;
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) };
    github.troubles.splice(0, 1, { path: /clip$/, status: 403, headers });
    const { retryAfterMs } = await ask();
    expect(retryAfterMs).toBeGreaterThan(60_000);
    expect(retryAfterMs).toBeLessThanOrEqual(122_000);
  });

  test("a repository that now calls itself otherwise is not the policy's", async () => {
    for (const calledName of ["acme/Clip", "acme/clip-two", "evil/clip"]) {
      repo.calledName = calledName;
      expect(await ask()).toMatchObject({ verdict: "failed", reason: expect.stringContaining(calledName) });
    }
  });

  test("a repository that has moved", async () => {
    const headers = { location: `${github.url}/repositories/4711` };
    github.troubles.push({ path: /clip$/, status: 301, headers });
    expect(await ask()).toMatchObject({ verdict: "inconclusive", reason: expect.stringContaining("moved") });
  });

  test("an answer of another shape", async () => {
    repo.branches.set("main", "HEAD");
    expect(await ask()).toMatchObject({ verdict: "inconclusive" });
  });

  test("silence, and nobody there", async () => {
    github.troubles.push({ path: /clip$/, status: 200, hang: true });
    expect(await ask({ githubTimeoutMs: 100 })).toMatchObject({ verdict: "inconclusive" });
    expect(await ask({ githubUrl: "http://127.0.0.1:1" })).toMatchObject({ verdict: "inconclusive" });
  });

  test("a call off", async () => {
    github.troubles.push({ path: /clip$/, status: 200, hang: true });
    const control = new AbortController();
    const verdict = ask({ githubTimeoutMs: 60_000 }, control.signal);
    control.abort();
    expect(await verdict).toMatchObject({ verdict: "inconclusive" });
  });
});

test("fields that do not fit are named", () => {
  const names = (
    make: (s: GitHubSettings) => ReturnType<typeof githubPrVerifier>,
    kind: string,
    fields: Fields,
  ) =>
    make({})
      .check(wants(kind, fields))
      .map((fault) => fault.field)
      .toSorted();
  expect(
    names(githubPrVerifier, "github-pr", { repo: "clip", base: "refs/heads/main", authors: [], x: 1 }),
  ).toEqual(["authors", "base", "repo", "x"]);
  expect(names(githubCommitVerifier, "github-commit", { repo: "a/..", branch: "a..b" })).toEqual([
    "branch",
    "repo",
  ]);
  expect(names(githubCommitVerifier, "github-commit", { repo: "acme/clip" })).toEqual(["branch"]);
  const checks = [{ name: "", os: "x" }];
  expect(
    names(githubChecksVerifier, "github-checks", { repo: "acme/clip", checks, workflow: "ci.yml" }),
  ).toEqual(["checks.0.name", "checks.0.os", "workflow"]);
  expect(names(githubChecksVerifier, "github-checks", { repo: "acme/clip", checks: [] })).toEqual(["checks"]);
  const asset = { name: "x", sha256: "y", url: "z" };
  expect(names(githubReleaseVerifier, "github-release", { repo: "acme/clip", asset })).toEqual([
    "asset.sha256",
    "asset.url",
  ]);
});

test.each(["main", "release/1.2", "feature-x_y", "v1", "a.b"])("%s is a branch", (branch) => {
  expect(githubCommitVerifier({}).check(wants("github-commit", { repo: "acme/clip", branch }))).toEqual([]);
});

test.each([
  "",
  "/a",
  "a/",
  "a//b",
  "a..b",
  "a b",
  "a~1",
  "a^",
  "a:b",
  "a?",
  "a*",
  "a[",
  "a\\b",
  "@{u}",
  "x.lock",
  ".a",
  "a.",
])("%j is no branch", (branch) => {
  expect(githubCommitVerifier({}).check(wants("github-commit", { repo: "acme/clip", branch }))).toHaveLength(
    1,
  );
});
