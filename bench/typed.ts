import type { Typed } from "./discord-peer.ts";

/**
 * What several people have typed so far, by turns: nothing, one letter, a common word, its beginning, a rare word, the
 * beginning of a key, two words, what no title has, other scripts; for verbs that want other tasks; and lanes and agents.
 */
const KINDS: readonly ((key: string, n: number) => Typed)[] = [
  task("prioritize", () => ""),
  task("show", (_, n) => "mldsrae"[n % 7] ?? "m"),
  task("prioritize", () => "mend"),
  task("unblock", () => "mend"),
  task("show", () => "enterpr"),
  task("cancel", (key) => key.slice(key.indexOf("-") + 1)),
  task("show", (_, n) => `step ${(n * 7919) % 1_000_000}`),
  task("show", (key) => key.slice(0, -2)),
  task("prioritize", (key) => key.toLowerCase()),
  task("show", () => "windows log"),
  task("show", () => "sao paulo scheduler"),
  task("reopen", () => "zürich invo"),
  task("show", () => "xylophone"),
  task("approve", () => "step"),
  task("show", () => "登録"),
  task("show", () => "リリース"),
  task("show", () => "cli"),
  (_, n) => ({
    verb: "assign",
    options: { task: "", lane: ["", "b", "ops", "x"][n % 4] ?? "" },
    focused: "lane",
  }),
  (_, n) => ({
    verb: "pause",
    options: { name: ["", "seed", "build", "rev"][n % 4] ?? "" },
    focused: "name",
  }),
];

function task(verb: string, typed: (key: string, n: number) => string): (key: string, n: number) => Typed {
  return (key, n) => ({ verb, options: { task: typed(key, n) }, focused: "task" });
}

export function typing(key: string, n: number): Typed {
  const kind = KINDS[n % KINDS.length] ?? task("show", () => "");
  return kind(key, n);
}
