import { X509Certificate } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { bundleFromJSON, isBundleWithDsseEnvelope } from "@sigstore/bundle";
import type { TrustedRoot } from "@sigstore/protobuf-specs";
import type { SignedEntity } from "@sigstore/verify";
import { Verifier as SignatureVerifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";
import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { sha256 } from "./answers.ts";
import { defineVerifier, failed, inconclusive, isVerdict, passed, sha256Field } from "./define.ts";
import { shown } from "./fetch/answer.ts";
import type { SourceSettings } from "./source.ts";
import { isSourceUri, readSource } from "./source.ts";

export interface AttestationSettings extends SourceSettings {
  /** Whom to trust. Without it, Sigstore's public instance, its root kept up to date by TUF. */
  readonly trustedRoot?: () => Promise<TrustedRoot>;
}

/** Loaded where it is needed: TUF is a fifth of what a whole bot keeps in memory, and few installations ask for it. */
async function publicRoot(): Promise<TrustedRoot> {
  const { getTrustedRoot } = await import("@sigstore/tuf");
  return getTrustedRoot();
}

/** One log entry, one certificate-log entry and one trusted time, as Sigstore's own clients ask. */
const THRESHOLDS = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };
const IN_TOTO = "application/vnd.in-toto+json";
/** Logs date their entries in whole seconds. */
const LOG_TICK_MS = 1_000;

const statement = z.object({
  _type: z.string().regex(/^https:\/\/in-toto\.io\/Statement\/v(0\.1|1)$/),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })).min(1),
  predicateType: z.string(),
});

interface Signed {
  readonly issuer: string;
  readonly identity: string;
  readonly predicateType: string;
  readonly subjects: readonly string[];
  readonly signedAt: number;
  readonly payloadSha256: string;
}

/**
 * `attestation`: a Sigstore bundle holding an in-toto statement, linked as `file:relative/path` or by URL.
 *
 * Holds when the signature, the certificate's chain, its log entry and the transparency log's entry verify against the
 * trusted root; the certificate's `issuer` and `identity` and the statement's `predicateType` are exactly the
 * policy's; `subjectSha256`, if given, is the digest of one of its subjects; and the trusted time of signing is not
 * before the claim. Nothing here matches by pattern: one character more or less is another signer.
 */
export function attestationVerifier(settings: AttestationSettings): Verifier {
  const trustedRoot = settings.trustedRoot ?? publicRoot;
  return defineVerifier({
    kind: "attestation",
    fields: {
      issuer: z.string().min(1),
      identity: z.string().min(1),
      predicateType: z.string().min(1),
      subjectSha256: sha256Field.optional(),
    },
    matches: (_, uri) => isSourceUri(uri),
    async verify(wanted, proof, signal) {
      if (!isSourceUri(proof.uri)) return failed("A bundle is linked as file:relative/path or by its URL.");
      // The log's own time decides how old it is; the file may have been copied at any time after.
      const source = await readSource(settings, { uri: proof.uri, claimedAt: 0, now: proof.now, signal });
      if (isVerdict(source)) return source;
      let root: TrustedRoot;
      try {
        root = await trustedRoot();
      } catch (error) {
        return inconclusive(
          `Sigstore's trusted root cannot be had: ${shown(String(error), 200)}`,
          {},
          60_000,
        );
      }
      const signed = readBundle(source.bytes, root);
      if (isVerdict(signed)) return signed;
      return judge(wanted, signed, proof.attempt.claimedAt);
    },
  });
}

