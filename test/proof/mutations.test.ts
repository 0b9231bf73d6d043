import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { almost, random } from "./support/almost.ts";
import { closePeers } from "./support/peers.ts";
import { removeFolders } from "./support/proofs.ts";
import type { GoodProof, World } from "./support/world.ts";
import { AFTER, BEFORE, BESIDE, FILE, HEALTH, IDENTITY, ISSUER, JUNIT, makeWorld } from "./support/world.ts";

/**
 * A good proof of each kind, changed by very little: one character, its case, a prefix gone. None of the thousands
 * may pass. Then the other way round: for every rule the one case that nothing but this rule refuses.
 */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(async () => {
  await closePeers();
  removeFolders();
});

const next = random(20_261_123);

function sample<T>(all: readonly T[], kind: string): T[] {
  const most = kind.startsWith("github-") ? 10 : (SAMPLE[kind] ?? all.length);
  return all.length <= most
    ? [...all]
    : Array.from({ length: most }, () => all[Math.floor(next() * all.length)] as T);
}

async function passes(proof: GoodProof): Promise<boolean> {
  return (await world.judge(proof)).verdict === "passed";
}

/** Texts that are searched for, and where: a part of them is there as well, and rightly found. */
const PARTS: Readonly<Record<string, string>> = { contains: HEALTH, stdoutContains: "12 passed\n" };
/** How many of each field's mutations are tried where each costs a program, a signature or a few requests. */
const SAMPLE: Readonly<Record<string, number>> = { command: 20, url: 60, attestation: 60 };
/** What cannot be almost itself: a program would be another program, a pattern another rule; names are the link's. */
const SKIPPED = new Set(["kind", "name", "argv", "matches", "format"]);

function* leaves(
  value: Json,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; value: Json }> {
  if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key]);
  } else yield { path, value };
}

function replaced(value: Json, path: readonly string[], leaf: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  const copy = structuredClone(value) as { [key: string]: Json };
  copy[key] = replaced(copy[key] ?? null, rest, leaf);
  return copy;
}

const KINDS = [
  "file",
  "command",
  "url",
  "test-report",
  "attestation",
  "github-pr",
  "github-commit",
  "github-checks",
  "github-release",
];

let tried = 0;

describe.each(KINDS)("%s", (kind) => {
  test("is not proved by a link that is almost right", async () => {
    const good = world.proofOfKind(kind);
    expect(await passes(good)).toBe(true);
    for (const uri of almost(good.uri, next)) {
      tried += 1;
      if (await passes({ ...good, uri })) expect.fail(`${JSON.stringify(uri)} passed`);
    }
  });

  test("is not proved when the policy wants almost something else", async () => {
    const good = world.proofOfKind(kind);
    for (const { path, value } of leaves(good.requirement)) {
      const field = path[0] ?? "";
      if (SKIPPED.has(field)) continue;
      const others: Json[] =
        typeof value === "string"
          ? sample(
              [...almost(value, next)].filter((text) => PARTS[field]?.includes(text) !== true),
              kind,
            )
          : typeof value === "number"
            ? [value + 1, value * 10 + 1, -value - 1, value + 0.5]
            : [];
      for (const other of others) {
        // Caps that grow and pointers to the same place are not forgeries.
        if (field === "maxSkipped" && typeof other === "number" && other >= 0 && Number.isInteger(other))
          continue;
        tried += 1;
        const requirement = replaced(good.requirement, path, other) as typeof good.requirement;
        if (await passes({ ...good, requirement }))
          expect.fail(`${path.join(".")}=${JSON.stringify(other)} passed`);
      }
    }
  });

  test("is not proved by what was there before the claim", async () => {
    // A pinned digest is the content itself, whenever it was written; a command runs now, a page answers now.
    if (["file", "command", "url"].includes(kind)) return;
    const good = world.proofOfKind(kind);
    for (const later of [86_400_000, 365 * 86_400_000]) {
      tried += 1;
      const claimedAt = (kind === "attestation" ? Date.now() : Date.parse(AFTER)) + later;
      if (await passes({ ...good, claimedAt })) expect.fail(`claimed ${later} ms later, it passed`);
    }
  });
});

