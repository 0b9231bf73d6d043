import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { almost, random } from "./support/almost.ts";
import { closePeers } from "./support/peers.ts";
import { removeFolders } from "./support/proofs.ts";
import type { GoodProof, World } from "./support/world.ts";
import { AFTER, FILE, HEALTH, IDENTITY, ISSUER, makeWorld, SAID } from "./support/world.ts";

/**
 * A good proof of each kind, changed by very little: one character, its case, a prefix gone. None of the thousands
 * may pass. Which rule refuses what, alone, is asked in `test/rules`.
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
const PARTS: Readonly<Record<string, string>> = { contains: HEALTH + SAID, stdoutContains: "12 passed\n" };
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
  "chat-message",
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
