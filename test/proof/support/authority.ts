import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

export interface Issued {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  readonly ca: string;
  issue(hostname: string, notAfter?: Date): Promise<Issued>;
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

/** A certificate authority that lives as long as the test, so that HTTPS is spoken for real and nothing is kept. */
export async function makeAuthority(now = Date.now()): Promise<Authority> {
  const keys = await newKeys();
  const name = "CN=Gatehouse test authority";
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    ca: root.toString("pem"),
    async issue(hostname, notAfter = new Date(now + DAY_MS)) {
      const own = await newKeys();
      const cert = await x509.X509CertificateGenerator.create({
        subject: `CN=${hostname}`,
        issuer: name,
        notBefore: new Date(now - DAY_MS),
        notAfter,
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: hostname }])],
      });
      const key = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
      const lines =
        Buffer.from(key)
          .toString("base64")
          .match(/.{1,64}/g) ?? [];
      const pem = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
      return { key: pem, cert: cert.toString("pem") };
    },
  };
}
