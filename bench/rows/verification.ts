import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { verifiersOf } from "../../adapters/proof/worker/settings.ts";
import { inWorker, proofWorker } from "../../adapters/proof/worker/worker.ts";
import { addTask } from "../../src/commands/add-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { beat } from "../../src/commands/beat.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import type { Attempt } from "../../src/core/attempt.ts";
import { startLoop } from "../../src/jobs/loop.ts";
import { proofPool } from "../../src/jobs/verify-proofs.ts";
import { Nudge } from "../../src/ports/nudge.ts";
import { AGENT, type BenchHouse, LANE, openBenchHouse, ROUTE, seedLane, well } from "../house.ts";
import { newFolder } from "../processes.ts";
import { bounded, type Measured, median, type Row, type Scale } from "../row.ts";

/** What verification may add to the network's time, and how much slower the slowest heartbeats may get beside it. */
const OWN_MS = 5;
const P99_TIMES = 3;
const HOSTS = 50;
const PROOFS = 500;
const DELAY_MS = 40;
/** What a url proof asks of its host: a sample, and then another with a probe beside it. */
const REQUESTS = 3;

interface Site {
  readonly house: BenchHouse;
  readonly origins: readonly string[];
  close(): Promise<void>;
}

/** A house on a file, its proofs looked at in a worker as the bot does it, and so many web servers that answer after a while. */
async function openSite(servers: number): Promise<Site> {
  const folder = newFolder();
  const root = join(folder, "proofs");
  mkdirSync(root);
  const peers = new Worker(new URL("../sides/peers.ts", import.meta.url), {
    workerData: { servers, delayMs: DELAY_MS },
  });
  const [ports] = (await once(peers, "message")) as [readonly number[]];
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  const opened = await openBenchHouse({ folder, synchronous: "normal" });
  const settings = { root, origins, sampleGapMs: 0 };
  const worker = proofWorker({
    settings,
    report({ died }) {
      throw new Error(`the process that looks at proofs ended: ${died}`);
    },
  });
  const verifiers = inWorker(verifiersOf(settings), worker);
  const house = { ...opened, verifiers: new Map(verifiers.map((verifier) => [verifier.kind, verifier])) };
  await seedLane(house);
  return {
    house,
    origins,
    async close() {
      await worker.close();
      await peers.terminate();
      await house.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let sessions = 0;

/** A task of that page, claimed by a session of its own. */
async function held(house: BenchHouse, origin: string, path: string): Promise<Attempt> {
  const requirement = { name: "page", kind: "url", origin, path };
  const task = { title: "Answer", acceptance: "It answers", lane: LANE, requirements: [requirement] };
  well(await addTask(house, task, { actor: "person:bench:seed" }));
  sessions += 1;
  const claim = well(
    await claimTask(house, { lane: LANE, agent: AGENT, session: `v-${sessions}`, route: ROUTE }),
  );
  if (!("facts" in claim) || claim.facts.attempt === null) throw new Error("nothing could be claimed");
  return claim.facts.attempt;
}

/** A submitted task whose proof waits to be looked at. */
async function submit(house: BenchHouse, attempt: Attempt): Promise<void> {
  const facts = await house.queue.attempt(attempt.id);
  const page = facts?.task.requirements[0] as unknown as { readonly origin: string; readonly path: string };
  const holder = { attempt: attempt.id, epoch: attempt.epoch, agent: AGENT };
  const caller = { actor: `agent:${AGENT}` };
  const uri = `${page.origin}${page.path}`;
  well(await attachProof(house, { by: "holder", ...holder, uri }, caller));
  well(await submitAttempt(house, holder, caller));
}

/** A submitted task whose proof waits to be looked at, by its key. */
async function pending(house: BenchHouse, origin: string, page: number): Promise<string> {
  const attempt = await held(house, origin, `/page/${page}`);
  await submit(house, attempt);
  return taskOf(attempt);
}

function taskOf(attempt: Attempt): string {
  return attempt.id.slice(0, attempt.id.lastIndexOf("."));
}

async function expectDone(house: BenchHouse, key: string): Promise<void> {
  const status = (await house.queue.task(key))?.task.status;
  if (status !== "done") throw new Error(`${key} is ${status}, not done`);
}

/** The same requests as a verification makes, in the same order, on sockets of their own, and nothing else. */
async function bareRequests(uri: string): Promise<number> {
  const ask = (link: string): Promise<void> =>
    new Promise((resolve, reject) => {
      get(link, { agent: false }, (response) => {
        response.resume().once("end", resolve);
      }).once("error", reject);
    });
  const start = performance.now();
  await ask(uri);
  await Promise.all([ask(uri), ask(`${uri}x`)]);
  return performance.now() - start;
}

/** From due to settled, less what the same requests take by themselves. */
async function ownTime({ rounds, quick }: Scale): Promise<Measured> {
  const site = await openSite(1);
  const { house, origins } = site;
  try {
    const [origin = ""] = origins;
    const own: number[] = [];
    const count = rounds * (quick ? 5 : 20);
    // The first one starts the worker.
    await verifyAll(house, [await pending(house, origin, 0)]);
    for (let n = 0; n < count; n += 1) {
      const key = await pending(house, origin, n + 1);
      const bareMs = await bareRequests(`${origin}/page/${n + 1}`);
      const pool = proofPool(house, new AbortController().signal);
      const start = performance.now();
      await pool.run();
      await pool.idle();
      own.push(performance.now() - start - bareMs);
      await expectDone(house, key);
    }
    return { ...bounded(own, OWN_MS), note: `beside ${REQUESTS} requests of ${DELAY_MS} ms` };
  } finally {
    await site.close();
  }
}

/** How long each beat took, one after another with a rest, until told to stop. */
async function beats(house: BenchHouse, holders: readonly Attempt[], over: () => boolean): Promise<number[]> {
  const took: number[] = [];
  while (!over()) {
    const attempt = holders[took.length % holders.length] as Attempt;
    const input = {
      attempt: attempt.id,
      epoch: attempt.epoch,
      agent: AGENT,
      lane: LANE,
      task: taskOf(attempt),
      session: attempt.session,
      route: ROUTE,
    };
    const start = performance.now();
    well(await beat(house, input, { actor: `agent:${AGENT}` }));
    took.push(performance.now() - start);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  return took;
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}

/** Heartbeats of others while hundreds of proofs on many hosts are verified, beside heartbeats alone. */
async function sideBySide({ rounds }: Scale): Promise<Measured> {
  const site = await openSite(HOSTS);
  const { house, origins } = site;
  try {
    await verifyAll(house, [await pending(house, origins[0] ?? "", 999)]);
    const others: Attempt[] = [];
    for (let n = 0; n < 50; n += 1) others.push(await held(house, origins[0] ?? "", `/page/${n}`));
    const ratios: number[] = [];
    const [loaded, idle, walls]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      const keys: string[] = [];
      for (let n = 0; n < PROOFS; n += 1) {
        keys.push(await pending(house, origins[n % HOSTS] ?? "", round * 10_000 + 1000 + n));
      }
      const quietUntil = performance.now() + 1500;
      const quiet = p99(await beats(house, others, () => performance.now() > quietUntil));
      let over = false;
      const start = performance.now();
      const verifying = verifyAll(house, keys).then(() => {
        over = true;
        walls.push(performance.now() - start);
      });
      const busy = p99(await beats(house, others, () => over));
      await verifying;
      loaded.push(busy);
      idle.push(quiet);
      ratios.push(busy / quiet);
    }
    const alone = PROOFS * REQUESTS * DELAY_MS;
    const note = `${PROOFS} proofs on ${HOSTS} hosts in ${Math.round(median(walls))} ms; one by one at least ${alone} ms`;
    return { ours: median(loaded), limit: median(idle), ratio: median(ratios), note };
  } finally {
    await site.close();
  }
}

/** In the bot's own loop, until those tasks are done. */
async function verifyAll(house: BenchHouse, keys: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const nudge = new Nudge();
  let left = keys.length;
  let wake: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const pool = proofPool(house, stop.signal, () => {
    left -= 1;
    nudge.ring();
    if (left === 0) wake();
  });
  const loop = startLoop("verify-proofs", () => pool.run(), {
    clock: house.clock,
    signal: stop.signal,
    nudge,
    log({ error }) {
      throw error;
    },
  });
  await settled;
  stop.abort();
  await loop;
  for (const key of keys) await expectDone(house, key);
}

export const verificationRows: readonly Row[] = [
  { name: "verification's own time", unit: "ms", target: { atMost: 1 }, measure: ownTime },
  {
    name: "heartbeats beside verification, p99",
    unit: "ms",
    target: { atMost: P99_TIMES },
    measure: sideBySide,
  },
];
