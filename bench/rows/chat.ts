import { startSide } from "../processes.ts";
import type { Measured, Row, Scale } from "../row.ts";
import { SlackPeer } from "../slack-peer.ts";

const A_SECOND = 100;
/** Slack waits three seconds; half of one is what people take for at once. */
const ACK_MS = 500;

/** What people type: mostly they look at a task or move it; now and then they look at lists, lanes and themselves. */
function lineOf(key: string, n: number): string {
  switch (n % 10) {
    case 0:
      return "list --status blocked";
    case 1:
      return "me";
    case 2:
      return n % 50 === 2 ? "status" : `show ${key}`;
    case 3:
    case 4:
    case 5:
      return `show ${key}`;
    default:
      return `prioritize ${key} P${1 + (n % 4)} "bench ${n}"`;
  }
}

/** From the command on the socket to its acknowledgement, the 99th of a hundred; each was answered as well. */
async function acknowledgements({ quick }: Scale): Promise<Measured> {
  const tasks = quick ? 50_000 : 1_000_000;
  const seconds = quick ? 5 : 30;
  const peer = await SlackPeer.start();
  const side = await startSide({
    file: "chat",
    name: "slack",
    options: { tasks, apiUrl: `http://${peer.address}/api` },
  });
  try {
    await peer.connected(2);
    const { keys = [] } = await side.run(1000);
    const lines = (count: number) =>
      Array.from({ length: count }, (_, n) => lineOf(keys[n % keys.length] ?? "NONE-1", n));
    await peer.commands(lines(A_SECOND), A_SECOND);
    const { acks, answeredMs } = await peer.commands(lines(seconds * A_SECOND), A_SECOND);
    const sorted = acks.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    const told = [`p50 ${at(0.5).toFixed(1)}`, `longest ${(sorted.at(-1) ?? 0).toFixed(0)} ms`];
    const last = (answeredMs / 1000 - seconds).toFixed(1);
    return {
      ours: at(0.99),
      limit: ACK_MS,
      ratio: at(0.99) / ACK_MS,
      note: `${tasks} tasks, ${acks.length} commands at ${A_SECOND}/s; ${told.join(", ")}; the last answered ${last} s after`,
    };
  } finally {
    await side.stop();
    await peer.stop();
  }
}

export const chatRows: readonly Row[] = [
  {
    name: "Slack acknowledged, p99, 100 commands a second",
    unit: "ms",
    target: { atMost: 1 },
    measure: acknowledgements,
  },
];
