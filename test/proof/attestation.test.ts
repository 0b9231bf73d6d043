import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SerializedBundle } from "@sigstore/bundle";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attestationVerifier } from "../../adapters/proof/attestation.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import type { Json } from "../../src/core/json.ts";
import { closePeers, serve } from "./support/peers.ts";
import { makeFolder, removeFolders, verify, wants } from "./support/proofs.ts";
import type { AttestOptions } from "./support/sigstore.ts";
import { makeSigstore } from "./support/sigstore.ts";

/**
 * Bundles are made by Sigstore's own signing client against a Sigstore with keys of the test's own, and verified by
 * Sigstore's own verifier against that one's root: the cryptography is real, nothing is stubbed, nothing is online.
 */
const IDENTITY = "https://github.com/acme/clip/.github/workflows/release.yml@refs/heads/main";
const ISSUER = "https://token.actions.githubusercontent.com";
const PREDICATE = "https://slsa.dev/provenance/v1";
const DIGEST = "a".repeat(64);
const STATEMENT = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "clip.tgz", digest: { sha256: DIGEST } }],
  predicateType: PREDICATE,
  predicate: { buildDefinition: {} },
};
const POLICY = { issuer: ISSUER, identity: IDENTITY, predicateType: PREDICATE };

let root: string;
let sigstore: Awaited<ReturnType<typeof makeSigstore>>;
let good: SerializedBundle;

beforeAll(async () => {
  root = makeFolder();
  sigstore = await makeSigstore();
  good = await sigstore.attest(IDENTITY, ISSUER, STATEMENT);
});
afterAll(async () => {
  await closePeers();
  removeFolders();
});

interface Asking {
  readonly claimedAt?: number;
  readonly trust?: () => Promise<(typeof sigstore)["root"]>;
}

function check(bundle: unknown, fields: { [field: string]: Json } = {}, asking: Asking = {}) {
  writeFileSync(join(root, "bundle.json"), typeof bundle === "string" ? bundle : JSON.stringify(bundle));
  const trustedRoot = asking.trust ?? (() => Promise.resolve(sigstore.root));
  const verifier = attestationVerifier({ root, fetcher: guardedFetcher(), trustedRoot });
  const requirement = wants("attestation", { ...POLICY, ...fields });
  const claimedAt = asking.claimedAt ?? 0;
  return verify(verifier, { requirement, uri: "file:bundle.json", claimedAt });
}

/** A deep copy with one thing changed. */
function changed(edit: (bundle: any) => void): unknown {
  const copy = structuredClone(good);
  edit(copy);
  return copy;
}

const flip = (base64: string, at = 10) => {
  const bytes = Buffer.from(base64, "base64");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString("base64");
};

describe("an attestation by the right signer", () => {
  test("passes, and its evidence is its statement's digest", async () => {
    const verdict = await check(good, { subjectSha256: DIGEST });
    expect(verdict).toMatchObject({
      verdict: "passed",
      seen: { issuer: ISSUER, identity: IDENTITY, subjects: [DIGEST] },
    });
    expect(verdict.evidence).toMatch(/^attestation:sigstore:sha256:[0-9a-f]{64}$/);
  });

  test("passes with a trusted time stamp as well", async () => {
    const stamped = await sigstore.attest(IDENTITY, ISSUER, STATEMENT, { stamp: true });
    expect(await check(stamped)).toMatchObject({ verdict: "passed" });
  });

  test("is read by URL too", async () => {
    const peer = await serve((_, response) => response.end(JSON.stringify(good)));
    const verifier = attestationVerifier({
      root,
      fetcher: guardedFetcher({ origins: [peer.origin] }),
      trustedRoot: () => Promise.resolve(sigstore.root),
    });
    const verdict = await verify(verifier, {
      requirement: wants("attestation", POLICY),
      uri: `${peer.origin}/b`,
    });
    expect(verdict).toMatchObject({ verdict: "passed" });
  });
});

