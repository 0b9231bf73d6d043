import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

/** Told of each process group that begins and ends, so that whoever outlives this process can end what it started. */
export interface Groups {
  /** Resolves once it is told: the program does not run before. Rejects where there is nobody to tell, and it never runs. */
  began(group: number): Promise<void>;
  ended(group: number): void;
}

export interface RunOptions {
  /** The program's name or path, which does not begin with a hyphen, and its words. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of each stream; what is beyond is drained and dropped, so that the program never waits for us. */
  readonly keepBytes: number;
  readonly signal: AbortSignal;
  readonly groups?: Groups | undefined;
}

export interface RunResult {
  readonly end: "exited" | "killed" | "timeout" | "aborted" | "not-started";
  readonly exit: number | null;
  /** The signal that ended it, or why it did not start. */
  readonly detail: string;
  readonly pid: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly stdoutCut: boolean;
}

/** How long output may trickle in after the program has ended: only something that left its group still holds the pipe. */
const LINGER_MS = 500;

/**
 * What is started first, as the program's own process: it waits for a line and then becomes the program. Where the line does
 * not come, because whoever would send it has died, it ends. The words are never read by the shell, only handed on. Where
 * `/bin/sh` is bash, SHLVL and _ are left in the program's environment; others leave nothing there.
 */
const WAITING = `read -r go || exit 1
unset go PWD OLDPWD SHLVL
exec "$@" </dev/null`;

class Kept {
  readonly #chunks: Buffer[] = [];
  readonly #max: number;
  #size = 0;
  cut = false;

  constructor(max: number) {
    this.#max = max;
  }

  add(chunk: Buffer): void {
    const room = this.#max - this.#size;
    if (chunk.length > room) this.cut = true;
    if (room <= 0) return;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(Buffer.from(part));
    this.#size += part.length;
  }

  all(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Ends everything a program started, not the program alone: it was made the leader of its own group. */
export function killGroup(group: number): void {
  // Zero would be our own.
  if (group <= 0) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

function startWaiting({ argv, cwd, env }: RunOptions, name: string) {
  return spawn("/bin/sh", ["-c", WAITING, name, ...argv], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Why what waited could not become the program; null where it did. Only the shell itself says its name before its word. */
function whyNotStarted(status: number | null, said: Buffer, name: string): string | null {
  if ((status !== 126 && status !== 127) || said.indexOf(name) !== 0) return null;
  return status === 127 ? "not found" : "not executable";
}

/**
 * Runs a program, its words read by no shell, and waits for its end. Never rejects: what went wrong is in the result.
 * Its whole process group is killed at the time limit, when called off, and once it has ended.
 */
export function runProgram(options: RunOptions): Promise<RunResult> {
  const stdout = new Kept(options.keepBytes);
  const stderr = new Kept(options.keepBytes);
  // No program can know it, so none can seem not to have started.
  const name = `waiting-${randomBytes(8).toString("hex")}`;
  const result = (end: RunResult["end"], exit: number | null, detail: string, pid: number): RunResult => ({
    end,
    exit,
    detail,
    pid,
    stdout: stdout.all(),
    stderr: stderr.all(),
    stdoutCut: stdout.cut,
  });
  return new Promise((resolve) => {
    let child: ReturnType<typeof startWaiting>;
    try {
      child = startWaiting(options, name);
    } catch (error) {
      resolve(result("not-started", null, error instanceof Error ? error.message : String(error), 0));
      return;
    }
    const pid = child.pid ?? 0;
    let stopped: "timeout" | "aborted" | null = null;
    const stop = (why: "timeout" | "aborted") => {
      stopped ??= why;
      killGroup(pid);
    };
    const onAbort = () => stop("aborted");
    const timer = setTimeout(() => stop("timeout"), options.timeoutMs);
    options.signal.addEventListener("abort", onAbort, { once: true });
    if (options.signal.aborted) onAbort();
    // Killed before it is told to go, it does not hear it.
    child.stdin.on("error", () => undefined);
    const go = () => child.stdin.end("\n");
    if (options.groups === undefined) go();
    else if (pid > 0) options.groups.began(pid).then(go, onAbort);
    child.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    let linger: NodeJS.Timeout | undefined;
    const settle = (value: RunResult) => {
      clearTimeout(timer);
      clearTimeout(linger);
      options.signal.removeEventListener("abort", onAbort);
      resolve(value);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) settle(result("not-started", null, error.code ?? error.message, 0));
    });
    child.on("exit", () => {
      clearTimeout(timer);
      killGroup(pid);
      options.groups?.ended(pid);
      linger = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, LINGER_MS);
    });
    child.on("close", (code, killedBy) => {
      if (pid === 0) return;
      const why = whyNotStarted(code, stderr.all(), name);
      const end = stopped ?? (killedBy === null ? "exited" : "killed");
      if (why === null) settle(result(end, code, killedBy ?? "", pid));
      else settle({ ...result("not-started", null, why, pid), stderr: Buffer.alloc(0) });
    });
  });
}
