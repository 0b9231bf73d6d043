// Rules of the kind github-release.
import { BEFORE, BESIDE, NEW, ROOT } from "../proof/support/world.ts";
import { AT, asset, COMPARED, CONTAINED, released, repo, shared } from "./github.ts";
import { claims, inFile, rulesOf } from "./rule.ts";

const release = inFile("github-release.ts");

export const releaseRules = rulesOf("github-release", [
  ...shared(/release's page/),
  [
    "no draft",
    /is a draft/,
    [release("if (found.draft || found.published_at === null)", "if (false)")],
    released({ draft: true }),
  ],
  [
    "published",
    /is a draft/,
    [
      release("if (found.draft || found.published_at === null)", "if (false)"),
      release("if (!isOlder(found.published_at, claimedAt)) return null;", "return null;"),
    ],
    released({ publishedAt: null }),
  ],
  [
    "age",
    /published before/,
    [release("if (!isOlder(found.published_at, claimedAt)) return null;", "return null;")],
    released({ publishedAt: BEFORE }),
    claims(AT + 1_000),
    claims(AT + 86_400_000),
  ],
  [
    "its commit is in the default branch",
    /not contained in main/,
    [CONTAINED],
    repo(({ refs }) => refs.set("v1.0.0", { type: "commit", sha: BESIDE })),
    repo(({ branches }) => branches.set("main", ROOT)),
  ],
  [
    "a tag is peeled to its commit",
    /not contained in main|not in this repository/,
    [
      release(
        'for (let depth = 0; object.type === "tag"; depth += 1)',
        "for (let depth = 0; false; depth += 1)",
      ),
      release('return object.type === "commit"', "return true"),
      COMPARED,
    ],
    repo(({ refs, tagObjects }) => {
      refs.set("v1.0.0", { type: "tag", sha: "9".repeat(40) });
      tagObjects.set("9".repeat(40), { type: "commit", sha: BESIDE });
    }),
  ],
  [
    "a tag of a commit",
    /points at a/,
    [release('return object.type === "commit"', "return true")],
    repo(({ refs }) => refs.set("v1.0.0", { type: "tree", sha: NEW })),
    repo(({ refs }) => refs.set("v1.0.0", { type: "blob", sha: NEW })),
  ],
  [
    "asset",
    /has no asset/,
    [release("found.assets.find(({ name }) => name === wanted.name)", "found.assets[0]")],
    ...["other.tgz", "Clip.tgz", "clip.tg", "clip.tgz2", " clip.tgz"].map((name) => asset({ name })),
  ],
  [
    "an asset that is there",
    /not uploaded yet/,
    [release('if (asset.state !== "uploaded")', "if (false)")],
    asset({ state: "open" }),
    asset({ state: "new" }),
  ],
  [
    "an asset with something in it",
    /is empty/,
    [release("if (asset.size === 0)", "if (false)")],
    asset({ size: 0 }),
  ],
  [
    "the asset's digest",
    /policy wants sha256:|no digest/,
    [
      release(
        "wanted.sha256 === undefined || asset.digest === `sha256:".concat("$", "{wanted.sha256}`"),
        "true",
      ),
    ],
    asset({ digest: `sha256:${"0".repeat(64)}` }),
    asset({ digest: `sha512:${"1".repeat(64)}` }),
    asset({ digest: "1".repeat(64) }),
    asset({ digest: null }),
    asset({ digest: `sha256:${"1".repeat(63)}` }),
  ],
]);
