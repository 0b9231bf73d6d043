import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Order, Round, SideOptions } from "./child.ts";

const FOLDER = new URL("./sides/", import.meta.url);

export interface SideCall {
  /** The file below `bench/sides/`: which packages the process loads. */
  readonly file:
    | "limit"
    | "same-rows"
    | "engine"
    | "commands"
    | "queue"
    | "plainjob"
    | "watch"
    | "beats"
    | "chat";
  readonly name: string;
  /** `folder` names one that other processes use as well; else the side gets a new one. */
  readonly options?: { readonly [option: string]: string | number };
}

/** A side's process. */
export interface RunningSide {
  prepare(count: number): Promise<void>;
  run(count: number): Promise<Round>;
  stop(): Promise<void>;
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
}

/** Starts a side in its own process; stopping it ends the process by its own end and removes a folder of its own. */
export async function startSide({ file, name, options }: SideCall): Promise<RunningSide> {
  const own = newFolder();
  const given: SideOptions = { folder: own, synchronous: "normal", ...options };
  const child = fork(new URL(`${file}.ts`, FOLDER), [name, JSON.stringify(given)]);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const order = (step: Order["step"], count: number): Promise<unknown> => {
    const answer = nextMessage(child, `${file} ${name}`);
    child.send({ step, count } satisfies Order);
    return answer;
  };
  await nextMessage(child, `${file} ${name}`);
  return {
    async prepare(count) {
      await order("prepare", count);
    },
    run: async (count) => (await order("run", count)) as Round,
    async stop() {
      if (child.connected) child.send({ step: "stop", count: 0 } satisfies Order);
      await gone;
      rmSync(own, { recursive: true, force: true });
    },
  };
}

function nextMessage(child: ChildProcess, side: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = (): void => reject(new Error(`the process of ${side} died`));
    child.once("exit", died);
    child.once("message", (message) => {
      child.off("exit", died);
      resolve(message);
    });
  });
}

export interface Rounds {
  readonly rounds: number;
  /** What one round does. */
  readonly count: number;
  /** Rounds before those that count, while code is compiled and the heap grows. */
  readonly warmUps?: number;
}

/** The rounds of each side. The first warm up and are thrown away; then A B A B, so that a slow minute strikes both. */
export async function alternate(
  calls: readonly SideCall[],
  { rounds, count, warmUps = 1 }: Rounds,
): Promise<readonly (readonly Round[])[]> {
  const sides: RunningSide[] = [];
  try {
    for (const call of calls) sides.push(await startSide(call));
    const seen: Round[][] = sides.map(() => []);
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const [index, side] of sides.entries()) {
        await side.prepare(count);
        const told = await side.run(count);
        if (told.done !== count) throw new Error(`${told.done} of ${count} were done`);
        if (round >= 0) seen[index]?.push(told);
      }
    }
    return seen;
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
}