describe("the thing itself changed by one character proves nothing", () => {
  test("a file", async () => {
    const good = world.proofOfKind("file");
    for (const text of almost(FILE, next)) {
      tried += 1;
      world.put("out/report.txt", text);
      if (await passes(good)) expect.fail(`${JSON.stringify(text)} passed`);
    }
    world.put("out/report.txt", FILE);
  });

  test("a page", async () => {
    const good = world.proofOfKind("url");
    for (const body of sample([...almost(HEALTH, next)], "url")) {
      // White space after JSON, and what follows the version, are beside the policy's three rules.
      if (body.trim() === HEALTH) continue;
      tried += 1;
      world.page.body = body;
      if (await passes(good)) expect.fail(`${JSON.stringify(body)} passed`);
    }
    world.page.body = HEALTH;
  });

  test("an attestation's signature, statement or log entry", async () => {
    const good = world.proofOfKind("attestation");
    const text = JSON.stringify(await world.sigstore.attest("x", "y", world.statement));
    const own = JSON.parse(text);
    world.put("bundle.json", text);
    expect(await passes(good)).toBe(false);
    const bundle = await freshBundle();
    const spots = [
      (b: any) => [b.dsseEnvelope, "payload"],
      (b: any) => [b.dsseEnvelope.signatures[0], "sig"],
      (b: any) => [b.verificationMaterial.tlogEntries[0], "canonicalizedBody"],
      (b: any) => [b.verificationMaterial.tlogEntries[0].inclusionPromise, "signedEntryTimestamp"],
      (b: any) => [b.verificationMaterial.certificate, "rawBytes"],
    ] as const;
    for (const spot of spots) {
      for (let turn = 0; turn < 25; turn += 1) {
        const copy = structuredClone(bundle);
        const [holder, key] = spot(copy) as [Record<string, string>, string];
        const bytes = Buffer.from(holder[key] ?? "", "base64");
        const at = Math.floor(next() * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(next() * 8));
        holder[key] = bytes.toString("base64");
        tried += 1;
        world.put("bundle.json", JSON.stringify(copy));
        if (await passes(good)) expect.fail(`${key} with byte ${at} changed passed`);
      }
      const swapped = structuredClone(bundle);
      const [holder, key] = spot(swapped) as [Record<string, string>, string];
      const [foreign] = spot(own) as [Record<string, string>, string];
      holder[key] = foreign[key] ?? "";
      world.put("bundle.json", JSON.stringify(swapped));
      if (key !== "payload" && (await passes(good))) expect.fail(`another bundle's ${key} passed`);
    }
    world.put("bundle.json", JSON.stringify(bundle));
    expect(await passes(good)).toBe(true);
  });

  async function freshBundle(): Promise<any> {
    return world.sigstore.attest(IDENTITY, ISSUER, world.statement);
  }
});

test("that was thousands of them", () => {
  expect(tried).toBeGreaterThan(4_000);
});

type Change = (good: GoodProof) => void;

