import { createHash } from "node:crypto";
import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../../src/core/json.ts";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, inconclusive, passed } from "./define.ts";
import { shown } from "./fetch/answer.ts";
import { isPlainBelow, isRelativePath } from "./local-file.ts";
import type { Groups, RunResult } from "./run.ts";
import { runProgram } from "./run.ts";

export interface CommandSettings {
  /** GATEHOUSE_PROOF_ROOT: commands run there or in a folder below. */
  readonly root: string;
  /** PATH of the program; without it the folder of our own Node and the usual system folders. */
  readonly searchPath?: string;
  readonly timezone?: string;
  readonly now?: () => number;
  readonly groups?: Groups | undefined;
}

const KEEP_BYTES = 1_048_576;
const DEFAULT_TIMEOUT_SECONDS = 60;
const MAX_TIMEOUT_SECONDS = 600;

const argument = z.string().regex(/^[^\0]*$/, "text without NUL");

const firstWord = argument.regex(/^[^-]/, "a program's name or path");

const fields = {
  argv: z.tuple([firstWord], argument).refine((argv) => argv.length <= 256, "at most 256 words"),
  cwd: z
    .string()
    .refine((path) => path === "." || isRelativePath(path), "a relative path without dots")
    .optional(),
  timeoutSeconds: z.number().positive().max(MAX_TIMEOUT_SECONDS).optional(),
  exit: z.int().min(0).max(255).optional(),
  stdoutContains: z.string().min(1).optional(),
};

/**
 * `command`: the bot runs the policy's program itself; the link is `command:NAME` with the requirement's name.
 *
 * Holds when the program ends by itself in time with exit status `exit` (0 unless said) and, if the policy names
 * `stdoutContains`, the first MiB of its standard output holds that text. No shell; its own process group; an
 * environment of PATH, an empty HOME, LANG and TZ, nothing else; a working folder below the proof root.
 */
export function commandVerifier(settings: CommandSettings): Verifier {
  const now = settings.now ?? Date.now;
  const searchPath = settings.searchPath ?? `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
  return defineVerifier({
    kind: "command",
    fields,
    matches: (wanted, uri) => uri === `command:${wanted.name}`,
    async verify(wanted, proof, signal) {
      if (proof.uri !== `command:${wanted.name}`) {
        return failed(
          `This requirement is proved by command:${wanted.name}; the bot runs the command itself.`,
        );
      }
      const cwd = await workingFolder(settings.root, wanted.cwd);
      if (typeof cwd !== "string") return cwd;
      const home = await mkdtemp(join(tmpdir(), "gatehouse-home-"));
      try {
        const startedAt = now();
        const timeoutSeconds = wanted.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
        const run = await runProgram({
          argv: wanted.argv,
          cwd,
          env: { PATH: searchPath, HOME: home, LANG: "C.UTF-8", TZ: settings.timezone ?? "UTC" },
          timeoutMs: timeoutSeconds * 1000,
          keepBytes: KEEP_BYTES,
          signal,
          groups: settings.groups,
        });
        const tookMs = now() - startedAt;
        const identity = { argv: wanted.argv, startedAt, pid: run.pid, attempt: proof.attempt.id };
        const id = createHash("sha256").update(canonicalJson(identity)).digest("hex");
        return judge(wanted, run, { id, tookMs, timeoutSeconds });
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
  });
}

async function workingFolder(root: string, below: string | undefined): Promise<string | Verdict> {
  try {
    const real = await realpath(root);
    if (below === undefined || below === ".") return real;
    if (!(await isPlainBelow(real, below)))
      return failed(`The working folder ${below} leads through a link.`);
    const folder = join(real, below);
    if (!(await stat(folder)).isDirectory()) return failed(`The working folder ${below} is not a folder.`);
    return folder;
  } catch {
    return failed(`The working folder ${below ?? "(the proof root)"} does not exist.`);
  }
}

interface RunFacts {
  readonly id: string;
  readonly tookMs: number;
  readonly timeoutSeconds: number;
}

function tail(bytes: Buffer): string {
  return bytes
    .subarray(-400)
    .toString("utf8")
    .replace(/[^\P{C}\n\t]/gu, "\uFFFD");
}

function judge(
  wanted: { argv: readonly string[]; exit?: number | undefined; stdoutContains?: string | undefined },
  run: RunResult,
  facts: RunFacts,
): Verdict {
  const program = shown(wanted.argv[0] ?? "", 80);
  const seen = {
    run: facts.id,
    exit: run.exit,
    tookMs: facts.tookMs,
    stdoutSha256: createHash("sha256").update(run.stdout).digest("hex"),
    stdoutTail: tail(run.stdout),
    stderrTail: tail(run.stderr),
  };
  if (run.end === "not-started") {
    return failed(`${program} could not be started (${shown(run.detail, 80)}); the policy names it.`, seen);
  }
  if (run.end === "timeout") {
    return inconclusive(`${program} did not end within ${facts.timeoutSeconds} s and was stopped.`, seen);
  }
  if (run.end === "aborted") return inconclusive("The check was called off.", seen);
  if (run.end === "killed") return failed(`${program} was ended by ${run.detail}.`, seen);
  const exit = wanted.exit ?? 0;
  if (run.exit !== exit) return failed(`${program} ended with status ${run.exit}; ${exit} is wanted.`, seen);
  const text = wanted.stdoutContains;
  if (text !== undefined && !run.stdout.includes(text)) {
    const where = run.stdoutCut ? ` in the first ${KEEP_BYTES} bytes` : "";
    return failed(`${program} did not print ${JSON.stringify(shown(text, 80))}${where}.`, seen);
  }
  return passed(`${program} ended with status ${exit}.`, `command:local:${facts.id}`, seen);
}
