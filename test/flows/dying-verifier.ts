// A process that takes a proof up to verify it and never comes to a verdict: it is there to be killed.
import { proofPool } from "../../src/jobs/verify-proofs.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { readJob } from "../race/processes.ts";
import { openTestHouse } from "../support/house.ts";

const { url, startAt } = readJob() as { readonly url: string; readonly startAt: number };
const endless: Verifier = {
  kind: "command",
  check: () => [],
  matches: () => true,
  verify() {
    process.stdout.write("verifying\n");
    return new Promise(() => undefined);
  },
};
const { house } = await openTestHouse({ url, startAt, verifiers: [endless] });
await proofPool(house, new AbortController().signal).run();
// Keeps the process alive as a verifier's socket would.
setInterval(() => undefined, 60_000);