describe("one character away is another signer", () => {
  test.each([
    ["issuer", `${ISSUER}/`],
    ["issuer", ISSUER.slice(0, -1)],
    ["issuer", ISSUER.toUpperCase()],
    ["identity", IDENTITY.slice(0, -1)],
    ["identity", `${IDENTITY}x`],
    ["identity", IDENTITY.replace("acme", "Acme")],
    ["identity", IDENTITY.replace("main", "main2")],
    ["identity", ".*"],
    ["identity", "https://github.com/acme/clip"],
    ["predicateType", `${PREDICATE}.1`],
    ["predicateType", "https://slsa.dev/provenance/v0.2"],
    ["subjectSha256", "b".repeat(64)],
  ])("%s %s", async (field, value) => {
    expect(await check(good, { [field]: value })).toMatchObject({ verdict: "failed" });
  });
});

describe("time comes from the log", () => {
  test("a signature from before the claim is refused, however new its file", async () => {
    const signedAt = Math.floor(Date.now() / 1000) * 1000 + 86_400_000;
    const earlier = await makeSigstore(new Date(signedAt));
    const bundle = await earlier.attest(IDENTITY, ISSUER, STATEMENT);
    const trust = () => Promise.resolve(earlier.root);
    expect(await check(bundle, {}, { claimedAt: signedAt, trust })).toMatchObject({ verdict: "passed" });
    expect(await check(bundle, {}, { claimedAt: signedAt + 999, trust })).toMatchObject({
      verdict: "passed",
    });
    expect(await check(bundle, {}, { claimedAt: signedAt + 1_000, trust })).toMatchObject({
      verdict: "failed",
    });
  });

  test("and cannot be moved", async () => {
    const later = changed((bundle) => {
      const entry = bundle.verificationMaterial.tlogEntries[0];
      entry.integratedTime = String(Number(entry.integratedTime) + 60);
    });
    expect(await check(later)).toMatchObject({ verdict: "failed" });
  });
});

describe("nothing in a bundle can be changed", () => {
  test.each<[string, (bundle: any) => void]>([
    ["the statement", (b) => (b.dsseEnvelope.payload = flip(b.dsseEnvelope.payload, 60))],
    [
      "the statement's subject",
      (b) => {
        const text = Buffer.from(b.dsseEnvelope.payload, "base64").toString();
        b.dsseEnvelope.payload = Buffer.from(text.replace(DIGEST, "c".repeat(64))).toString("base64");
      },
    ],
    ["the payload's type", (b) => (b.dsseEnvelope.payloadType = "application/json")],
    ["the signature", (b) => (b.dsseEnvelope.signatures[0].sig = flip(b.dsseEnvelope.signatures[0].sig))],
    ["no signature", (b) => (b.dsseEnvelope.signatures = [])],
    [
      "the log's promise",
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.inclusionPromise.signedEntryTimestamp = flip(entry.inclusionPromise.signedEntryTimestamp);
      },
    ],
    ["the log's index", (b) => (b.verificationMaterial.tlogEntries[0].logIndex = "1")],
    [
      "the log's body",
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.canonicalizedBody = flip(entry.canonicalizedBody, 30);
      },
    ],
    [
      "the log itself",
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.logId.keyId = flip(entry.logId.keyId);
      },
    ],
    [
      "the log's proof of inclusion",
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.inclusionProof.treeSize = "2";
        entry.inclusionProof.checkpoint.envelope = entry.inclusionProof.checkpoint.envelope.replace(
          "\n1\n",
          "\n2\n",
        );
      },
    ],
    ["no log entry", (b) => (b.verificationMaterial.tlogEntries = [])],
    [
      "no promise and no proof",
      (b) => {
        delete b.verificationMaterial.tlogEntries[0].inclusionPromise;
        delete b.verificationMaterial.tlogEntries[0].inclusionProof;
      },
    ],
    ["no promise, hence no time", (b) => delete b.verificationMaterial.tlogEntries[0].inclusionPromise],
    [
      "the certificate",
      (b) => {
        const { certificate } = b.verificationMaterial;
        certificate.rawBytes = flip(certificate.rawBytes, 200);
      },
    ],
    [
      "a bare key for the certificate",
      (b) => {
        delete b.verificationMaterial.certificate;
        b.verificationMaterial.publicKey = { hint: "me" };
      },
    ],
    [
      "a bare signature for the envelope",
      (b) => {
        delete b.dsseEnvelope;
        b.messageSignature = { messageDigest: { algorithm: "SHA2_256", digest: "" }, signature: "" };
      },
    ],
    ["the media type", (b) => (b.mediaType = "application/json")],
    [
      "nothing left",
      (b) => {
        for (const key of Object.keys(b)) delete b[key];
      },
    ],
  ])("%s", async (_, edit) => {
    expect(await check(changed(edit))).toMatchObject({ verdict: "failed" });
  });

  test("another statement's log entry does not fit", async () => {
    const other = await sigstore.attest(IDENTITY, ISSUER, { ...STATEMENT, predicate: { other: true } });
    const mixed = changed((bundle) => {
      bundle.verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
    });
    expect(await check(mixed)).toMatchObject({ verdict: "failed" });
  });
});

