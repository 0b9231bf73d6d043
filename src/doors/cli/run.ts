import { Command, CommanderError } from "commander";
import { WrongConfig } from "../../config.ts";
import { Trouble } from "../../ports/trouble.ts";
import { verbGroups } from "./all.ts";
import { type Cli, type CliHost, type ExitStatus, WrongUsage } from "./cli.ts";

/** Runs one command line, without the program's name, to its exit status. Never throws for what a user can cause. */
export async function runCli(args: readonly string[], host: CliHost): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const cli: Cli = {
    host,
    caller: { actor: `person:cli:${host.user}` },
    end: (ended) => {
      status = ended;
    },
    async inHouse(work) {
      const { house, close } = await host.open();
      try {
        status = await work(house);
      } finally {
        await close();
      }
    },
  };
  try {
    await programOf(cli).parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    return explain(error, host);
  }
}

function programOf(cli: Cli): Command {
  const { terminal, version } = cli.host;
  const program = new Command("gatehouse")
    .description("The honest work queue for autonomous agents: nothing is done before its proof was checked.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help on a command")
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError("Add --help to see what it takes.")
    // An option of a verb may bear the name of one of the program's: --version of an edit is the task's.
    .enablePositionalOptions()
    .exitOverride();
  for (const group of verbGroups) group(program, cli);
  return program;
}

function explain(error: unknown, { terminal }: CliHost): ExitStatus {
  if (error instanceof CommanderError) {
    // Help that was asked for is an answer; help that is shown because no verb was given is not.
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof WrongUsage) {
    terminal.err(`error: ${error.message}\n`);
    return 2;
  }
  if (error instanceof WrongConfig) {
    terminal.err(`The configuration does not fit:\n${error.message.replaceAll(/^/gm, "  ")}\n`);
    return 2;
  }
  if (error instanceof Trouble) {
    terminal.err(`${error.message}\n`);
    return 3;
  }
  throw error;
}
