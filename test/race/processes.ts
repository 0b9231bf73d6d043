// Real processes for tests: started with this Node on a file of ours, heard line by line, ended by their own id.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Worker {
  readonly child: ChildProcess;
  /** Each line of its standard output, as it comes; ends with the process. */
  readonly lines: () => AsyncIterable<string>;
  /** How it ended; what it said on standard error is in the message where it ended by itself and badly. */
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly complaint: () => string;
}

/** `temporary`: where it puts its temporary folders, for one that is to be killed and cannot tidy up. */
export function startWorker(file: string, job: object, temporary?: string): Worker {
  const child = spawn(process.execPath, [file, JSON.stringify(job)], {
    stdio: ["pipe", "pipe", "pipe"],
    env: temporary === undefined ? process.env : { ...process.env, TMPDIR: temporary },
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  return {
    child,
    // Made when it is asked for: lines that come before somebody listens to it would be gone.
    lines: () => createInterface({ input: child.stdout }),
    ended: once(child, "close").then(([status, signal]) => ({
      status: status as number | null,
      signal: signal as NodeJS.Signals | null,
    })),
    complaint: () => complaint,
  };
}

/** What a worker reports with its last line. Throws its complaint where it ended badly. */
export async function reportOf<T>(worker: Worker): Promise<T> {
  let last = "";
  for await (const line of worker.lines()) last = line;
  const { status, signal } = await worker.ended;
  if (status !== 0) throw new Error(`a worker ended with ${status ?? signal}: ${worker.complaint()}`);
  return JSON.parse(last) as T;
}

/** In the worker: what it was told to do. */
export function readJob(): unknown {
  return JSON.parse(process.argv[2] ?? "{}");
}
