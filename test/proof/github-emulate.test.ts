import type { Emulator } from "emulate";
import { createEmulator } from "emulate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GitHubSettings } from "../../adapters/proof/github/api.ts";
import { githubChecksVerifier } from "../../adapters/proof/github-checks.ts";
import { githubCommitVerifier } from "../../adapters/proof/github-commit.ts";
import { githubPrVerifier } from "../../adapters/proof/github-pr.ts";
import { githubReleaseVerifier } from "../../adapters/proof/github-release.ts";
import { verify, wants } from "./support/proofs.ts";

/**
 * The same kinds against an emulator of GitHub that others wrote, driven by real writes: a branch, a pull request, its
 * checks, the merge, an annotated tag, a release. It shows that we read GitHub's shapes, not our own idea of
 * them. What it does not have is in `github.test.ts`: the record of pushes, apps on check runs, asset digests, forks,
 * paging in earnest, rate limits, and any refusal of a wrong token or header.
 */
const TOKEN = "tok";
let emulator: Emulator;
let settings: GitHubSettings;

async function call(method: string, path: string, body: object): Promise<any> {
  const response = await fetch(`${emulator.url}/repos/acme/clip${path}`, {
    method,
    headers: { authorization: `token ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect([path, response.status < 300]).toEqual([path, true]);
  return response.json();
}

const read = async (path: string): Promise<any> => {
  const headers = { authorization: `token ${TOKEN}` };
  return (await fetch(`${emulator.url}/repos/acme/clip${path}`, { headers })).json();
};

const claimedAt = Date.now();
let base: string;
let work: string;
let open: number;
let squashed: number;
let merged: number;

async function branch(name: string, path: string): Promise<string> {
  const head: string = (await read("/git/ref/heads/main")).object.sha;
  const { tree } = await read(`/git/commits/${head}`);
  const file = { path, mode: "100644", type: "blob", content: path };
  const next = await call("POST", "/git/trees", { base_tree: tree.sha, tree: [file] });
  const { sha } = await call("POST", "/git/commits", { message: path, tree: next.sha, parents: [head] });
  await call("POST", "/git/refs", { ref: `refs/heads/${name}`, sha });
  return sha as string;
}

const pull = async (head: string): Promise<number> =>
  (await call("POST", "/pulls", { title: head, head, base: "main" })).number;

beforeAll(async () => {
  emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: "acme", scopes: ["repo"] } },
      github: {
        users: [{ login: "acme" }],
        repos: [{ owner: "acme", name: "clip", auto_init: true, default_branch: "main" }],
      },
    },
  });
  settings = { githubUrl: emulator.url, githubToken: TOKEN };
  base = (await read("/git/ref/heads/main")).object.sha;
  await branch("one", "one.txt");
  squashed = await pull("one");
  await call("PUT", `/pulls/${squashed}/merge`, { merge_method: "squash" });
  await branch("two", "two.txt");
  merged = await pull("two");
  await call("PUT", `/pulls/${merged}/merge`, { merge_method: "merge" });
  work = await branch("three", "three.txt");
  open = await pull("three");
});
afterAll(() => emulator.close());

const page = (rest: string) => `${emulator.url}/acme/clip/${rest}`;
const ask = (verifier: ReturnType<typeof githubPrVerifier>, fields: object, rest: string, at = claimedAt) =>
  verify(verifier, {
    requirement: wants(verifier.kind, { repo: "acme/clip", ...fields }),
    uri: page(rest),
    claimedAt: at,
  });

describe("github-pr", () => {
  test("squashed and merged pass, open fails, later claims fail", async () => {
    const verifier = githubPrVerifier(settings);
    for (const number of [squashed, merged]) {
      const verdict = await ask(verifier, { base: "main", authors: ["acme"] }, `pull/${number}`);
      expect(verdict).toMatchObject({ verdict: "passed", evidence: expect.stringMatching(/@[0-9a-f]{40}$/) });
      const late = await ask(verifier, { base: "main" }, `pull/${number}`, Date.now() + 60_000);
      expect(late).toMatchObject({ verdict: "failed" });
    }
    expect(await ask(verifier, { base: "main" }, `pull/${open}`)).toMatchObject({ verdict: "failed" });
    expect(await ask(verifier, { base: "one" }, `pull/${squashed}`)).toMatchObject({ verdict: "failed" });
    expect(await ask(verifier, { base: "main", authors: ["eve"] }, `pull/${squashed}`)).toMatchObject({
      verdict: "failed",
    });
    expect(await ask(verifier, { base: "main" }, "pull/99")).toMatchObject({ verdict: "failed" });
  });
});

describe("github-commit", () => {
  test("a commit in the branch passes, one beside it fails", async () => {
    const verifier = githubCommitVerifier(settings);
    const head: string = (await read("/git/ref/heads/main")).object.sha;
    expect(await ask(verifier, { branch: "main" }, `commit/${head}`)).toMatchObject({
      verdict: "passed",
      seen: { datedBy: "committer" },
    });
    expect(await ask(verifier, { branch: "main" }, `commit/${work}`)).toMatchObject({ verdict: "failed" });
    expect(await ask(verifier, { branch: "three" }, `commit/${work}`)).toMatchObject({ verdict: "passed" });
    expect(await ask(verifier, { branch: "main" }, `commit/${base}`, Date.now() + 60_000)).toMatchObject({
      verdict: "failed",
    });
  });
});

describe("github-checks", () => {
  test("fail while missing, are asked again while running, pass when successful, fail when not", async () => {
    const verifier = githubChecksVerifier(settings);
    const fields = { checks: [{ name: "test" }] };
    expect(await ask(verifier, fields, `pull/${open}`)).toMatchObject({ verdict: "failed" });
    const { id } = await call("POST", "/check-runs", { name: "test", head_sha: work, status: "in_progress" });
    expect(await ask(verifier, fields, `pull/${open}`)).toMatchObject({ verdict: "inconclusive" });
    await call("PATCH", `/check-runs/${id}`, { status: "completed", conclusion: "success" });
    expect(await ask(verifier, fields, `pull/${open}`)).toMatchObject({
      verdict: "passed",
      seen: { sha: work },
    });
    expect(await ask(verifier, fields, `commit/${work}`)).toMatchObject({ verdict: "passed" });
    expect(await ask(verifier, { checks: [{ name: "test", app: "x" }] }, `commit/${work}`)).toMatchObject({
      verdict: "failed",
    });
    for (const conclusion of ["neutral", "skipped", "failure"]) {
      await call("PATCH", `/check-runs/${id}`, { status: "completed", conclusion });
      expect(await ask(verifier, fields, `commit/${work}`)).toMatchObject({ verdict: "failed" });
    }
  });
});

describe("github-release", () => {
  test("passes by its annotated tag on main, fails as a draft or beside main", async () => {
    const verifier = githubReleaseVerifier(settings);
    const head: string = (await read("/git/ref/heads/main")).object.sha;
    const tag = await call("POST", "/git/tags", { tag: "v1", message: "one", object: head, type: "commit" });
    await call("POST", "/git/refs", { ref: "refs/tags/v1", sha: tag.sha });
    await call("POST", "/releases", { tag_name: "v1", name: "one" });
    const verdict = await ask(verifier, {}, "releases/tag/v1");
    expect(verdict).toMatchObject({ verdict: "passed", seen: { commit: head } });
    expect(await ask(verifier, { asset: { name: "clip.tgz" } }, "releases/tag/v1")).toMatchObject({
      verdict: "failed",
    });
    await call("POST", "/git/refs", { ref: "refs/tags/v2", sha: work });
    await call("POST", "/releases", { tag_name: "v2", name: "two" });
    expect(await ask(verifier, {}, "releases/tag/v2")).toMatchObject({ verdict: "failed" });
    expect(await ask(verifier, {}, "releases/tag/v3")).toMatchObject({ verdict: "failed" });
  });
});

test("a repository nobody has is inconclusive: it may only be hidden", async () => {
  const requirement = wants("github-pr", { repo: "acme/none", base: "main" });
  const verdict = await verify(githubPrVerifier(settings), {
    requirement,
    uri: `${emulator.url}/acme/none/pull/1`,
  });
  expect(verdict).toMatchObject({ verdict: "inconclusive" });
});
