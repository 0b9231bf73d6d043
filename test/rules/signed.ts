// Rules of the kind attestation.

import { type AttestOptions, makeSigstore } from "../proof/support/sigstore.ts";
import { DIGEST, IDENTITY, ISSUER, PREDICATE, type World } from "../proof/support/world.ts";
import { all, claims, inFile, links, rulesOf, type Spoil, wants } from "./rule.ts";

const attestation = inFile("attestation.ts");
const local = inFile("local-file.ts");

/** The bundle below the root, changed by hand; its signatures stay as they were. */
const tampered = (change: (bundle: any) => void): Spoil => {
  return async (_, world) => {
    const bundle = await world.sigstore.attest(IDENTITY, ISSUER, world.statement);
    change(bundle);
    world.put("bundle.json", JSON.stringify(bundle));
  };
};
/** Another bundle, signed as it should be. */
const signed = (
  payload: (world: World) => object | string,
  {
    identity = IDENTITY,
    issuer = ISSUER,
    ...options
  }: AttestOptions & { identity?: string; issuer?: string } = {},
): Spoil => {
  return async (_, world) => {
    const bundle = await world.sigstore.attest(identity, issuer, payload(world), options);
    world.put("bundle.json", JSON.stringify(bundle));
  };
};
const flip = (holder: any, key: string) => {
  const bytes = Buffer.from(holder[key], "base64");
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  holder[key] = bytes.toString("base64");
};
/** One byte of the certificate with other bits. */
const bitOf = (at: (bytes: Buffer) => number, bits: number) =>
  tampered(({ verificationMaterial: { certificate } }) => {
    const bytes = Buffer.from(certificate.rawBytes, "base64");
    bytes.writeUInt8(bytes.readUInt8(at(bytes)) ^ bits, at(bytes));
    certificate.rawBytes = bytes.toString("base64");
  });
const entry = (bundle: any) => bundle.verificationMaterial.tlogEntries[0];
const almost = (text: string) => [`${text}x`, text.slice(0, -1), text.toUpperCase(), ` ${text}`];

/** Who signed is then taken from the certificate as it lies there, and nothing is verified. */
const BELIEVED = attestation(
  "new SignatureVerifier(toTrustMaterial(root), THRESHOLDS).verify(entity)",
  `{ identity: { subjectAlternativeName: ${JSON.stringify(IDENTITY)}, extensions: { issuer: ${JSON.stringify(ISSUER)} } } }`,
);
const PLAIN = attestation("if (!isPlainlyIssued(bundle, root))", "if (false)");

