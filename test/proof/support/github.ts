import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "./peers.ts";

/**
 * A strict GitHub of our own, for what emulate does not do: histories that part, a fork's commits that resolve through
 * the parent, the record of pushes, annotated tags, asset digests, workflow runs, paging, rate limits and troubles.
 * It refuses what GitHub would refuse and what our client should never send: another method, an unknown path or
 * query, a missing header. Answers carry the fields GitHub documents for them that are read, and no more.
 */
export interface FakeCommit {
  readonly parents: readonly string[];
  readonly committedAt: string;
}

export interface FakeCheck {
  readonly id: number;
  readonly name: string;
  readonly sha: string;
  readonly status?: string;
  readonly conclusion?: string | null;
  readonly completedAt?: string | null;
  readonly app?: { readonly id: number; readonly slug: string };
  readonly suite?: number;
}

export interface FakeStatus {
  readonly id: number;
  readonly context: string;
  readonly sha: string;
  readonly state?: string;
  readonly updatedAt?: string | null;
}

export interface FakeRun {
  readonly id: number;
  readonly path: string;
  readonly sha: string;
  readonly suite: number;
  readonly repositoryId?: number;
}

export interface FakePull {
  readonly number: number;
  readonly base: string;
  readonly baseRepoId?: number;
  readonly head?: string;
  readonly merged?: boolean;
  readonly mergedAt?: string | null;
  readonly mergeCommit?: string | null;
  readonly author?: string | null;
  readonly mergedBy?: string | null;
}

export interface FakeAsset {
  readonly name: string;
  readonly state?: string;
  readonly size?: number;
  readonly digest?: string | null;
}

export interface FakeRelease {
  readonly id: number;
  readonly tag: string;
  readonly draft?: boolean;
  readonly publishedAt?: string | null;
  readonly assets?: readonly FakeAsset[];
}

export interface FakeRepo {
  readonly id: number;
  readonly name: string;
  /** What it calls itself, where that is not what it was asked for. */
  calledName?: string;
  readonly defaultBranch: string;
  readonly commits: Map<string, FakeCommit>;
  /** Commits only a fork has: known by SHA, in no branch. */
  readonly branches: Map<string, string>;
  readonly refs: Map<string, { readonly type: string; readonly sha: string }>;
  readonly tagObjects: Map<string, { readonly type: string; readonly sha: string }>;
  readonly pushes: { readonly ref: string; readonly before: string; readonly timestamp: string }[] | null;
  readonly pulls: FakePull[];
  readonly checks: FakeCheck[];
  readonly statuses: FakeStatus[];
  readonly runs: FakeRun[];
  readonly releases: FakeRelease[];
}

export interface Trouble {
  readonly path: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** How often; for ever without it. */
  times?: number;
  readonly hang?: boolean;
  /** Sent as it is, instead of JSON. */
  readonly body?: string;
}

export function makeRepo(name = "acme/clip", id = 4711): FakeRepo {
  return {
    id,
    name,
    defaultBranch: "main",
    commits: new Map(),
    branches: new Map(),
    refs: new Map(),
    tagObjects: new Map(),
    pushes: [],
    pulls: [],
    checks: [],
    statuses: [],
    runs: [],
    releases: [],
  };
}

function ancestors(repo: FakeRepo, sha: string): Set<string> {
  const seen = new Set<string>();
  const open = [sha];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(repo.commits.get(next)?.parents ?? []));
  }
  return seen;
}

/** As GitHub compares: where `head` stands, seen from `base`. */
function compare(repo: FakeRepo, base: string, head: string): string | null {
  if (!repo.commits.has(base) || !repo.commits.has(head)) return null;
  if (base === head) return "identical";
  if (ancestors(repo, base).has(head)) return "behind";
  return ancestors(repo, head).has(base) ? "ahead" : "diverged";
}

type Answer = { readonly status: number; readonly body: unknown } | null;
const found = (body: unknown): Answer => ({ status: 200, body });
const user = (login: string | null | undefined) => (login == null ? null : { login });

function page<T>(items: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Number(query.get("per_page") ?? 30);
  const number = Number(query.get("page") ?? 1);
  return items.slice((number - 1) * size, number * size);
}

