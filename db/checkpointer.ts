import { Worker } from "node:worker_threads";

/** What is left to move when the thread begins: enough that its two waits for the disk are worth it. In pages of 4 KiB. */
const MOVE_PAGES = 2_000;
/**
 * A log that is always being written to is never moved to its end, so it never begins anew. Beyond so many pages its
 * writers are held while the rest is moved, which is little.
 */
const HOLD_PAGES = 8_000;
/** Before anything is known of how many pages a batch takes. */
const FIRST_BATCHES = 100;
const MIN_BATCHES = 4;
const MAX_BATCHES = 1_000;

const ENTRY = new URL(
  `./checkpoint-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/** Of the pages in the log, how many stand in the database file too. */
export interface Moved {
  readonly log: number;
  readonly checkpointed: number;
}

export interface CheckpointerOptions {
  readonly path: string;
  /** SQLite's own busy time-out, in milliseconds. */
  readonly timeoutMs: number;
  /** Lets nothing be written through this process's connection while the work is done. */
  readonly hold: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Moves the write-ahead log into the database file from a thread of its own, over a connection of its own, in a way that
 * stands in nobody's way (`PASSIVE`). SQLite would do it inside whichever commit finds the log too long: that one call,
 * and all that wait behind it, would wait for the disk twice. The thread begins at the first log that is worth it, and
 * where it cannot run at all the commits still checkpoint by themselves, later (`wal_autocheckpoint` in db/connection.ts).
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #thread: Worker | null = null;
  #answer: ((moved: Moved | null) => void) | null = null;
  #batches = 0;
  #due = FIRST_BATCHES;
  #moved = 0;
  #moving: Promise<Moved | null> | null = null;
  #closed = false;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** A batch was committed. */
  wrote(): void {
    this.#batches += 1;
    if (this.#batches >= this.#due && this.#moving === null && !this.#closed) void this.move();
  }

  /** Moves the log now, or once what is being moved already has been. Null where it could not be done. */
  async move(): Promise<Moved | null> {
    while (this.#moving !== null) await this.#moving;
    if (this.#closed) return null;
    this.#moving = this.#moveAll().finally(() => {
      this.#moving = null;
    });
    return this.#moving;
  }

  /** Waits for what is being moved, and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#moving;
    const thread = this.#thread;
    if (thread === null) return;
    await new Promise<void>((resolve) => {
      thread.ref();
      thread.once("exit", () => resolve());
      thread.postMessage("end");
    });
  }

  async #moveAll(): Promise<Moved | null> {
    const batches = this.#batches;
    this.#batches = 0;
    const moved = await this.#ask();
    if (moved === null) return null;
    this.#learn(moved, batches);
    if (moved.log < HOLD_PAGES || this.#closed) return moved;
    let rest: Moved | null = null;
    // A connection that is closed or locked holds nobody: then the log goes on for now.
    await this.#options
      .hold(async () => {
        rest = await this.#ask();
      })
      .catch(() => undefined);
    return rest ?? moved;
  }

  /** So many batches as make a log worth moving, if the next are like those before. */
  #learn({ log, checkpointed }: Moved, batches: number): void {
    // Less than stood there before: the log has begun anew since.
    const pages = log >= this.#moved ? log - this.#moved : log;
    this.#moved = checkpointed;
    const due = Math.round((batches * MOVE_PAGES) / Math.max(1, pages));
    this.#due = Math.min(MAX_BATCHES, Math.max(MIN_BATCHES, due));
  }

  /** Null where it could not be done: it is tried again when it is due again. */
  #ask(): Promise<Moved | null> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      try {
        this.#running().postMessage("move");
      } catch {
        // A system that gives no further thread has this one moved by the commits.
        this.#answer = null;
        resolve(null);
      }
    });
  }

  #running(): Worker {
    if (this.#thread !== null) return this.#thread;
    const { path, timeoutMs } = this.#options;
    const thread = new Worker(ENTRY, { workerData: { path, timeoutMs } });
    // Nobody waits for it where the process is over.
    thread.unref();
    const answer = (moved: Moved | null): void => {
      this.#answer?.(moved);
      this.#answer = null;
    };
    thread.on("message", (told: { log?: number; checkpointed?: number }) =>
      answer(
        told.log === undefined || told.checkpointed === undefined
          ? null
          : { log: told.log, checkpointed: told.checkpointed },
      ),
    );
    // An exit follows.
    thread.on("error", () => undefined);
    thread.on("exit", () => {
      this.#thread = null;
      answer(null);
    });
    this.#thread = thread;
    return thread;
  }
}
