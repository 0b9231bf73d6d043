// The process that looks at proofs, with verifiers that do to it what a bad proof may.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandVerifier } from "../../../adapters/proof/command.ts";
import type { Groups } from "../../../adapters/proof/run.ts";
import { serveVerifiers } from "../../../adapters/proof/worker/serve.ts";
import type { Verdict } from "../../../src/core/proof.ts";
import type { Verifier } from "../../../src/ports/verifier.ts";

const kind = (name: string, verify: Verifier["verify"]): Verifier => ({
  kind: name,
  check: () => [],
  matches: () => true,
  verify,
});
const passed = (): Verdict => ({
  verdict: "passed",
  reason: "it holds",
  evidence: `test:${process.pid}`,
  seen: { pid: process.pid },
});

/** Kills this process where a command was started and nobody was told of it yet. */
const killedAtStart = (root: string): Groups => ({
  began(group) {
    writeFileSync(join(root, "group"), String(group));
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => undefined);
  },
  ended: () => undefined,
});

serveVerifiers(async (settings, groups) => {
  const { root, killed } = settings as { readonly root: string; readonly killed?: boolean };
  return [
    kind("good", async () => passed()),
    kind("called-off", (_, signal) => {
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ verdict: "failed", reason: "too late" }), {
          once: true,
        });
      });
    }),
    kind("ends", () => process.exit(3)),
    kind("hangs", () => {
      for (;;);
    }),
    kind("grows", async () => {
      const kept: object[] = [];
      for (let n = 0; ; n += 1) kept.push({ n, text: `${n}`.repeat(50) });
    }),
    commandVerifier({ root, groups: killed === true ? killedAtStart(root) : groups }),
  ];
});
