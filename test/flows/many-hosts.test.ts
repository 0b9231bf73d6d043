// Proofs of many tasks on few hosts: no host is asked for more than four at a time, and none waits for another host's.
import { afterEach, beforeEach, expect, test } from "vitest";
import { proofPool } from "../../src/jobs/verify-proofs.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, proved, submitted } from "../support/story.ts";

let open: TestHouse;
let looking: string[] = [];
let most = 0;
/** Looks for as long as the test says, so that what is looked at side by side can be counted. */
let release: () => void = () => undefined;
let released = new Promise<void>(() => undefined);
const slow: Verifier = {
  kind: "url",
  beside: [],
  check: () => [],
  matches: () => true,
  async verify({ uri }) {
    const { host } = new URL(uri);
    looking.push(host);
    most = Math.max(most, looking.filter((one) => one === host).length);
    if (host === "slow.example") await released;
    looking.splice(looking.indexOf(host), 1);
    return { verdict: "passed", reason: "It answers.", evidence: `url:test:${uri}`, seen: {} };
  },
};

beforeEach(async () => {
  looking = [];
  most = 0;
  released = new Promise((resolve) => {
    release = resolve;
  });
  open = await openTestHouse({ verifiers: [slow] });
  await seedRoster(open.house);
});
afterEach(() => open.close());

async function waiting(uri: string, session: string): Promise<string> {
  const key = await added(open.house, { requirements: [{ name: "up", kind: "url" }] });
  const held = await claimed(open.house, session);
  await proved(open.house, held, uri);
  await submitted(open.house, held);
  return key;
}

const statuses = (keys: readonly string[]) =>
  Promise.all(keys.map(async (key) => (await open.house.queue.task(key))?.task.status));

test("a host that is slow is asked for four at a time, and holds up no other", async () => {
  const slowOnes: string[] = [];
  for (let at = 0; at < 7; at += 1) slowOnes.push(await waiting(`https://slow.example/${at}`, `s-${at}`));
  const quick = [
    await waiting("https://quick.example/1", "q-1"),
    await waiting("https://quick.example/2", "q-2"),
  ];
  const pool = proofPool(open.house, new AbortController().signal);
  await pool.run();
  await expect.poll(() => statuses(quick), { timeout: 20_000 }).toEqual(["done", "done"]);
  expect(looking).toEqual(Array.from({ length: 4 }, () => "slow.example"));
  release();
  await expect
    .poll(
      async () => {
        await pool.run();
        return statuses(slowOnes);
      },
      { timeout: 20_000 },
    )
    .toEqual(slowOnes.map(() => "done"));
  await pool.idle();
  expect(most).toBe(4);
});