export const attestationRules = rulesOf("attestation", [
  [
    "the link's scheme",
    /linked as file:/,
    [local('if (!uri.startsWith("file:")) return null;')],
    ...["path:bundle.json", "data:bundle.json", "FILE:bundle.json"].map(links),
  ],
  [
    "the signature and the logs",
    /does not verify/,
    [BELIEVED, PLAIN],
    tampered((b) => flip(b.dsseEnvelope.signatures[0], "sig")),
    tampered((b) => {
      const said = Buffer.from(b.dsseEnvelope.payload, "base64").toString();
      b.dsseEnvelope.payload = Buffer.from(said.replace('"predicate":{}', '"predicate":{"x":1}')).toString(
        "base64",
      );
    }),
    tampered((b) => flip(entry(b), "canonicalizedBody")),
    tampered((b) => flip(entry(b).inclusionPromise, "signedEntryTimestamp")),
    tampered((b) => flip(entry(b).logId, "keyId")),
    tampered((b) => (entry(b).integratedTime = String(Number(entry(b).integratedTime) + 60))),
    tampered((b) => (entry(b).logIndex = "1")),
  ],
  [
    "a log entry",
    /does not verify/,
    [attestation("{ tlogThreshold: 1", "{ tlogThreshold: 0")],
    signed(({ statement }) => statement, { log: false, stamp: true }),
  ],
  [
    "a logged certificate",
    /does not verify: .*expected 1 SCTs/,
    [attestation("ctlogThreshold: 1", "ctlogThreshold: 0")],
    async (_, world) => {
      const careless = await makeSigstore(undefined, { logsCertificates: false });
      world.trust.root = careless.root;
      world.put("bundle.json", JSON.stringify(await careless.attest(IDENTITY, ISSUER, world.statement)));
    },
  ],
  [
    "somebody who signed",
    /does not verify/,
    [BELIEVED, PLAIN],
    async (_, world) => {
      const own = await makeSigstore();
      world.put("bundle.json", JSON.stringify(await own.attest(IDENTITY, ISSUER, world.statement)));
    },
  ],
  [
    "a certificate in its plain form",
    /not in its plain form/,
    [PLAIN],
    // The outermost tag, and how many bits of the signature are none: no signature covers them.
    ...[1, 2, 64].map((bits) => bitOf(() => 0, bits)),
    ...[1, 4, 128].map((bits) =>
      bitOf((bytes) => bytes.lastIndexOf(Buffer.from("06082a8648ce3d040303", "hex")) + 12, bits),
    ),
  ],
  [
    "an envelope of in-toto",
    /The envelope holds/,
    [attestation("if (payloadType !== IN_TOTO)", "if (false)")],
    ...["application/json", "application/vnd.in-toto", "text/plain"].map((type) =>
      signed(({ statement }) => statement, { type }),
    ),
  ],
  [
    "a statement of in-toto",
    /the statement is not in-toto's/,
    [
      attestation(
        "_type: z.string().regex(/^https:\\/\\/in-toto\\.io\\/Statement\\/v(0\\.1|1)$/)",
        "_type: z.string()",
      ),
    ],
    ...["https://in-toto.io/Statement/v2", "https://in-toto.example/Statement/v1", "Statement"].map((_type) =>
      signed(({ statement }) => ({ ...statement, _type })),
    ),
  ],
  [
    "issuer",
    /issuer is/,
    [
      attestation(
        '(["issuer", "identity", "predicateType"] as const)',
        '(["identity", "predicateType"] as const)',
      ),
    ],
    ...almost(ISSUER).map((issuer) => wants({ issuer })),
    signed(({ statement }) => statement, { issuer: "https://accounts.example.com" }),
  ],
  [
    "identity",
    /identity is/,
    [
      attestation(
        '(["issuer", "identity", "predicateType"] as const)',
        '(["issuer", "predicateType"] as const)',
      ),
    ],
    ...almost(IDENTITY).map((identity) => wants({ identity })),
    signed(({ statement }) => statement, { identity: `${IDENTITY}2` }),
    signed(({ statement }) => statement, { identity: IDENTITY.replace("acme", "acme2") }),
  ],
  [
    "predicateType",
    /predicateType is/,
    [attestation('(["issuer", "identity", "predicateType"] as const)', '(["issuer", "identity"] as const)')],
    ...almost(PREDICATE).map((predicateType) => wants({ predicateType })),
    signed(({ statement }) => ({ ...statement, predicateType: "https://spdx.dev/Document" })),
  ],
  [
    "a subject",
    /names no subject/,
    [attestation("if (subjects.length === 0)", "if (false)")],
    all(
      wants({ subjectSha256: undefined }),
      signed(({ statement }) => ({ ...statement, subject: [{ digest: { sha512: "1".repeat(128) } }] })),
    ),
  ],
  [
    "subjectSha256",
    /not about/,
    [attestation("wanted.subjectSha256 !== undefined && !subjects.includes(wanted.subjectSha256)", "false")],
    ...[`${DIGEST.slice(1)}2`, `2${DIGEST.slice(1)}`, "0".repeat(64)].map((subjectSha256) =>
      wants({ subjectSha256 }),
    ),
    signed(({ statement }) => ({ ...statement, subject: [{ digest: { sha256: "2".repeat(64) } }] })),
  ],
  [
    "age by the log",
    /signed before/,
    [attestation("if (!(signedAt + LOG_TICK_MS > claimedAt))", "if (false)")],
    ...[60_000, 86_400_000, 365 * 86_400_000].map(
      (later): Spoil =>
        (good, world) =>
          claims(Date.now() + later)(good, world),
    ),
  ],
]);
