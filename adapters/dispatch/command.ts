import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Dispatcher } from "../../src/ports/dispatcher.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { defineDispatcher } from "./define.ts";

export interface CommandSettings {
  /** Each offer's program runs in a folder of its own below this. */
  readonly root: string;
  /** Where programs are looked for: the PATH of whoever started the bot. */
  readonly searchPath?: string | undefined;
}

const TIMEOUT_SECONDS = 60;
/** What a program says is kept so far, for the record of what went wrong. */
const KEPT_BYTES = 2000;

/**
 * `command`: starts a program without a shell, the offer as JSON on its standard input. It hands the offer on and ends: 0
 * says that it did, anything else is tried again. At the time limit its whole process group is killed, so what is to
 * live longer leaves the group (`setsid`).
 */
export function commandDispatcher({ root, searchPath }: CommandSettings): Dispatcher {
  return defineDispatcher({
    kind: "command",
    fields: {
      argv: z
        .array(
          z
            .string()
            .min(1)
            .max(4000)
            .regex(/^[^\0]*$/u),
        )
        .min(1)
        .max(100),
      timeoutSeconds: z.int().min(1).max(3600).optional(),
    },
    async send({ argv, timeoutSeconds = TIMEOUT_SECONDS }, { id, payload }, signal) {
      const cwd = join(root, id);
      await mkdir(cwd, { recursive: true });
      await run({
        argv,
        cwd,
        timeoutMs: timeoutSeconds * 1000,
        input: JSON.stringify(payload),
        signal,
        searchPath,
      });
    },
  });
}

interface Run {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly input: string;
  readonly signal: AbortSignal;
  readonly searchPath: string | undefined;
}

/** Resolves where the program ended with 0; else rejects with a Trouble that says how it ended. */
function run({ argv, cwd, timeoutMs, input, signal, searchPath }: Run): Promise<void> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const env = searchPath === undefined ? {} : { PATH: searchPath };
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    let stopped: string | null = null;
    const kill = (why: string): void => {
      stopped ??= why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // Nobody of the group is left.
      }
    };
    const timer = setTimeout(() => kill(`took longer than ${timeoutMs / 1000} s`), timeoutMs);
    const callOff = (): void => kill("was called off");
    signal.addEventListener("abort", callOff, { once: true });
    if (signal.aborted) callOff();
    const end = (trouble: Trouble | null): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", callOff);
      if (trouble === null) resolve();
      else reject(trouble);
    };
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < KEPT_BYTES) said += chunk.toString("utf8").slice(0, KEPT_BYTES - said.length);
    });
    // A program that does not read its input is free to.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined)
        end(new Trouble("rejected", `${program} did not start: ${error.code ?? error.message}`));
    });
    child.on("exit", (code, killedBy) => {
      child.stderr.destroy();
      if (code === 0 && stopped === null) return end(null);
      const how = stopped ?? (killedBy === null ? `ended with ${code}` : `was ended by ${killedBy}`);
      end(new Trouble("unreachable", `${program} ${how}${said.trim() === "" ? "" : `: ${said.trim()}`}`));
    });
  });
}
