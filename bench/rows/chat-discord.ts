import { DiscordPeer, type Typed } from "../discord-peer.ts";
import { startSide } from "../processes.ts";
import type { Measured, Row, Scale } from "../row.ts";

const A_SECOND = 100;
/** Discord waits three seconds; these are what people take for at once. */
const RESPONSE_MS = 500;
const OFFERS_MS = 300;

/** What people do: mostly they look at a task or move it; now and then they look at lists, lanes and themselves. */
function command(key: string, n: number): Typed {
  switch (n % 10) {
    case 0:
      return { verb: "list", options: { status: "blocked" } };
    case 1:
      return { verb: "me", options: {} };
    case 2:
      return n % 50 === 2 ? { verb: "status", options: {} } : { verb: "show", options: { task: key } };
    case 3:
    case 4:
    case 5:
      return { verb: "show", options: { task: key } };
    default:
      return {
        verb: "prioritize",
        options: { task: key, priority: `P${1 + (n % 4)}`, reason: `bench ${n}` },
      };
  }
}

/** What somebody has typed of a task so far: nothing, the beginning of its key, a word of its title. */
function typing(key: string, n: number): Typed {
  const typed = ["", key.slice(0, -1), "task", key][n % 4] ?? "";
  return { verb: "prioritize", options: { task: typed }, focused: "task" };
}

/** From the interaction on the gateway to its first response, the 99th of a hundred. */
async function responses(
  { quick }: Scale,
  aSecond: number,
  boundMs: number,
  of: typeof command,
): Promise<Measured> {
  const tasks = quick ? 50_000 : 1_000_000;
  const seconds = quick ? 5 : 30;
  const peer = await DiscordPeer.start();
  const options = { tasks, apiUrl: `http://${peer.address}/api`, guild: peer.guild };
  const side = await startSide({ file: "chat", name: "discord", options });
  try {
    await peer.ready;
    const { keys = [] } = await side.run(1000);
    const all = (count: number) =>
      Array.from({ length: count }, (_, n) => of(keys[n % keys.length] ?? "NONE-1", n));
    await peer.interactions(all(aSecond), aSecond);
    const sorted = (await peer.interactions(all(seconds * aSecond), aSecond)).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    const told = `p50 ${at(0.5).toFixed(1)}, longest ${(sorted.at(-1) ?? 0).toFixed(0)} ms`;
    return {
      ours: at(0.99),
      limit: boundMs,
      ratio: at(0.99) / boundMs,
      note: `${tasks} tasks, ${sorted.length} at ${aSecond}/s; ${told}`,
    };
  } finally {
    await side.stop();
    await peer.stop();
  }
}

export const discordRows: readonly Row[] = [
  {
    name: "Discord first response, p99, 100 interactions a second",
    unit: "ms",
    target: { atMost: 1 },
    measure: (scale) => responses(scale, A_SECOND, RESPONSE_MS, command),
  },
  {
    name: "Discord autocomplete of tasks, p99, 2 a second",
    unit: "ms",
    target: { atMost: 1 },
    measure: (scale) => responses(scale, 2, OFFERS_MS, typing),
  },
];
