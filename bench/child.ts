/** What one side of a comparison does, in a process of its own. */
export interface Side {
  /** What must stand before the clock runs. */
  readonly prepare?: (count: number) => void | Promise<void>;
  /** The measured work: how many were done, and what else the run is to tell. */
  readonly run: (count: number) => Told | Promise<Told>;
  readonly close: () => void | Promise<void>;
}

export interface Told {
  readonly done: number;
  /** Which tasks, where it matters that nobody did them twice. */
  readonly keys?: readonly string[];
  /** Other figures by name, such as medians of single calls. */
  readonly figures?: { readonly [name: string]: readonly number[] };
}

/** Each side gets a folder for its database and what the row asks of it. */
export interface SideOptions {
  readonly folder: string;
  readonly synchronous: "normal" | "full";
  readonly [option: string]: string | number;
}

export type Sides = Readonly<Record<string, (options: SideOptions) => Side | Promise<Side>>>;

export interface Order {
  readonly step: "prepare" | "run" | "stop";
  readonly count: number;
}

/** One run as its own process saw it; times in milliseconds. */
export interface Round extends Told {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * Does what the parent orders until it says stop. Wall and processor time are taken in here, around the work alone, so
 * that neither a start nor a message counts.
 */
export async function answerOrders(sides: Sides): Promise<void> {
  const [name = "", options = "{}"] = process.argv.slice(2);
  const make = sides[name];
  if (make === undefined) throw new Error(`no such side: ${name}`);
  const side = await make(JSON.parse(options) as SideOptions);
  process.on("message", (order: Order) => {
    void answer(side, order);
  });
  process.send?.("ready");
}

async function answer(side: Side, { step, count }: Order): Promise<void> {
  if (step === "run") process.send?.(await timed(side, count));
  else if (step === "prepare") {
    await side.prepare?.(count);
    process.send?.("prepared");
  } else {
    await side.close();
    process.disconnect();
  }
}

async function timed(side: Side, count: number): Promise<Round> {
  const before = process.cpuUsage();
  const start = performance.now();
  const told = await side.run(count);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { ...told, wallMs, cpuMs: (user + system) / 1000 };
}
