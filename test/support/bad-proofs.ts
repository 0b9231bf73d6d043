// Tasks of the cheap kinds, each with proofs that are almost right and one that is. What they lead to is real: files,
// programs, a site and a strict GitHub of our own on loopback.
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Requirement } from "../../src/core/proof.ts";
import { almost } from "../proof/support/almost.ts";
import { type FakePull, fakeGitHub, makeRepo } from "../proof/support/github.ts";
import { serve } from "../proof/support/peers.ts";

/** When every task here is claimed; what proves it is made ten minutes later, what cheats ten minutes before. */
export const CLAIMED = Date.parse("2026-06-01T12:00:00Z");
const AFTER = "2026-06-01T12:10:00Z";
const BEFORE = "2026-06-01T11:50:00Z";

/** One proof, and what has to be made for it first. */
export interface Step {
  /** What is wrong with it; for the message where it is believed. */
  readonly about: string;
  readonly uri: string;
  readonly make?: () => void;
}

export interface Plan {
  readonly requirement: Requirement;
  readonly bad: readonly Step[];
  readonly good: Step;
}

export const KINDS = [
  "file",
  "test-report",
  "url",
  "github-pr",
  "github-commit",
  "github-checks",
  "github-release",
  "command",
] as const;
export type Kind = (typeof KINDS)[number];

type Page = { readonly status: number; readonly body: string; readonly location?: string };
export type Peers = Awaited<ReturnType<typeof startPeers>>;

