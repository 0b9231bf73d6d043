import { join } from "node:path";
import { openStore, type Store } from "../db/store.ts";
import { type AddTask, addTask } from "../src/commands/add-task.ts";
import { attachProof } from "../src/commands/attach-proof.ts";
import { claimTask } from "../src/commands/claim-task.ts";
import type { House } from "../src/commands/house.ts";
import { settleProof } from "../src/commands/settle-proof.ts";
import { submitAttempt } from "../src/commands/submit-attempt.ts";
import { readConfig } from "../src/config.ts";
import type { Verdict } from "../src/core/proof.ts";
import { describeRefusal, type Outcome } from "../src/core/refusal.ts";
import { openHouse } from "../src/wiring.ts";
import type { SideOptions } from "./child.ts";

export const LANE = "builder";
export const AGENT = "ada";
export const ROUTE = { provider: "anthropic", model: "claude-opus-5" };
const SEEDER = "person:bench:seed";

export type BenchHouse = House & Store;

/** The house as it is served, on a file in the side's folder; only how safely it commits is the row's. */
export async function openBenchHouse(
  { folder, synchronous }: SideOptions,
  file = "gatehouse.db",
): Promise<BenchHouse> {
  const url = `file:${join(folder, file)}`;
  const { config } = readConfig({ GATEHOUSE_DB_URL: url, GATEHOUSE_PROOF_ROOT: folder });
  const wired = await openHouse(config);
  await wired.close();
  const store = await openStore({ url, synchronous });
  return { ...wired.house, ...store };
}

/** A lane that gives without end, and an agent for it. Harmless where they are there already. */
export async function seedLane(house: House): Promise<void> {
  await house.roster.setLane({ name: LANE, route: ROUTE, capacity: 1_000_000 }, SEEDER);
  const keyHash = house.identity.sha256(AGENT);
  await house.roster.addAgent({ name: AGENT, role: "agent", lanes: [LANE], keyHash }, SEEDER);
}

function taskOf(n: number): AddTask {
  return {
    title: `Mend step ${n} of the release`,
    body: "The step ends well, yet what it should have written is not there. Read its log first.",
    acceptance: "The step writes its report",
    lane: LANE,
    requirements: [{ name: "checks", kind: "command", argv: ["npm", "test"] }],
  };
}

export async function addTasks(house: House, count: number): Promise<void> {
  const add = async (n: number): Promise<string> => well(await addTask(house, taskOf(n), { actor: SEEDER }));
  for (let first = 0; first < count; first += 1000) {
    await Promise.all(Array.from({ length: Math.min(1000, count - first) }, (_, n) => add(first + n)));
  }
}

/** A verdict is given here: how long a verifier looks is not the queue's speed. Its evidence is the task's own. */
function passed(key: string): Verdict {
  return {
    verdict: "passed",
    reason: "npm test ended with 0",
    evidence: `command:local:${key}`,
    seen: { exit: 0 },
  };
}

/**
 * Sessions that claim, prove, submit and are verified through the real commands, each one task at a time, until they
 * have done so many together. Answers the keys of what was completed.
 */
export async function workThrough(
  house: House,
  { count, callers, session }: { readonly count: number; readonly callers: number; readonly session: string },
): Promise<readonly string[]> {
  const keys: string[] = [];
  let left = count;
  const work = async (name: string): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const key = await oneTask(house, name);
      if (key === null) return;
      keys.push(key);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, n) => work(`${session}-${n}`)));
  return keys;
}

async function oneTask(house: House, session: string): Promise<string | null> {
  const caller = { actor: `agent:${AGENT}` };
  const claim = well(await claimTask(house, { lane: LANE, agent: AGENT, session, route: ROUTE }));
  if (!("facts" in claim)) return null;
  const { task, attempt } = claim.facts;
  if (attempt === null) throw new Error(`${task.key} was claimed without an attempt`);
  const holder = { attempt: attempt.id, epoch: attempt.epoch, agent: AGENT };
  const { proof } = well(
    await attachProof(house, { by: "holder", ...holder, uri: "command:checks" }, caller),
  );
  well(await submitAttempt(house, holder, caller));
  const settled = well(await settleProof(house, { proof, taskKey: task.key }, passed(task.key)));
  if (settled !== "completed") throw new Error(`${task.key} was ${settled}, not completed`);
  return task.key;
}

export function well<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(describeRefusal(outcome.refusal));
  return outcome.value;
}
