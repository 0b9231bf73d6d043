import type { Readable, Writable } from "node:stream";
import type { Command } from "commander";
import type { Diagnosis } from "../../commands/diagnose.ts";
import type { Caller, House } from "../../commands/house.ts";

/** 0 well; 1 findings or a refusal; 2 wrong usage; 3 something needed cannot be reached. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** Where answers and messages go. Answers go to `out` alone, so that a pipe gets nothing else. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Resolves when `out` can take more: what is printed without end waits for it. */
  readonly drained: () => Promise<void>;
  readonly errIsTty: boolean;
}

/** What the command line needs of the world; main wires it, a test brings its own. */
export interface CliHost {
  readonly terminal: Terminal;
  readonly version: string;
  /** The name of the operating system's user: it stands on every event this user causes. */
  readonly user: string;
  /** Throws WrongConfig, or Trouble where the database cannot be used. */
  open(): Promise<{ readonly house: House; readonly close: () => Promise<void> }>;
  /** Runs the bot until it is told to stop. `ready` is called once, with its address, when it listens. */
  serve(ready: (url: string) => void): Promise<void>;
  diagnose(): Promise<Diagnosis>;
  readFile(path: string): Promise<Uint8Array>;
  /** Writes a new file only its owner may read; false where there is one already. */
  writeNewFile(path: string, text: string): Promise<boolean>;
  /** Adds to the end of a file that is there, and lets only its owner read it from then on. */
  addToFile(path: string, text: string): Promise<void>;
  /** Where people answer questions; null where nobody sits at a terminal. */
  readonly person: { readonly input: Readable; readonly output: Writable } | null;
  /** The bot's address from outside, where the configuration has one. */
  publicUrl(): string | undefined;
  /** The app for Slack's settings. `address` null: connected by Socket Mode. */
  slackManifest(options: { readonly history: boolean; readonly address: string | null }): Promise<object>;
  /** The link that lets the bot into a Discord server. Throws Trouble where Discord does not tell whose bot it is. */
  discordInvite(): Promise<string>;
}

/** What a verb's action works with. */
export interface Cli {
  readonly host: CliHost;
  readonly caller: Caller;
  /** The status of the run is that of its one action. */
  end(status: ExitStatus): void;
  /** Opens the house for one piece of work and closes it afterwards, whatever happens. */
  inHouse(work: (house: House) => Promise<ExitStatus>): Promise<void>;
}

/** One group of verbs: a file here and a line in `all.ts`. */
export type VerbGroup = (program: Command, cli: Cli) => void;

/** The command line itself was wrong, in a way only its action could see. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}