/** rule → what is changed in a world where everything else holds, and the sentence only that rule says. */
const RULES: readonly (readonly [string, string, RegExp, Change])[] = [
  ["file", "link", /linked as file:/, (g) => (g.uri = "out/report.txt")],
  ["file", "path", /policy wants file:/, (g) => (g.uri = "file:junit.xml")],
  ["file", "exists", /does not exist/, (g) => gone(g, "file:nowhere")],
  ["file", "regular", /not a regular file/, (g) => gone(g, "file:out")],
  ["file", "minBytes", /at least 20/, (g) => put(g, "minBytes", 20)],
  ["file", "sha256", /policy wants 0{64}/, (g) => put(g, "sha256", "0".repeat(64))],
  [
    "file",
    "age",
    /before the task was claimed/,
    (g) => {
      drop(g, "sha256");
      g.claimedAt = Date.parse(AFTER) + 1_000;
    },
  ],
  ["command", "link", /command:it/, (g) => (g.uri = "command:other")],
  ["command", "exit", /status 0; 1 is wanted/, (g) => put(g, "exit", 1)],
  ["command", "stdoutContains", /did not print/, (g) => put(g, "stdoutContains", "13 passed")],
  ["command", "program", /could not be started/, (g) => put(g, "argv", ["no-such-program"])],
  ["command", "cwd", /does not exist/, (g) => put(g, "cwd", "nowhere")],
  [
    "command",
    "time",
    /did not end within/,
    (g) => {
      put(g, "argv", ["sleep", "60"]);
      put(g, "timeoutSeconds", 0.1);
    },
  ],
  ["url", "origin", /wants a link below/, (g) => (g.uri = g.uri.replace("127.0.0.1", "localhost"))],
  ["url", "path", /policy wants http/, (g) => (g.uri = g.uri.replace("health", "healthz"))],
  ["url", "status", /204 is wanted/, (g) => put(g, "status", 204)],
  ["url", "contains", /does not hold/, (g) => put(g, "contains", "2.0.0")],
  ["url", "matches", /does not match/, (g) => put(g, "matches", "^ok$")],
  ["url", "json", /another value at/, (g) => put(g, "json", { pointer: "/status", equals: "down" })],
  ["url", "pointer", /nothing at/, (g) => put(g, "json", { pointer: "/state", equals: "ok" })],
  ["url", "soft 404", /random path/, () => (world.page.sibling = 200)],
  [
    "url",
    "redirect",
    /redirect leaves/,
    () => {
      world.page.status = 302;
      world.page.headers = { location: `http://127.0.0.1:${world.github.peer.port}/` };
    },
  ],
  ["test-report", "link", /linked as file:/, (g) => (g.uri = "junit.xml")],
  ["test-report", "origin", /Nobody vouches/, (g) => (g.uri = "https://ci.example.com/junit.xml")],
  ["test-report", "format", /is not JSON/, (g) => put(g, "format", "vitest")],
  ["test-report", "document type", /document type/, () => world.put("junit.xml", `<!DOCTYPE x>${JUNIT}`)],
  ["test-report", "minTests", /at least 3/, (g) => put(g, "minTests", 3)],
  ["test-report", "failures", /1 tests failed/, () => world.put("junit.xml", withCase("<failure/>"))],
  ["test-report", "errors", /1 tests failed/, () => world.put("junit.xml", withCase("<error/>"))],
  [
    "test-report",
    "suite",
    /not clean/,
    () => world.put("junit.xml", JUNIT.replace("<testsuite", `<testsuite errors="1"`)),
  ],
  ["test-report", "maxSkipped", /at most 0/, () => world.put("junit.xml", withCase("<skipped/>"))],
  ["test-report", "mustPass", /not in the report/, (g) => put(g, "mustPass", ["has two winners"])],
  ["test-report", "age", /before the task was claimed/, () => world.put("junit.xml", JUNIT, BEFORE)],
  ["attestation", "issuer", /issuer is/, (g) => put(g, "issuer", "https://accounts.example.com")],
  ["attestation", "identity", /identity is/, (g) => put(g, "identity", "https://github.com/acme/clip")],
  [
    "attestation",
    "predicateType",
    /predicateType is/,
    (g) => put(g, "predicateType", "https://spdx.dev/Document"),
  ],
  ["attestation", "subjectSha256", /not about/, (g) => put(g, "subjectSha256", "0".repeat(64))],
  ["attestation", "age", /signed before/, (g) => (g.claimedAt = Date.now() + 60_000)],
  ["attestation", "signature", /does not verify/, () => world.put("bundle.json", "{}")],
  ["github-pr", "link", /pull request's page/, (g) => (g.uri = g.uri.replace("/pull/", "/issues/"))],
  ["github-pr", "repository", /names 4712/, (g) => put(g, "repoId", 4712)],
  ["github-pr", "exists", /no pull request 13/, (g) => (g.uri = g.uri.replace("12", "13"))],
  ["github-pr", "base", /goes into main/, (g) => put(g, "base", "stable")],
  ["github-pr", "base repository", /another repository/, () => pull({ baseRepoId: 1 })],
  ["github-pr", "merged", /is not merged/, () => pull({ merged: false })],
  ["github-pr", "age", /merged before/, () => pull({ mergedAt: BEFORE })],
  ["github-pr", "authors", /wants grace/, (g) => put(g, "authors", ["grace"])],
  ["github-pr", "reachable", /not contained in main/, () => pull({ mergeCommit: BESIDE })],
  ["github-commit", "link", /whole SHA/, (g) => (g.uri = g.uri.slice(0, -1))],
  ["github-commit", "branch", /no branch stable/, (g) => put(g, "branch", "stable")],
  ["github-commit", "contained", /not contained in main/, (g) => (g.uri = g.uri.replace(/c{40}/, BESIDE))],
  ["github-commit", "age", /in the branch before/, (g) => (g.claimedAt = Date.parse(AFTER) + 1_000)],
  [
    "github-checks",
    "link",
    /commit's, pull request's or run's/,
    (g) => (g.uri = g.uri.replace("commit", "tree")),
  ],
  ["github-checks", "name", /"lint" has not run/, (g) => put(g, "checks", [{ name: "lint" }])],
  ["github-checks", "app", /of app 7 has not run/, (g) => put(g, "checks", [{ name: "test", app: 7 }])],
  ["github-checks", "workflow", /has not run/, (g) => put(g, "workflow", ".github/workflows/cd.yml")],
  ["github-checks", "conclusion", /ended as skipped/, () => checked({ conclusion: "skipped" })],
  ["github-checks", "completed", /is in_progress/, () => checked({ status: "in_progress" })],
  ["github-checks", "age", /ended before/, () => checked({ completedAt: BEFORE })],
  ["github-release", "link", /release's page/, (g) => (g.uri = g.uri.replace("/tag/", "/tags/"))],
  ["github-release", "exists", /no release v1.0.1/, (g) => (g.uri = g.uri.replace("v1.0.0", "v1.0.1"))],
  ["github-release", "draft", /is a draft/, () => released({ draft: true })],
  ["github-release", "age", /published before/, () => released({ publishedAt: BEFORE })],
  ["github-release", "tag", /no tag/, () => void world.repo.refs.delete("v1.0.0")],
  [
    "github-release",
    "reachable",
    /not contained in main/,
    () => void world.repo.refs.set("v1.0.0", { type: "commit", sha: BESIDE }),
  ],
  ["github-release", "asset", /no asset/, (g) => put(g, "asset", { name: "other.tgz" })],
  [
    "github-release",
    "digest",
    /policy wants sha256:0/,
    (g) => put(g, "asset", { name: "clip.tgz", sha256: "0".repeat(64) }),
  ],
];

const put = (good: GoodProof, field: string, value: Json) => {
  good.requirement = { ...good.requirement, [field]: value };
};
const drop = (good: GoodProof, field: string) => {
  const { [field]: _, ...rest } = good.requirement;
  good.requirement = rest as typeof good.requirement;
};
/** Another file than the policy pins, where only its being there or not is asked. */
const gone = (good: GoodProof, uri: string) => {
  put(good, "path", uri.slice("file:".length));
  good.uri = uri;
};
const withCase = (inner: string) =>
  JUNIT.replace("</testsuite>", `<testcase name="third">${inner}</testcase></testsuite>`);
const first = <T>(list: T[], change: Partial<T>) => {
  const [head] = list;
  if (head !== undefined) list[0] = { ...head, ...change };
};
const pull = (change: Partial<World["repo"]["pulls"][number]>) => first(world.repo.pulls, change);
const checked = (change: Partial<World["repo"]["checks"][number]>) => first(world.repo.checks, change);
const released = (change: Partial<World["repo"]["releases"][number]>) => first(world.repo.releases, change);

describe("each rule is seen to block, alone", () => {
  /** What a change may have touched, put back as it was. */
  function restore(before: { page: World["page"]; repo: World["repo"] }) {
    Object.assign(world.page, structuredClone(before.page));
    const { pulls, checks, releases, refs } = world.repo;
    pulls.splice(0, pulls.length, ...before.repo.pulls);
    checks.splice(0, checks.length, ...before.repo.checks);
    releases.splice(0, releases.length, ...before.repo.releases);
    refs.clear();
    for (const [tag, target] of before.repo.refs) refs.set(tag, target);
    world.put("junit.xml", JUNIT);
  }

  test.each(RULES)("%s: %s", async (kind, _, sentence, change) => {
    const before = structuredClone({ page: world.page, repo: world.repo });
    const bundle = bundleText();
    const good = world.proofOfKind(kind);
    // Without the one change it passes, so the change alone is what is refused.
    expect(await passes(good)).toBe(true);
    change(good);
    const verdict = await world.judge(good);
    restore(before);
    world.put("bundle.json", bundle);
    expect(verdict.verdict).not.toBe("passed");
    expect(verdict.reason).toMatch(sentence);
  });

  const bundleText = () => readFileSync(join(world.root, "bundle.json"), "utf8");

  test("and the table names every kind", () => {
    expect([...new Set(RULES.map(([kind]) => kind))]).toEqual(KINDS);
  });
});
