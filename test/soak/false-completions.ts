// The long form of test/flows/false-completions.test.ts: `node test/soak/false-completions.ts [TASKS] [SEED]`. Ends with 1
// where one bad proof completed a task, or where more than one good one in a thousand was refused.
import { pathToFileURL } from "node:url";
import { closePeers } from "../proof/support/peers.ts";
import { removeFolders } from "../proof/support/proofs.ts";
import { type Figures, runCompletions } from "../support/completions.ts";

/** Runs so many tasks with ten bad proofs each; the figures, and whether they are as they must be. */
export async function soakFalseCompletions(
  tasks: number,
  seed: number,
): Promise<{ readonly figures: Figures; readonly ok: boolean }> {
  try {
    const figures = await runCompletions({ tasks, badEach: 10, seed });
    const ok =
      figures.falseCompletions.length === 0 &&
      figures.accepted >= figures.good * 0.999 &&
      figures.completions === figures.accepted &&
      figures.announcements === figures.accepted;
    return { figures, ok };
  } finally {
    await closePeers();
    removeFolders();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [tasks = 10_000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
  const { figures, ok } = await soakFalseCompletions(tasks, seed);
  process.stdout.write(`${JSON.stringify({ seed, ...figures })}\n`);
  process.exitCode = ok ? 0 : 1;
}
