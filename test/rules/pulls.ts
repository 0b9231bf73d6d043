// Rules of the kinds github-pr and github-commit.
import { AFTER, BEFORE, BESIDE, HEAD, NEW, ROOT } from "../proof/support/world.ts";
import { AT, COMPARED, CONTAINED, pull, repo, shared } from "./github.ts";
import { claims, inFile, links, relinks, rulesOf, wants } from "./rule.ts";

const pr = inFile("github-pr.ts");
const commit = inFile("github-commit.ts");
const link = inFile("github/link.ts");

/** Nobody asks whether the commit was in the branch before. */
const WAS_IN = [
  commit("if (wasIn === null) return failed", "if (false) return failed"),
  commit(
    'return wasIn.verdict === "failed" ? { datedBy: "pushes" } : wasIn;',
    'return { datedBy: "pushes" };',
  ),
];

export const pullRules = rulesOf("github-pr", [
  ...shared(/pull request's page/),
  [
    "base repository",
    /into another repository/,
    [pr("if (pull.base.repo.id !== repoId)", "if (false)")],
    pull({ baseRepoId: 1 }),
    pull({ baseRepoId: 47_110 }),
  ],
  [
    "base",
    /the policy wants main|goes into main/,
    [pr("if (pull.base.ref !== wanted.base)", "if (false)")],
    ...["stable", "Main", "main2", "mai", "refs/heads/main"].map((base) => pull({ base })),
  ],
  [
    "merged",
    /is not merged/,
    [pr("pull.merged && pull.merged_at !== null", "true")],
    // GitHub's own record of a merge: a test merge has a commit as well.
    pull({ merged: false }),
  ],
  [
    "age",
    /merged before/,
    [pr('if (!isOlder(pull.merged_at ?? "", claimedAt)) return null;', "return null;")],
    pull({ mergedAt: BEFORE }),
    claims(AT + 1_000),
    claims(AT + 86_400_000),
  ],
  [
    "authors",
    /the policy wants/,
    [pr("if (made.some((login) => allowed.includes(login))) return null;", "return null;")],
    ...["grace", "Ada", "ad", "ada2", "ada-"].map((login) => wants({ authors: [login] })),
    pull({ author: null }),
  ],
  [
    "the claimant's own account",
    /wants grace-hopper/,
    [
      pr(
        "const allowed = wanted.authors ?? (own === undefined ? null : [own]);",
        "const allowed = wanted.authors ?? null;",
      ),
    ],
    (good, world) => {
      good.agent = "grace";
      return wants({ authors: undefined })(good, world);
    },
  ],
  [
    "which commit it was merged as",
    /does not say which commit/,
    [
      pr("if (commit === null)", "if (false)"),
      pr("if (outside !== null) return outside;"),
      pr("commit.slice(0, 12)", "commit"),
    ],
    pull({ mergeCommit: null }),
  ],
  [
    "its commit is in the base",
    /not contained in main/,
    [CONTAINED],
    pull({ mergeCommit: BESIDE }),
    repo(({ branches }) => branches.set("main", ROOT)),
  ],
]);

export const commitRules = rulesOf("github-commit", [
  ...shared(/commit's page/),
  [
    "the whole SHA",
    /whole SHA/,
    [link("^commit\\/([0-9a-f]{40})$", "^commit\\/([0-9a-fA-F]{7,64})$"), COMPARED, ...WAS_IN],
    ...[7, 12, 39].map((length) => links(`https://github.com/acme/clip/commit/${NEW.slice(0, length)}`)),
    links(`https://github.com/acme/clip/commit/${NEW.toUpperCase()}`),
  ],
  [
    "contained in the branch",
    /not contained in main/,
    [CONTAINED, ...WAS_IN],
    relinks(NEW, BESIDE),
    repo(({ branches }) => branches.set("main", ROOT)),
  ],
  [
    "age by the record of pushes",
    /in the branch before/,
    WAS_IN,
    relinks(NEW, ROOT),
    repo(({ pushes }) => pushes?.splice(0, 1, { ref: "refs/heads/main", before: HEAD, timestamp: AFTER })),
    repo(({ pushes }) => pushes?.splice(0, 1, { ref: "refs/heads/main", before: NEW, timestamp: AFTER })),
  ],
  [
    "what the branch was is known",
    /shows nothing there/,
    [commit('signal, "unseen");', "signal);")],
    repo(({ pushes }) =>
      pushes?.splice(0, 1, { ref: "refs/heads/main", before: "9".repeat(40), timestamp: AFTER }),
    ),
  ],
  [
    "a push since the claim",
    /in the branch before/,
    [
      commit(
        "if (since.length === 0) return failed(OLD, { sha: commit.sha });",
        'if (since.length === 0) return { datedBy: "pushes" };',
      ),
    ],
    claims(AT + 1_000),
    repo(({ pushes }) => pushes?.splice(0)),
    repo(({ pushes }) => pushes?.splice(0, 1, { ref: "refs/heads/other", before: ROOT, timestamp: AFTER })),
  ],
  [
    "pushes that were all read",
    /too often/,
    [commit("if (since.length === MAX_PUSHES)", "if (false)")],
    repo(({ pushes }) => {
      const push = { ref: "refs/heads/main", before: ROOT, timestamp: AFTER };
      pushes?.push(...Array.from({ length: 100 }, () => push));
    }),
  ],
  [
    "age by the committer, where no pushes are recorded",
    /in the branch before/,
    [commit("return isOlder(found.committer.date, claimedAt)", "return false")],
    (good, world) => {
      Object.assign(world.repo, { pushes: null });
      return claims(AT + 1_000)(good, world);
    },
    (_, world) => {
      Object.assign(world.repo, { pushes: null });
      world.repo.commits.set(NEW, { parents: [ROOT], committedAt: BEFORE });
    },
  ],
]);