describe("whom we do not trust proves nothing", () => {
  test("a Sigstore of somebody's own", async () => {
    const own = await makeSigstore();
    const forged = await own.attest(IDENTITY, ISSUER, STATEMENT);
    expect(await check(forged)).toMatchObject({ verdict: "failed" });
  });

  test("a certificate by ours, logged in theirs", async () => {
    const own = await makeSigstore();
    const mixed = { ...sigstore.root, tlogs: own.root.tlogs };
    expect(await check(good, {}, { trust: () => Promise.resolve(mixed) })).toMatchObject({
      verdict: "failed",
    });
    const unlogged = { ...sigstore.root, ctlogs: own.root.ctlogs };
    expect(await check(good, {}, { trust: () => Promise.resolve(unlogged) })).toMatchObject({
      verdict: "failed",
    });
  });

  test("a root that cannot be had is nobody's fault", async () => {
    const trust = () => Promise.reject(new Error("offline"));
    expect(await check(good, {}, { trust })).toMatchObject({ verdict: "inconclusive" });
  });
});

describe("what is signed must be a statement about something", () => {
  test.each<[string, object | string, AttestOptions]>([
    ["another payload type", STATEMENT, { type: "text/plain" }],
    ["another statement version", { ...STATEMENT, _type: "https://in-toto.io/Statement/v9" }, {}],
    ["no subjects", { ...STATEMENT, subject: [] }, {}],
    ["a subject without a sha256", { ...STATEMENT, subject: [{ name: "x", digest: { sha1: DIGEST } }] }, {}],
    ["no predicate type", { ...STATEMENT, predicateType: undefined }, {}],
    ["no JSON", "hello", {}],
    ["an array", [], {}],
  ])("%s", async (_, payload, options) => {
    const bundle = await sigstore.attest(IDENTITY, ISSUER, payload, options);
    expect(await check(bundle)).toMatchObject({ verdict: "failed" });
  });

  test.each(["", "{", "[]", "null", "1", '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'])(
    "the bundle %j",
    async (text) => {
      expect(await check(text)).toMatchObject({ verdict: "failed" });
    },
  );
});

test("fields that do not fit are named", () => {
  const verifier = attestationVerifier({ root, fetcher: guardedFetcher() });
  const faults = verifier.check(
    wants("attestation", { issuer: "", identity: 1, subjectSha256: "x", signer: "y" }),
  );
  const fields = ["identity", "issuer", "predicateType", "signer", "subjectSha256"];
  expect(faults.map((fault) => fault.field).toSorted()).toEqual(fields);
});
