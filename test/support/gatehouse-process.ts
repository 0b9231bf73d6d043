// `gatehouse` as users run it: a process of its own, in a folder of its own, with nothing of our environment.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../src/main.ts");

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface GatehouseProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The address of `serve`, when it printed that it is ready; rejects where it ended before. */
  ready(): Promise<string>;
}

const running = new Set<ChildProcess>();

/** Ends what a test started and, because it failed, did not end itself. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export function startGatehouse(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): GatehouseProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = once(child, "close").then(([status]) => ({ status: status as number | null, out, err }));
  return {
    child,
    ended,
    async ready() {
      const told = (async () => {
        for (;;) {
          const url = /^Gatehouse is ready at (http:\S+)$/m.exec(out)?.[1];
          if (url !== undefined) return url;
          await once(child.stdout, "data");
        }
      })();
      const over = ended.then(({ status, err: said }) => {
        throw new Error(`it ended with ${status} before it was ready: ${said}`);
      });
      return Promise.race([told, over]);
    },
  };
}

export function runGatehouse(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return startGatehouse(args, options).ended;
}