const ROUTES: readonly {
  readonly path: RegExp;
  readonly query: readonly string[];
  readonly answer: (repo: FakeRepo, parts: readonly string[], query: URLSearchParams) => Answer;
}[] = [
  {
    path: /^$/,
    query: [],
    answer: (repo) =>
      found({
        id: repo.id,
        full_name: repo.calledName ?? repo.name,
        default_branch: repo.defaultBranch,
        private: false,
        fork: false,
      }),
  },
  {
    path: /^\/git\/ref\/(heads|tags)\/(.+)$/,
    query: [],
    answer: (repo, [kind, name = ""]) => {
      const branch = repo.branches.get(name);
      const object =
        kind === "heads"
          ? branch === undefined
            ? undefined
            : { type: "commit", sha: branch }
          : repo.refs.get(name);
      return object === undefined ? null : found({ ref: `refs/${kind}/${name}`, object });
    },
  },
  {
    path: /^\/git\/tags\/([0-9a-f]{40})$/,
    query: [],
    answer: (repo, [sha = ""]) => {
      const object = repo.tagObjects.get(sha);
      return object === undefined ? null : found({ sha, object });
    },
  },
  {
    path: /^\/git\/commits\/([0-9a-f]{40})$/,
    query: [],
    answer: (repo, [sha = ""]) => {
      const commit = repo.commits.get(sha);
      return commit === undefined ? null : found({ sha, committer: { date: commit.committedAt } });
    },
  },
  {
    path: /^\/compare\/([0-9a-f]{40})\.\.\.([0-9a-f]{40})$/,
    query: [],
    answer: (repo, [base = "", head = ""]) => {
      const status = compare(repo, base, head);
      return status === null ? null : found({ status, ahead_by: 0, behind_by: 0, total_commits: 0 });
    },
  },
  {
    path: /^\/activity$/,
    query: ["ref", "direction", "per_page"],
    answer: (repo, _, query) => {
      if (repo.pushes === null) return null;
      const ours = repo.pushes.filter((push) => push.ref === query.get("ref"));
      return found(
        page(
          ours.toSorted((a, b) => (a.timestamp < b.timestamp ? 1 : -1)),
          query,
        ),
      );
    },
  },
  {
    path: /^\/pulls\/(\d+)$/,
    query: [],
    answer: (repo, [number]) => {
      const pull = repo.pulls.find((one) => String(one.number) === number);
      if (pull === undefined) return null;
      return found({
        number: pull.number,
        state: pull.merged === true ? "closed" : "open",
        merged: pull.merged ?? false,
        merged_at: pull.mergedAt ?? null,
        merge_commit_sha: pull.mergeCommit ?? null,
        user: user(pull.author),
        merged_by: user(pull.mergedBy),
        head: { ref: "work", sha: pull.head ?? "0".repeat(40) },
        base: { ref: pull.base, repo: { id: pull.baseRepoId ?? repo.id } },
      });
    },
  },
  {
    path: /^\/commits\/([0-9a-f]{40})\/check-runs$/,
    query: ["filter", "per_page", "page"],
    answer: (repo, [sha = ""], query) => {
      if (!repo.commits.has(sha)) return null;
      const all = repo.checks.filter((check) => check.sha === sha);
      const runs = page(all, query).map((check) => ({
        id: check.id,
        name: check.name,
        head_sha: check.sha,
        status: check.status ?? "completed",
        conclusion: check.conclusion === undefined ? "success" : check.conclusion,
        completed_at: check.completedAt === undefined ? "2026-06-01T12:10:00Z" : check.completedAt,
        app: check.app ?? { id: 15368, slug: "github-actions" },
        check_suite: { id: check.suite ?? 1 },
      }));
      return found({ total_count: all.length, check_runs: runs });
    },
  },
  {
    path: /^\/commits\/([0-9a-f]{40})\/status$/,
    query: ["per_page", "page"],
    answer: (repo, [sha = ""], query) => {
      if (!repo.commits.has(sha)) return null;
      const all = repo.statuses.filter((status) => status.sha === sha);
      const statuses = page(all, query).map((status) => ({
        id: status.id,
        context: status.context,
        state: status.state ?? "success",
        updated_at: status.updatedAt === undefined ? "2026-06-01T12:10:00Z" : status.updatedAt,
      }));
      return found({ sha, state: "success", total_count: all.length, statuses, repository: { id: repo.id } });
    },
  },
  {
    path: /^\/actions\/runs$/,
    query: ["head_sha", "per_page", "page"],
    answer: (repo, _, query) => {
      const all = repo.runs.filter((run) => run.sha === query.get("head_sha"));
      return found({
        total_count: all.length,
        workflow_runs: page(all, query).map((run) => runBody(repo, run)),
      });
    },
  },
  {
    path: /^\/actions\/runs\/(\d+)$/,
    query: [],
    answer: (repo, [id]) => {
      const run = repo.runs.find((one) => String(one.id) === id);
      return run === undefined ? null : found(runBody(repo, run));
    },
  },
  {
    path: /^\/releases\/tags\/(.+)$/,
    query: [],
    answer: (repo, [tag]) => {
      const release = repo.releases.find((one) => one.tag === tag);
      if (release === undefined) return null;
      const assets = (release.assets ?? []).map((asset) => ({
        name: asset.name,
        state: asset.state ?? "uploaded",
        size: asset.size ?? 5,
        digest: asset.digest ?? null,
      }));
      return found({
        id: release.id,
        tag_name: release.tag,
        draft: release.draft ?? false,
        published_at: release.publishedAt === undefined ? "2026-06-01T12:10:00Z" : release.publishedAt,
        assets,
      });
    },
  },
];

