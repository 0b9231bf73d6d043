import { DiscordPeer, type Typed } from "../discord-peer.ts";
import { startSide } from "../processes.ts";
import type { Measured, Row, Scale } from "../row.ts";
import { typing } from "../typed.ts";

const A_SECOND = 100;
/** Discord waits three seconds; these are what people take for at once. */
const RESPONSE_MS = 500;
const OFFERS_MS = 300;
/** Several people who type: each letter asks. */
const LETTERS_A_SECOND = 10;

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

/** From the interaction on the gateway to its first response, the 99th of a hundred. */
async function responses(
  { quick }: Scale,
  aSecond: number,
  seconds: number,
  boundMs: number,
  of: typeof command,
): Promise<Measured> {
  const tasks = quick ? 50_000 : 1_000_000;
  const peer = await DiscordPeer.start();
  const options = { tasks, apiUrl: `http://${peer.address}/api`, guild: peer.guild };
  const side = await startSide({ file: "chat", name: "discord", options });
  try {
    await peer.ready;
    const { keys = [] } = await side.run(1000);
    const all = (count: number) =>
      Array.from({ length: count }, (_, n) => of(keys[n % keys.length] ?? "NONE-1", n));
    await peer.interactions(all(aSecond), aSecond);
    peer.offered = 0;
    const sorted = (await peer.interactions(all(seconds * aSecond), aSecond)).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    const choices = peer.offered === 0 ? "" : `, ${peer.offered} with choices`;
    const told = `p50 ${at(0.5).toFixed(1)}, longest ${(sorted.at(-1) ?? 0).toFixed(0)} ms${choices}`;
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
    measure: (scale) => responses(scale, A_SECOND, scale.quick ? 5 : 30, RESPONSE_MS, command),
  },
  {
    name: "Discord autocomplete, p99, 10 a second",
    unit: "ms",
    target: { atMost: 1 },
    measure: (scale) => responses(scale, LETTERS_A_SECOND, scale.quick ? 10 : 60, OFFERS_MS, typing),
  },
];
