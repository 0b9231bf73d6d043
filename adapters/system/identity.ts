import { hash, randomBytes } from "node:crypto";
import type { Identity } from "../../src/ports/clock.ts";

/** Ids and secrets from the system's own source of randomness, in base64url. */
export const systemIdentity: Identity = {
  id: () => randomBytes(16).toString("base64url"),
  secret: () => randomBytes(32).toString("base64url"),
  sha256: (text) => hash("sha256", text, "hex"),
};
