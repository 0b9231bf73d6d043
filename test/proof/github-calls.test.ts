import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allVerifiers } from "../../adapters/proof/all.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import type { Verdict } from "../../src/core/proof.ts";
import type { Trouble } from "./support/github.ts";
import { closePeers } from "./support/peers.ts";
import { removeFolders, verify } from "./support/proofs.ts";
import { type GoodProof, keepWorld, makeWorld, NEW, type World } from "./support/world.ts";

/**
 * Every call that a kind makes to GitHub, and every way it may go wrong there: what was not seen is never passed, and who is
 * told when to come back says so. The calls are those that were seen made for a good proof, so none can be forgotten.
 */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  Object.assign(world.repo.pulls[0] ?? {}, { head: NEW });
});
afterAll(async () => {
  expect(world.github.misuse).toEqual([]);
  await closePeers();
  removeFolders();
});

const page = (rest: string) => `https://github.com/acme/clip/${rest}`;
type Way = readonly [name: string, kind: string, change?: (good: GoodProof, world: World) => unknown];
const WAYS: readonly Way[] = [
  ["a pull request", "github-pr"],
  ["a commit", "github-commit"],
  [
    "a commit where no pushes are recorded",
    "github-commit",
    (_, { repo }) => Object.assign(repo, { pushes: null }),
  ],
  ["checks of a commit", "github-checks"],
  ["checks of a pull request", "github-checks", (good) => Object.assign(good, { uri: page("pull/12") })],
  ["checks of a run", "github-checks", (good) => Object.assign(good, { uri: page("actions/runs/5") })],
  [
    "a commit status",
    "github-checks",
    (good, { repo }) => {
      repo.statuses.push({ id: 3, context: "legacy", sha: NEW });
      const { name, kind, repo: wanted = null } = good.requirement;
      good.requirement = { name, kind, repo: wanted, checks: [{ name: "legacy" }] };
    },
  ],
  ["a release", "github-release"],
  [
    "a release by an annotated tag",
    "github-release",
    (_, { repo }) => {
      repo.refs.set("v1.0.0", { type: "tag", sha: "9".repeat(40) });
      repo.tagObjects.set("9".repeat(40), { type: "commit", sha: NEW });
    },
  ],
];

const TROUBLES: readonly (Omit<Trouble, "path"> & { readonly says?: Partial<Verdict> })[] = [
  { status: 401 },
  { status: 403, headers: { "retry-after": "17" }, says: { retryAfterMs: 17_000 } },
  { status: 429, headers: { "retry-after": "60" }, says: { retryAfterMs: 60_000 } },
  { status: 451 },
  { status: 500 },
  { status: 502 },
  { status: 503 },
  { status: 200, body: "" },
  { status: 200, body: "{" },
  { status: 200, body: "null" },
  { status: 200, body: "[]" },
  { status: 200, body: "{}" },
  { status: 200, body: "<html>Unicorn!</html>" },
];

/** Asks for the good proof; answers with the verdict and the paths that were asked for. */
async function ask(
  good: GoodProof,
): Promise<{ readonly verdict: Verdict; readonly paths: readonly string[] }> {
  const before = world.github.peer.requests.length;
  const verdict = await world.judge(good);
  const asked = world.github.peer.requests.slice(before).map((path) => path.split("?")[0] ?? "");
  return { verdict, paths: [...new Set(asked)] };
}

const exactly = (path: string) => new RegExp(`^${path.replaceAll(".", "\\.")}$`);

describe.each(WAYS.map(([name, kind, change]) => ({ name, kind, change })))("$name", ({ kind, change }) => {
  test("has no verdict where any of its calls goes wrong", { timeout: 300_000 }, async () => {
    const restore = keepWorld(world);
    try {
      const good = world.proofOfKind(kind);
      await change?.(good, world);
      const { verdict, paths } = await ask(good);
      expect(verdict).toMatchObject({ verdict: "passed" });
      expect(paths.length).toBeGreaterThanOrEqual(3);
      for (const path of paths) {
        for (const { says = {}, ...trouble } of TROUBLES) {
          // An empty list of pushes is an answer: nothing was pushed.
          if (path.endsWith("/activity") && trouble.body === "[]") continue;
          world.github.troubles.splice(0, 1, { ...trouble, path: exactly(path) });
          const about = `${path} ${trouble.status} ${trouble.body ?? ""}`;
          const { verdict: found } = await ask(good);
          expect([about, found]).toEqual([
            about,
            expect.objectContaining({ verdict: "inconclusive", ...says }),
          ]);
        }
        world.github.troubles.splice(0, 1, { path: exactly(path), status: 404 });
        const { verdict: missing } = await ask(good);
        // Without a record of pushes the committer's date is asked, and the verdict says so.
        if (path.endsWith("/activity")) expect(missing).toMatchObject({ seen: { datedBy: "committer" } });
        else
          expect([path, missing.verdict]).toEqual([path, expect.stringMatching(/^(failed|inconclusive)$/)]);
        world.github.troubles.splice(0);
      }
    } finally {
      world.github.troubles.splice(0);
      restore();
    }
  });
});

test("an Enterprise Server's interface below /api/v3 is asked there, and its pages are on its own host", async () => {
  world.github.site.prefix = "/api/v3";
  const settings = { ...world.settingsWith(guardedFetcher), githubUrl: `${world.github.url}/api/v3` };
  const verifiers = allVerifiers(settings);
  for (const kind of ["github-pr", "github-commit", "github-checks", "github-release"]) {
    const good = world.proofOfKind(kind);
    good.uri = good.uri.replace("https://github.com", world.github.url);
    const verifier = verifiers.find((one) => one.kind === kind);
    if (verifier === undefined) throw new Error(`no verifier of kind ${kind}`);
    const host = new URL(world.github.url).host;
    expect(await verify(verifier, good)).toMatchObject({
      verdict: "passed",
      evidence: expect.stringMatching(`^${kind}:${host}:`),
    });
  }
  world.github.site.prefix = "";
});