function readBundle(bytes: Uint8Array, root: TrustedRoot): Signed | Verdict {
  try {
    const bundle: Bundle = bundleFromJSON(JSON.parse(Buffer.from(bytes).toString("utf8")));
    if (!isBundleWithDsseEnvelope(bundle))
      return failed("The bundle holds a bare signature, not an attestation.");
    const { payload, payloadType } = bundle.content.dsseEnvelope;
    if (payloadType !== IN_TOTO)
      return failed(`The envelope holds ${shown(payloadType, 80)}, not ${IN_TOTO}.`);
    const entity = toSignedEntity(bundle);
    const signer = new SignatureVerifier(toTrustMaterial(root), THRESHOLDS).verify(entity);
    const { subjectAltName, issuer } = {
      subjectAltName: signer.identity?.subjectAlternativeName,
      issuer: signer.identity?.extensions?.issuer,
    };
    if (subjectAltName === undefined || issuer === undefined) {
      return failed("The bundle is signed by a bare key: nobody stands behind it.");
    }
    if (!isPlainlyIssued(bundle, root)) return failed("The bundle's certificate is not in its plain form.");
    const said = statement.parse(JSON.parse(payload.toString("utf8")));
    return {
      issuer,
      identity: subjectAltName,
      predicateType: said.predicateType,
      subjects: said.subject.flatMap(({ digest }) => digest["sha256"] ?? []),
      signedAt: trustedTime(entity),
      payloadSha256: sha256(payload),
    };
  } catch (error) {
    // Whatever a bundle breaks in a parser, it is the bundle that is broken.
    const why = error instanceof z.ZodError ? "the statement is not in-toto's" : String(error);
    return failed(`The bundle does not verify: ${shown(why, 200)}`);
  }
}

/**
 * Sigstore's parser reads past some bits of a certificate that no signature covers. Here another reader must read the same
 * bytes and find them signed by an authority of the root, so that none can differ.
 */
function isPlainlyIssued({ verificationMaterial: { content } }: Bundle, root: TrustedRoot): boolean {
  const bytes =
    content.$case === "certificate"
      ? content.certificate.rawBytes
      : content.$case === "x509CertificateChain"
        ? content.x509CertificateChain.certificates[0]?.rawBytes
        : undefined;
  if (bytes === undefined) return false;
  const authorities = root.certificateAuthorities.flatMap(({ certChain }) => certChain?.certificates ?? []);
  try {
    const certificate = new X509Certificate(bytes);
    const signedBy = (issuer: Uint8Array) => certificate.verify(new X509Certificate(issuer).publicKey);
    return certificate.raw.equals(bytes) && authorities.some(({ rawBytes }) => signedBy(rawBytes));
  } catch {
    return false;
  }
}

/** The earliest time the verified logs and authorities vouch for. Call after the entity has verified. */
function trustedTime(entity: SignedEntity): number {
  const times = entity.timestamps.flatMap((stamp) => {
    if (stamp.$case === "timestamp-authority") return stamp.timestamp.signingTime.getTime();
    // Only a promise signs the time; without one it is whatever the bundle says.
    return stamp.tlogEntry.inclusionPromise === undefined
      ? []
      : Number(stamp.tlogEntry.integratedTime) * 1000;
  });
  return Math.min(...times);
}

function judge(
  wanted: { issuer: string; identity: string; predicateType: string; subjectSha256?: string | undefined },
  signed: Signed,
  claimedAt: number,
): Verdict {
  const { issuer, identity, predicateType, subjects, signedAt, payloadSha256 } = signed;
  const seen = {
    issuer: shown(issuer),
    identity: shown(identity),
    predicateType: shown(predicateType),
    subjects: subjects.slice(0, 20).map((digest) => shown(digest, 64)),
    signedAt,
    payloadSha256,
  };
  const differs = (["issuer", "identity", "predicateType"] as const).find(
    (field) => signed[field] !== wanted[field],
  );
  if (differs !== undefined) {
    return failed(
      `The attestation's ${differs} is ${shown(signed[differs])}; the policy wants ${wanted[differs]}.`,
      seen,
    );
  }
  if (subjects.length === 0) return failed("The attestation names no subject by its sha256.", seen);
  if (wanted.subjectSha256 !== undefined && !subjects.includes(wanted.subjectSha256)) {
    return failed(`The attestation is not about sha256 ${wanted.subjectSha256}.`, seen);
  }
  if (!(signedAt + LOG_TICK_MS > claimedAt)) {
    return failed("It was signed before the task was claimed, so it shows nothing of this attempt.", seen);
  }
  return passed(
    `${shown(identity, 120)} attested ${shown(predicateType, 80)}.`,
    `attestation:sigstore:sha256:${payloadSha256}`,
    seen,
  );
}
