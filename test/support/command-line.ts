// The command line in this process, on a house of the test's own: everything but the process itself is real.
import { readFile } from "node:fs/promises";
import type { House } from "../../src/commands/house.ts";
import type { CliHost, ExitStatus } from "../../src/doors/cli/cli.ts";
import { runCli } from "../../src/doors/cli/run.ts";

export interface Ran {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
  /** What was printed as JSON; throws where it is not JSON. */
  readonly json: any;
}

/** Runs a command line, such as `["task", "list"]`. `host` replaces parts of the host. */
export async function runHere(
  house: House,
  args: readonly string[],
  host: Partial<CliHost> = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const status = await runCli(args, {
    version: "0.0.0-test",
    user: "tess",
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      drained: () => Promise.resolve(),
      errIsTty: false,
    },
    open: () => Promise.resolve({ house, close: () => Promise.resolve() }),
    serve: () => Promise.reject(new Error("this command line serves nothing")),
    diagnose: () => Promise.reject(new Error("this command line has no doctor")),
    readFile: (path) => readFile(path),
    writeNewFile: () => Promise.reject(new Error("this command line writes no files")),
    addToFile: () => Promise.reject(new Error("this command line writes no files")),
    person: null,
    publicUrl: () => undefined,
    slackManifest: () => {
      throw new Error("this command line knows no Slack");
    },
    discordInvite: () => Promise.reject(new Error("this command line knows no Discord")),
    ...host,
  });
  return {
    status,
    out,
    err,
    get json() {
      return JSON.parse(out) as unknown;
    },
  };
}
