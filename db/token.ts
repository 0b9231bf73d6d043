import { randomBytes } from "node:crypto";

const process = randomBytes(12).toString("base64url");
let count = 0;

/** A new token for one write, unique among all processes: by it a doubtful answer is looked up afterwards. */
export function newToken(): string {
  count += 1;
  return `${process}.${count.toString(36)}`;
}