/** The site and the GitHub the plans point at. */
export async function startPeers() {
  const pages = new Map<string, Page>();
  const site = await serve((request, response) => {
    const page = pages.get(request.url ?? "") ?? { status: 410, body: "gone" };
    response.writeHead(page.status, page.location === undefined ? {} : { location: page.location });
    response.end(page.body);
  });
  const repo = makeRepo();
  const [root, merged, head, beside, old] = ["a", "c", "d", "f", "b"].map((letter) => letter.repeat(40)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  repo.commits.set(old, { parents: [], committedAt: BEFORE });
  repo.commits.set(root, { parents: [old], committedAt: BEFORE });
  repo.commits.set(merged, { parents: [root], committedAt: AFTER });
  repo.commits.set(head, { parents: [merged], committedAt: AFTER });
  repo.commits.set(beside, { parents: [root], committedAt: AFTER });
  repo.branches.set("main", head);
  repo.pushes?.push({ ref: "refs/heads/main", before: root, timestamp: AFTER });
  const good = {
    number: 12,
    base: "main",
    merged: true,
    mergedAt: AFTER,
    mergeCommit: merged,
    author: "ada",
  };
  const pull = (change: Partial<FakePull>): void => void repo.pulls.push({ ...good, ...change });
  pull({});
  pull({ number: 21, merged: false });
  pull({ number: 22, base: "stable" });
  pull({ number: 23, mergedAt: BEFORE });
  pull({ number: 24, mergeCommit: beside });
  pull({ number: 25, author: "grace" });
  pull({ number: 26, baseRepoId: 1 });
  repo.checks.push(
    { id: 1, name: "test", sha: merged },
    { id: 2, name: "test", sha: head, conclusion: "skipped" },
    { id: 3, name: "Test", sha: beside },
    { id: 4, name: "test", sha: root, completedAt: BEFORE },
  );
  repo.refs.set("v1.0.0", { type: "commit", sha: merged });
  repo.refs.set("v1.0.1", { type: "commit", sha: beside });
  const digest = `sha256:${"1".repeat(64)}`;
  const asset = { name: "clip.tgz", digest };
  repo.releases.push(
    { id: 77, tag: "v1.0.0", assets: [asset] },
    { id: 78, tag: "v1.0.1", assets: [asset] },
    { id: 79, tag: "v1.0.2", assets: [asset], draft: true },
    { id: 80, tag: "v1.0.3", assets: [{ ...asset, digest: `sha256:${"2".repeat(64)}` }] },
  );
  for (const tag of ["v1.0.2", "v1.0.3"]) repo.refs.set(tag, { type: "commit", sha: merged });
  const github = await fakeGitHub(repo);
  return { pages, site, github, shas: { root, merged, head, beside } };
}

/** Makes plans one after another; each stands on things of its own, so that one's cheating is never another's proof. */
export class Planner {
  readonly #root: string;
  readonly #peers: Peers;
  readonly #next: () => number;
  #count = 0;

  constructor(root: string, peers: Peers, next: () => number) {
    this.#root = root;
    this.#peers = peers;
    this.#next = next;
  }

  /** A task of this kind with so many bad proofs before the good one. */
  plan(kind: Kind, bad: number): Plan {
    this.#count += 1;
    const { requirement, good, cheats } = this.#kinds[kind](this.#count);
    const links = [...almost(good.uri, this.#next)].map(
      (uri): Step => ({ about: "a link that is almost right", uri }),
    );
    // Two in five are almost the right link; where a kind knows fewer other ways to cheat, more.
    const steps = Array.from({ length: bad }, () => this.#one(this.#next() < 0.4 ? links : cheats));
    return { requirement, bad: steps, good };
  }

  #one<T>(of: readonly T[]): T {
    return of[Math.floor(this.#next() * of.length)] as T;
  }

  #put(path: string, text: string, at = AFTER): void {
    const whole = join(this.#root, path);
    rmSync(whole, { recursive: true, force: true });
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    utimesSync(whole, Date.parse(at) / 1000, Date.parse(at) / 1000);
  }

  readonly #kinds: Readonly<
    Record<Kind, (n: number) => { requirement: Requirement; good: Step; cheats: readonly Step[] }>
  > = {
    file: (n) => {
      const path = `f${n}/report.txt`;
      const text = `build ${n} is green\n`;
      const uri = `file:${path}`;
      const put = (other: string) => () => this.#put(path, other);
      const pinned = this.#next() < 0.5;
      const cheats: Step[] = [...almost(text, this.#next)].map((other) => ({
        about: "a file that is almost the right one",
        uri,
        make: put(other),
      }));
      const gone = () => rmSync(join(this.#root, path), { recursive: true, force: true });
      const link = () => {
        this.#put(`f${n}/real.txt`, text);
        gone();
        symlinkSync("real.txt", join(this.#root, path));
      };
      const old = () => this.#put(path, text, BEFORE);
      const others: Step[] = [
        { about: "no file", uri, make: gone },
        { about: "a link to the file", uri, make: link },
        {
          about: "a folder",
          uri,
          make: () => {
            gone();
            mkdirSync(join(this.#root, path), { recursive: true });
          },
        },
      ];
      const size = Buffer.byteLength(text);
      return {
        requirement: pinned
          ? { name: "it", kind: "file", path, sha256: createHash("sha256").update(text).digest("hex") }
          : { name: "it", kind: "file", path, minBytes: size },
        good: { about: "good", uri, make: put(text) },
        cheats: pinned
          ? [...cheats, ...others]
          : [
              ...others,
              { about: "a file from before the claim", uri, make: old },
              { about: "a file that is too short", uri, make: put(text.slice(1)) },
            ],
      };
    },
    "test-report": (n) => {
      const path = `r${n}/junit.xml`;
      const uri = `file:${path}`;
      const report = (cases: string, head = "") =>
        `${head}<testsuite name="queue"><testcase classname="queue" name="has one winner"/>${cases}</testsuite>`;
      const good = report(`<testcase classname="queue" name="gives up after ${n}"/>`);
      const put = (text: string, at?: string) => () => this.#put(path, text, at);
      const named = (inner: string) =>
        report(`<testcase classname="queue" name="gives up after ${n}">${inner}</testcase>`);
      const wrong: readonly (readonly [string, string])[] = [
        ["a failure", named("<failure/>")],
        ["an error", named("<error/>")],
        ["a skipped test", named("<skipped/>")],
        ["a test too few", report("")],
        ["another test's name", good.replace(`after ${n}`, `after ${n}0`)],
        ["a document type", `<!DOCTYPE x>${good}`],
        ["half a report", good.slice(0, -5)],
        ["a suite that counts an error", good.replace("<testsuite", '<testsuite errors="1"')],
        ["nothing", ""],
      ];
      return {
        requirement: {
          name: "it",
          kind: "test-report",
          format: "junit",
          minTests: 2,
          maxSkipped: 0,
          mustPass: ["has one winner", `gives up after ${n}`],
        },
        good: { about: "good", uri, make: put(good) },
        cheats: [
          ...wrong.map(([about, text]): Step => ({ about, uri, make: put(text) })),
          { about: "a report from before the claim", uri, make: put(good, BEFORE) },
          { about: "no report", uri, make: () => rmSync(join(this.#root, path), { force: true }) },
        ],
      };
    },
    url: (n) => {
      const { pages, site } = this.#peers;
      const path = `/s${n}/health`;
      const body = `{"status":"ok","build":${n}}`;
      const uri = `${site.origin}${path}`;
      const page = (about: string, is: Page): Step => ({ about, uri, make: () => void pages.set(path, is) });
      const bodies = [...almost(body, this.#next)].filter((other) => other.trim() !== body);
      return {
        requirement: {
          name: "it",
          kind: "url",
          origin: site.origin,
          path,
          matches: `^\\s*\\{"status":"ok","build":${n}\\}\\s*$`,
          json: { pointer: "/status", equals: "ok" },
        },
        good: { ...page("good", { status: 200, body }) },
        cheats: [
          ...bodies.map((other) =>
            page("a page that says almost the right thing", { status: 200, body: other }),
          ),
          page("another status", { status: 204, body }),
          page("a page that is gone", { status: 410, body }),
          page("a redirect elsewhere", { status: 302, body, location: "https://example.com/health" }),
        ],
      };
    },
    "github-pr": () => {
      const uri = (number: number) => `https://github.com/acme/clip/pull/${number}`;
      return {
        requirement: {
          name: "it",
          kind: "github-pr",
          repo: "acme/clip",
          repoId: 4711,
          base: "main",
          authors: ["ada"],
          reuse: true,
        },
        good: { about: "good", uri: uri(12) },
        cheats: [
          { about: "not merged", uri: uri(21) },
          { about: "into another branch", uri: uri(22) },
          { about: "merged before the claim", uri: uri(23) },
          { about: "a merge commit beside the branch", uri: uri(24) },
          { about: "somebody else's", uri: uri(25) },
          { about: "into another repository", uri: uri(26) },
          { about: "no such pull request", uri: uri(99) },
        ],
      };
    },
    "github-commit": () => {
      const { shas } = this.#peers;
      const uri = (sha: string) => `https://github.com/acme/clip/commit/${sha}`;
      return {
        requirement: { name: "it", kind: "github-commit", repo: "acme/clip", branch: "main", reuse: true },
        good: { about: "good", uri: uri(shas.merged) },
        cheats: [
          { about: "beside the branch", uri: uri(shas.beside) },
          { about: "in the branch before the claim", uri: uri(shas.root) },
          { about: "half a SHA", uri: uri(shas.merged.slice(0, 20)) },
          { about: "the branch's name", uri: uri("main") },
        ],
      };
    },
    "github-checks": () => {
      const { shas } = this.#peers;
      const uri = (sha: string) => `https://github.com/acme/clip/commit/${sha}`;
      return {
        requirement: {
          name: "it",
          kind: "github-checks",
          repo: "acme/clip",
          checks: [{ name: "test", app: "github-actions" }],
          reuse: true,
        },
        good: { about: "good", uri: uri(shas.merged) },
        cheats: [
          { about: "a skipped check", uri: uri(shas.head) },
          { about: "a check of another name", uri: uri(shas.beside) },
          { about: "a check from before the claim", uri: uri(shas.root) },
        ],
      };
    },
    "github-release": () => {
      const uri = (tag: string) => `https://github.com/acme/clip/releases/tag/${tag}`;
      return {
        requirement: {
          name: "it",
          kind: "github-release",
          repo: "acme/clip",
          asset: { name: "clip.tgz", sha256: "1".repeat(64) },
          reuse: true,
        },
        good: { about: "good", uri: uri("v1.0.0") },
        cheats: [
          { about: "a tag beside the branch", uri: uri("v1.0.1") },
          { about: "a draft", uri: uri("v1.0.2") },
          { about: "another asset of that name", uri: uri("v1.0.3") },
          { about: "no such release", uri: uri("v9.9.9") },
        ],
      };
    },
    command: (n) => {
      const path = `c${n}.txt`;
      const put = (text: string | null) => () =>
        text === null ? rmSync(join(this.#root, path), { force: true }) : this.#put(path, text);
      return {
        requirement: { name: "it", kind: "command", argv: ["cat", path], stdoutContains: `${n} passed` },
        good: { about: "good", uri: "command:it", make: put(`${n} passed\n`) },
        cheats: [
          { about: "another output", uri: "command:it", make: put(`${n} failed\n`) },
          { about: "a command that fails", uri: "command:it", make: put(null) },
        ],
      };
    },
  };
}
