import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { allVerifiers, type ProofSettings } from "../../../adapters/proof/all.ts";
import { guardedFetcher } from "../../../adapters/proof/fetch/fetch.ts";
import type { Json } from "../../../src/core/json.ts";
import type { Requirement, Verdict } from "../../../src/core/proof.ts";
import type { ChatMessage } from "../../../src/ports/chat-messages.ts";
import type { Approval } from "../../../src/ports/proof-work.ts";
import type { Verifier } from "../../../src/ports/verifier.ts";
import type { FakeRepo } from "./github.ts";
import { fakeGitHub, makeRepo, TOKEN } from "./github.ts";
import { names, serve } from "./peers.ts";
import { makeFolder, verify } from "./proofs.ts";
import { makeSigstore } from "./sigstore.ts";

/**
 * Everything a good proof of every kind stands on: files, a site, a GitHub, a Sigstore. A test changes one thing in it
 * and sees what that one thing does.
 */
export const CLAIMED = Date.parse("2026-06-01T12:00:00Z");
export const AFTER = "2026-06-01T12:10:00Z";
export const BEFORE = "2026-06-01T11:50:00Z";
export const [ROOT, NEW, HEAD, BESIDE] = ["a", "c", "d", "f"].map((letter) => letter.repeat(40)) as [
  string,
  string,
  string,
  string,
];

/** What the site answers at /health, and the status of whatever stands beside it; 0 hangs up. */
export interface Page {
  status: number;
  body: string;
  headers: Record<string, string>;
  sibling: number;
  /** What changes once it was asked. */
  next: Partial<Page> | null;
}

export interface GoodProof {
  requirement: Requirement;
  uri: string;
  claimedAt: number;
  agent?: string;
}

export const FILE = "the build is green\n";
export const JUNIT = `<testsuite name="queue"><testcase classname="queue" name="has one winner"/><testcase classname="queue" name="gives up"/></testsuite>`;
export const HEALTH = '{"status":"ok","version":"1.4.2"}';
export const ISSUER = "https://token.actions.githubusercontent.com";
export const IDENTITY = "https://github.com/acme/clip/.github/workflows/release.yml@refs/heads/main";
export const PREDICATE = "https://slsa.dev/provenance/v1";
export const DIGEST = "1".repeat(64);
export const CHAT = "https://acme.slack.com/archives/C042/p";

/** The message a permalink names; null where it is none of this platform's. */
const linked = (link: string) =>
  link.startsWith(CHAT) ? (/^\d+$/.exec(link.slice(CHAT.length))?.[0] ?? null) : null;
export const SAID = "I looked myself: the clip plays.";
const goodMessage = (): ChatMessage => ({
  id: "12",
  channel: "C042",
  author: "U7",
  bot: false,
  text: SAID,
  at: CLAIMED + 1,
  editedAt: null,
});
const goodApprovals = (): Approval[] =>
  ["grace", "alan"].map((name) => ({ requirement: "it", person: `person:slack:${name}`, at: CLAIMED + 2 }));

function goodRepo(): FakeRepo {
  const repo = makeRepo();
  const commit = (id: string, parents: string[], committedAt: string) =>
    repo.commits.set(id, { parents, committedAt });
  commit(ROOT, [], BEFORE);
  commit(NEW, [ROOT], AFTER);
  commit(HEAD, [NEW], AFTER);
  commit(BESIDE, [ROOT], AFTER);
  repo.branches.set("main", HEAD);
  repo.pushes?.push({ ref: "refs/heads/main", before: ROOT, timestamp: AFTER });
  repo.pulls.push({
    number: 12,
    base: "main",
    merged: true,
    mergedAt: AFTER,
    mergeCommit: NEW,
    author: "ada",
  });
  repo.checks.push({ id: 1, name: "test", sha: NEW, suite: 9 });
  repo.runs.push({ id: 5, path: ".github/workflows/ci.yml", sha: NEW, suite: 9 });
  repo.refs.set("v1.0.0", { type: "commit", sha: NEW });
  repo.releases.push({ id: 77, tag: "v1.0.0", assets: [{ name: "clip.tgz", digest: `sha256:${DIGEST}` }] });
  return repo;
}

