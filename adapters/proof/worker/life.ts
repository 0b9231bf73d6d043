import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { Socket } from "node:net";
import { constants, getPriority, setPriority } from "node:os";
import type { Verdict } from "../../../src/core/proof.ts";
import type { ProofUnderTest } from "../../../src/ports/verifier.ts";
import { killGroup } from "../run.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** How it ended, as a sentence for the log: by itself, by a signal, or silenced by us. */
export interface Death {
  readonly died: string;
}

export interface LifeOptions {
  readonly entry: URL;
  readonly settings: unknown;
  /** The heap it may have, in MiB: beyond that it ends, and the bot does not. */
  readonly heapMb: number;
  /** While it is asked something it must show a sign of life this often, in milliseconds. */
  readonly silenceMs: number;
  readonly ended: (death: Death) => void;
}

/** What is kept of its last words: an out-of-memory report is some kilobytes long. */
const LAST_WORDS = 4096;
/** It loads what it needs before it first speaks: it may be silent for so many times as long as later. */
const STARTS_FOR = 16;
/** Its end is told before its last words have come through; nobody else holds that pipe. */
const LAST_WORDS_MS = 200;
/** After the connection is closed it has so long to end its commands, in milliseconds. */
const GOODBYE_MS = 500;

const CALLED_OFF: Verdict = { verdict: "inconclusive", reason: "The check was called off." };

/** One life of the process that looks at proofs, from its start to its end. */
export class Life {
  readonly #child: ChildProcess;
  readonly #options: LifeOptions;
  readonly #asked = new Map<number, (answer: Verdict | Death) => void>();
  /** Process groups of commands under way: who killed it could not know of them. */
  readonly #groups = new Set<number>();
  readonly #over: Promise<unknown>;
  #count = 0;
  #lastWords = "";
  #hung = false;
  #dead = false;
  /** How many times in a row it was asked for a sign of life and gave none. */
  #silent = 0;
  #spoke = false;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: LifeOptions) {
    this.#options = options;
    // Its own flags only: what a bot is debugged or profiled with is not for its children. One thread to help it collect
    // and compile: four make more work at once than there is room for beside the bot.
    const execArgv = [
      `--max-old-space-size=${options.heapMb}`,
      "--max-semi-space-size=4",
      "--v8-pool-size=1",
    ];
    const child = fork(options.entry, { execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child = child;
    // Not "close": that never comes where the connection was closed from this side.
    this.#over = once(child, "exit").catch(() => undefined);
    child.on("message", (message: FromWorker) => this.#hear(message));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    if (child.stderr instanceof Socket) child.stderr.unref();
    child.on("error", (error) => this.#end(error.message));
    child.on("exit", (status, signal) => {
      const end = (): void => {
        clearTimeout(late);
        this.#end(this.#hung ? "it hung" : (signal ?? `exit status ${status}`));
      };
      const late = setTimeout(end, LAST_WORDS_MS);
      child.stderr?.once("close", end);
      if (child.stderr?.closed !== false) end();
    });
    this.#tell({ settings: options.settings });
    this.#rest();
  }

  /** The verdict; or how it died before it had one. */
  ask(proof: ProofUnderTest, signal: AbortSignal): Promise<Verdict | Death> {
    return new Promise((resolve) => {
      this.#count += 1;
      const ask = this.#count;
      const calledOff = (): void => {
        this.#tell({ callOff: ask });
        this.#asked.get(ask)?.(CALLED_OFF);
      };
      this.#asked.set(ask, (answer) => {
        signal.removeEventListener("abort", calledOff);
        this.#asked.delete(ask);
        if (this.#asked.size === 0) this.#rest();
        resolve(answer);
      });
      if (this.#asked.size === 1) this.#work();
      this.#tell({ ask, proof });
      signal.addEventListener("abort", calledOff, { once: true });
      if (signal.aborted) calledOff();
    });
  }

  /** Waits for nothing that it was asked: what it still answers is not heard. */
  callOff(): void {
    for (const tell of this.#asked.values()) tell(CALLED_OFF);
  }

  /** Ends it, whatever it is doing. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), GOODBYE_MS);
    this.#child.ref();
    await this.#over;
    clearTimeout(late);
  }

  #tell(message: ToWorker): void {
    // What cannot be said any more is answered by its end.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #hear(message: FromWorker): void {
    this.#silent = 0;
    // Not from its start: where the processor is short, loading what it needs would take many times as long.
    if (!this.#spoke) standBack(this.#child.pid);
    this.#spoke = true;
    if ("answer" in message) this.#asked.get(message.answer)?.(message.verdict);
    else if ("began" in message) this.#began(message.began);
    else if ("ended" in message) this.#groups.delete(message.ended);
  }

  #began(group: number): void {
    this.#groups.add(group);
    // Its end may be heard before the last that it said.
    if (this.#dead) killGroup(group);
  }

  /** While it is asked nothing it does not keep the bot from ending. */
  #rest(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #work(): void {
    this.#child.ref();
    this.#child.channel?.ref();
    this.#silent = 0;
    this.#watch = setInterval(() => this.#lookAfter(), this.#options.silenceMs);
  }

  #lookAfter(): void {
    if (this.#silent >= (this.#spoke ? 1 : STARTS_FOR)) {
      this.#hung = true;
      this.#child.kill("SIGKILL");
      return;
    }
    this.#silent += 1;
    this.#tell({ ping: true });
  }

  #end(how: string): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const group of this.#groups) killGroup(group);
    this.#groups.clear();
    const words = this.#lastWords.trim();
    const death = { died: words === "" ? how : `${how}: ${words}` };
    for (const tell of this.#asked.values()) tell(death);
    this.#rest();
    this.#options.ended(death);
  }
}

/**
 * Where there is not enough processor for both, the bot's heartbeats go before what looks at proofs and the commands it
 * runs, which have minutes. Alone on a machine it is as fast as ever.
 */
function standBack(pid: number | undefined): void {
  if (pid === undefined) return;
  const priority = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
  for (const thread of [pid, ...helpersOf(pid)]) {
    try {
      setPriority(thread, priority);
    } catch {
      // It is gone already, or the system does not let anybody: then it looks at proofs all the same.
    }
  }
}

/** Linux keeps a priority for each thread: those that collect and compile were there before, and began with the bot's. */
function helpersOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