function runBody(repo: FakeRepo, run: FakeRun) {
  return {
    id: run.id,
    path: run.path,
    head_sha: run.sha,
    check_suite_id: run.suite,
    repository: { id: run.repositoryId ?? repo.id },
  };
}

/** What our client must send with every call, or null. */
function fault(request: IncomingMessage, token: string): string | null {
  const { headers } = request;
  if (request.method !== "GET") return `method ${request.method}`;
  if (headers.authorization !== `token ${token}`) return "no token";
  if (headers["user-agent"]?.startsWith("gatehouse-proof") !== true) return "no user agent";
  if (headers["x-github-api-version"] !== "2022-11-28") return "no version of the interface";
  return headers.accept?.includes("application/vnd.github") === true ? null : "no accept";
}

export const TOKEN = "ghp_test";

export async function fakeGitHub(...repos: FakeRepo[]) {
  const misuse: string[] = [];
  const troubles: Trouble[] = [];
  /** Where its interface begins: an Enterprise Server's is below /api/v3. */
  const site = { prefix: "" };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const send = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const own = { "content-type": "application/json; charset=utf-8", date: new Date().toUTCString() };
      response.writeHead(status, { ...own, ...headers }).end(JSON.stringify(body));
    };
    const url = new URL(request.url ?? "", "http://x");
    const wrong = fault(request, TOKEN);
    if (wrong !== null) {
      misuse.push(`${request.url}: ${wrong}`);
      send(401, { message: "Bad credentials" });
      return;
    }
    const trouble = troubles.find((one) => one.path.test(url.pathname) && one.times !== 0);
    if (trouble !== undefined) {
      if (trouble.times !== undefined) trouble.times -= 1;
      if (trouble.body !== undefined) {
        const headers = { "content-type": "application/json; charset=utf-8" };
        response.writeHead(trouble.status, headers).end(trouble.body);
      } else if (trouble.hang !== true) send(trouble.status, { message: "Trouble" }, trouble.headers);
      return;
    }
    const whole = decodeURIComponent(url.pathname);
    const path = whole.startsWith(`${site.prefix}/`) ? whole.slice(site.prefix.length) : "";
    const repo = repos.find((one) => path === `/repos/${one.name}` || path.startsWith(`/repos/${one.name}/`));
    const rest = repo === undefined ? "" : path.slice(`/repos/${repo.name}`.length);
    const route = ROUTES.find((one) => one.path.test(rest));
    const unknown = [...url.searchParams.keys()].find((key) => route?.query.includes(key) === false);
    if (repo === undefined) send(404, { message: "Not Found" });
    else if (
      route === undefined ||
      unknown !== undefined ||
      Number(url.searchParams.get("per_page") ?? 1) > 100
    ) {
      misuse.push(`${request.url}: ${route === undefined ? "no such call" : `query ${unknown}`}`);
      send(422, { message: "Unprocessable" });
    } else {
      const answer = route.answer(repo, (route.path.exec(rest) ?? []).slice(1), url.searchParams);
      if (answer === null) send(404, { message: "Not Found" });
      else send(answer.status, answer.body);
    }
  };
  const peer = await serve(handle);
  return { peer, url: peer.origin, misuse, troubles, site };
}