export async function makeWorld() {
  const root = makeFolder();
  /** Writes a file below the root, dated `at`. */
  const put = (path: string, text: string | Uint8Array, at = AFTER) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    utimesSync(join(root, path), Date.parse(at) / 1000, Date.parse(at) / 1000);
  };
  put("out/report.txt", FILE);
  put("junit.xml", JUNIT);

  const page: Page = { status: 200, body: HEALTH, headers: {}, sibling: 404, next: null };
  const site = await serve((request, response) => {
    const hops = /^\/hop\/(\d+)$/.exec(request.url ?? "")?.[1];
    if (hops !== undefined && hops !== "0") {
      response.writeHead(302, { location: `/hop/${Number(hops) - 1}` }).end();
      return;
    }
    const known = request.url === "/health" || hops !== undefined;
    if (!known && page.sibling === 0) {
      response.destroy();
      return;
    }
    response.writeHead(
      hops === undefined ? (known ? page.status : page.sibling) : 200,
      known ? page.headers : {},
    );
    response.end(known || page.sibling === 200 ? page.body : "not found");
    if (known && page.next !== null) Object.assign(page, page.next);
  });
  // Another origin the operator listed, where the same page looks well.
  const elsewhere = await serve((request, response) => {
    response.writeHead(request.url === "/health" ? 200 : 404).end(page.body);
  });

  const repo = goodRepo();
  const github = await fakeGitHub(repo);

  const sigstore = await makeSigstore();
  const trust = { root: sigstore.root };
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "clip.tgz", digest: { sha256: DIGEST } }],
    predicateType: PREDICATE,
    predicate: {},
  };
  const signedAt = Math.floor(Date.now() / 1000) * 1000;
  put("bundle.json", JSON.stringify(await sigstore.attest(IDENTITY, ISSUER, statement)));

  const said = { message: goodMessage() as ChatMessage | null, approvals: goodApprovals() };
  const settingsWith = (makeFetcher: typeof guardedFetcher): ProofSettings => ({
    root,
    // No name of the real internet is ever asked for.
    fetcher: makeFetcher({
      origins: [site.origin, elsewhere.origin, github.url],
      totalMs: 60_000,
      lookup: names({}).lookup,
    }),
    sampleGapMs: 0,
    trustedRoot: () => Promise.resolve(trust.root),
    githubUrl: github.url,
    githubToken: TOKEN,
    githubAccounts: new Map([["grace", "grace-hopper"]]),
    githubRetryMs: 0,
    githubTimeoutMs: 60_000,
    chatMessages: {
      recognises: (platform, link) => platform === "slack" && linked(link) !== null,
      find: (_, link) =>
        Promise.resolve([said.message?.id, null].includes(linked(link)) ? said.message : null),
    },
    approvals: () => Promise.resolve(said.approvals),
  });
  const verifiers = new Map<string, Verifier>(
    allVerifiers(settingsWith(guardedFetcher)).map((verifier) => [verifier.kind, verifier]),
  );

  const good = (
    kind: string,
    uri: string,
    fields: { [field: string]: Json },
    claimedAt = CLAIMED,
  ): GoodProof => ({
    requirement: { name: "it", kind, ...fields },
    uri,
    claimedAt,
  });
  const gh = (rest: string) => `https://github.com/acme/clip/${rest}`;
  const proofs: readonly GoodProof[] = [
    good("file", "file:out/report.txt", {
      path: "out/report.txt",
      sha256: createHash("sha256").update(FILE).digest("hex"),
      minBytes: 19,
    }),
    good("command", "command:it", { argv: ["echo", "12 passed"], exit: 0, stdoutContains: "12 passed" }),
    good("url", `${site.origin}/health`, {
      origin: site.origin,
      path: "/health",
      contains: '"version":"1.4.2"',
      matches: '^\\{"status":"ok",',
      json: { pointer: "/status", equals: "ok" },
    }),
    good("test-report", "file:junit.xml", {
      format: "junit",
      minTests: 2,
      maxSkipped: 0,
      mustPass: ["has one winner", "gives up"],
    }),
    good(
      "attestation",
      "file:bundle.json",
      { issuer: ISSUER, identity: IDENTITY, predicateType: PREDICATE, subjectSha256: DIGEST },
      signedAt,
    ),
    good("github-pr", gh("pull/12"), { repo: "acme/clip", repoId: 4711, base: "main", authors: ["ada"] }),
    good("github-commit", gh(`commit/${NEW}`), { repo: "acme/clip", repoId: 4711, branch: "main" }),
    good("github-checks", gh(`commit/${NEW}`), {
      repo: "acme/clip",
      checks: [{ name: "test", app: "github-actions" }],
      workflow: ".github/workflows/ci.yml",
    }),
    good("github-release", gh("releases/tag/v1.0.0"), {
      repo: "acme/clip",
      asset: { name: "clip.tgz", sha256: DIGEST },
    }),
    good("chat-message", `${CHAT}12`, {
      platform: "slack",
      channel: "C042",
      author: "U7",
      contains: "the clip plays",
    }),
    good("human", "", { approvers: 2, role: "operator" }),
  ];

  const verifierOf = (proof: GoodProof): Verifier => {
    const verifier = verifiers.get(proof.requirement.kind);
    if (verifier === undefined) throw new Error(`no verifier of kind ${proof.requirement.kind}`);
    return verifier;
  };
  const proofOfKind = (kind: string): GoodProof => {
    const proof = proofs.find(({ requirement }) => requirement.kind === kind);
    if (proof === undefined) throw new Error(`no good proof of kind ${kind}`);
    return structuredClone(proof);
  };
  const judge = (proof: GoodProof, signal?: AbortSignal): Promise<Verdict> =>
    verify(verifierOf(proof), proof, signal);
  return {
    root,
    put,
    page,
    site,
    elsewhere,
    said,
    settingsWith,
    repo,
    github,
    sigstore,
    trust,
    statement,
    verifiers,
    proofs,
    proofOfKind,
    verifierOf,
    judge,
  };
}

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** What may be changed in a world, kept; call what it answers to put all of it back. */
export function keepWorld(world: World): () => void {
  const { page, repo, said, root } = world;
  const { troubles } = world.github;
  const kept = structuredClone({ page, repo, said, troubles });
  const trusted = { ...world.trust };
  const files = ["out/report.txt", "junit.xml", "bundle.json"].map((path) => ({
    path: join(root, path),
    bytes: readFileSync(join(root, path)),
    times: statSync(join(root, path)),
  }));
  return () => {
    Object.assign(page, kept.page);
    Object.assign(repo, { calledName: undefined }, kept.repo);
    Object.assign(said, kept.said);
    Object.assign(world.trust, trusted);
    troubles.splice(0, troubles.length, ...structuredClone(kept.troubles));
    for (const { path, bytes, times } of files) {
      writeFileSync(path, bytes);
      utimesSync(path, times.atime, times.mtime);
    }
  };
}
