import { createHash, generateKeyPairSync } from "node:crypto";
import { bundleToJSON } from "@sigstore/bundle";
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from "@sigstore/mock";
import type { TrustedRoot } from "@sigstore/protobuf-specs";
import { HashAlgorithm, PublicKeyDetails } from "@sigstore/protobuf-specs";
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } from "@sigstore/sign";
import { serve } from "./peers.ts";

/**
 * A Sigstore of our own: certificate authority, certificate log, transparency log and time-stamp authority with fresh
 * keys, spoken to over loopback by Sigstore's own signing client. Everything is signed for real; only the
 * people behind it are made up. `clock` stops its time; its certificates are valid from now for a year.
 */
export async function makeSigstore(clock?: Date, options: { readonly logsCertificates?: boolean } = {}) {
  const keys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ctlog = await initializeCTLog(keys(), clock);
  const ca = await initializeCA(
    generateKeyPairSync("ec", { namedCurve: "P-384" }),
    options.logsCertificates === false ? undefined : ctlog,
    clock,
  );
  const tlog = await initializeTLog("https://rekor.sigstore.dev", keys(), clock);
  // A whole second: a fraction with fewer than three digits, which the mock may write, is no time to Sigstore's parser. Five
  // minutes ahead, so that no certificate is younger than a stamp on what it signed.
  const stampedAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 300_000);
  const tsa = await initializeTSA(keys(), clock ?? stampedAt);
  const handlers = [fulcioHandler(ca), rekorHandler(tlog), tsaHandler(tsa, { strict: true })];
  const peer = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    const answerIt = async () => {
      const handler = handlers.find((one) => one.path === request.url);
      const answer = await handler?.fn(Buffer.concat(chunks).toString("binary"));
      const headers = answer?.contentType === undefined ? {} : { "content-type": answer.contentType };
      response.writeHead(answer?.statusCode ?? 404, headers).end(answer?.response);
    };
    request.on("end", () => void answerIt());
  });

  const validFor = { start: new Date(0), end: undefined };
  const log = (baseUrl: string, publicKey: Buffer) => ({
    baseUrl,
    logId: { keyId: createHash("sha256").update(publicKey).digest() },
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: { rawBytes: publicKey, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
    checkpointKeyId: undefined,
    operator: "",
  });
  const authority = (...certificates: Uint8Array[]) => ({
    subject: { commonName: "sigstore", organization: "sigstore.mock" },
    uri: "",
    certChain: { certificates: certificates.map((rawBytes) => ({ rawBytes: Buffer.from(rawBytes) })) },
    validFor,
    operator: "",
  });
  const bytes = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const root: TrustedRoot = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    certificateAuthorities: [authority(bytes(ca.rootCertificate))],
    timestampAuthorities: [authority(bytes(tsa.intCertificate), bytes(tsa.rootCertificate))],
    tlogs: [log("https://rekor.sigstore.dev", tlog.publicKey)],
    ctlogs: [log("https://ctfe.sigstore.dev", ctlog.publicKey)],
  };

  const token = (identity: string, issuer: string) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none" })}.${part({ sub: identity, iss: issuer })}.x`;
  };

  /** Signs a payload as somebody, the way `gh attestation` and `npm publish --provenance` do. */
  async function attest(
    identity: string,
    issuer: string,
    payload: object | string,
    options: AttestOptions = {},
  ) {
    const network = { timeout: 5_000, retry: { retries: 0 } };
    const builder = new DSSEBundleBuilder({
      signer: new FulcioSigner({
        identityProvider: { getToken: () => Promise.resolve(token(identity, issuer)) },
        fulcioBaseURL: peer.origin,
        ...network,
      }),
      witnesses: [
        ...(options.log === false
          ? []
          : [new RekorWitness({ rekorBaseURL: peer.origin, entryType: "intoto", ...network })]),
        ...(options.stamp === true ? [new TSAWitness({ tsaBaseURL: peer.origin, ...network })] : []),
      ],
    });
    const data = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
    const type = options.type ?? "application/vnd.in-toto+json";
    return bundleToJSON(await builder.create({ data, type }));
  }

  return { root, attest };
}

export interface AttestOptions {
  readonly type?: string;
  readonly log?: boolean;
  readonly stamp?: boolean;
}
