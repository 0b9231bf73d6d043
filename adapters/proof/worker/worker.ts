import type { Verdict } from "../../../src/core/proof.ts";
import type { ProofUnderTest, Verifier } from "../../../src/ports/verifier.ts";
import { inconclusive } from "../define.ts";
import { type Death, Life } from "./life.ts";

/** A process that looked at proofs and ended without being told to. */
export interface WorkerDeath {
  /** How, with its last words where it had any. */
  readonly died: string;
  /** How many proofs it was looking at: each is asked again. */
  readonly lost: number;
  /** The next one starts after so many milliseconds, once it is needed. */
  readonly restartMs: number;
}

export interface WorkerOptions {
  /** What `outsideVerifiers` takes; only plain data crosses. */
  readonly settings: unknown;
  readonly report: (death: WorkerDeath) => void;
  /** The module that calls `serveVerifiers`; tests hand in one that misbehaves. */
  readonly entry?: URL;
  readonly heapMb?: number;
  readonly silenceMs?: number;
  readonly idleMs?: number;
  readonly restartMs?: number;
}

export interface ProofWorker {
  /** Never rejects: a process that dies makes what it was looking at inconclusive. */
  verify(proof: ProofUnderTest, signal: AbortSignal): Promise<Verdict>;
  /** Ends its processes. What is under way is inconclusive. */
  close(): Promise<void>;
}

/** Enough for sixty-four answers of the largest size that is read, parsed side by side. */
const HEAP_MB = 512;
const SILENCE_MS = 15_000;
/** With nothing to do for so long it gives its memory back; starting anew takes about half a second. */
const IDLE_MS = 300_000;
const RESTART_MS = 250;
const RESTART_MAX_MS = 30_000;
/** So many proofs at the most are remembered to have been there when a process died. */
const SUSPECTS = 1000;

/** Compiled or not, it stands beside this file under the same extension. */
const ENTRY = new URL(`./entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/**
 * Looks at proofs in a process of its own, started when the first one comes. What was being looked at when it died is
 * looked at next in another process, one at a time: one proof that kills whoever reads it takes the others with it once,
 * and then only itself.
 */
export function proofWorker(options: WorkerOptions): ProofWorker {
  const shared = new Lane(options);
  const alone = new Lane(options);
  const suspects = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  const judgeAlone = (proof: ProofUnderTest, signal: AbortSignal): Promise<Verdict | Death> => {
    const before = last;
    const judged = (async () => {
      await before;
      return alone.ask(proof, signal);
    })();
    last = judged;
    return judged;
  };

  return {
    async verify(proof, signal) {
      const name = `${proof.attempt.id}/${proof.requirement.name}`;
      const suspect = suspects.has(name);
      const answer = suspect ? await judgeAlone(proof, signal) : await shared.ask(proof, signal);
      if (!("died" in answer)) {
        if (answer.verdict !== "inconclusive") suspects.delete(name);
        return answer;
      }
      if (suspects.size < SUSPECTS) suspects.add(name);
      return inconclusive("The process that looked at it ended before it had a verdict.");
    },
    async close() {
      await Promise.all([shared.close(), alone.close()]);
    },
  };
}

/** One process after another, each started when it is needed. */
class Lane {
  readonly #options: WorkerOptions;
  #life: Life | null = null;
  #underWay = 0;
  /** Deaths in a row without a verdict in between. */
  #deaths = 0;
  #startAt = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #closed = new AbortController();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async ask(proof: ProofUnderTest, signal: AbortSignal): Promise<Verdict | Death> {
    clearTimeout(this.#idle);
    this.#underWay += 1;
    try {
      while (this.#life === null && performance.now() < this.#startAt) {
        await pause(this.#startAt, AbortSignal.any([signal, this.#closed.signal]));
      }
      if (signal.aborted || this.#closed.signal.aborted) return inconclusive("The check was called off.");
      this.#life ??= this.#start();
      const answer = await this.#life.ask(proof, signal);
      if (!("died" in answer)) this.#deaths = 0;
      return answer;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#restLater();
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#life?.callOff();
    clearTimeout(this.#idle);
    await this.#stop();
  }

  #start(): Life {
    const { settings, report, entry = ENTRY, heapMb = HEAP_MB, silenceMs = SILENCE_MS } = this.#options;
    const life: Life = new Life({
      entry,
      settings,
      heapMb,
      silenceMs,
      ended: ({ died }) => {
        if (this.#life !== life) return;
        this.#life = null;
        this.#deaths += 1;
        const { restartMs: first = RESTART_MS } = this.#options;
        const restartMs = Math.min(first * 2 ** Math.min(this.#deaths - 1, 20), RESTART_MAX_MS);
        this.#startAt = performance.now() + restartMs;
        report({ died, lost: this.#underWay, restartMs });
      },
    });
    return life;
  }

  #restLater(): void {
    this.#idle = setTimeout(() => void this.#stop(), this.#options.idleMs ?? IDLE_MS);
    this.#idle.unref();
  }

  async #stop(): Promise<void> {
    const life = this.#life;
    // Forgotten first: what ends because it was told to is not reported.
    this.#life = null;
    await life?.close();
  }
}

/** The same verifiers, except that they look in the worker. Whether a link fits is asked where they are. */
export function inWorker(verifiers: readonly Verifier[], worker: ProofWorker): readonly Verifier[] {
  return verifiers.map((verifier) => ({
    ...verifier,
    verify: (proof, signal) => worker.verify(proof, signal),
  }));
}

/** Until that moment of `performance.now()`, or until called off. */
function pause(until: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, until - performance.now()));
    signal.addEventListener("abort", end, { once: true });
  });
}
