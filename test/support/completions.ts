// Bad proofs by the thousand and good ones among them, through the whole path of a real house: attach, submit, verify,
// settle. What it counts is what the rows say afterwards.
import { allVerifiers } from "../../adapters/proof/all.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import { addTask } from "../../src/commands/add-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import type { House } from "../../src/commands/house.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { proofPool } from "../../src/jobs/verify-proofs.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { random } from "../proof/support/almost.ts";
import { TOKEN } from "../proof/support/github.ts";
import { names } from "../proof/support/peers.ts";
import { makeFolder } from "../proof/support/proofs.ts";
import { CLAIMED, KINDS, type Kind, type Plan, Planner, type Step, startPeers } from "./bad-proofs.ts";
import { openTestHouse, seedRoster } from "./house.ts";
import { claimed, type Held, holder, OPERATOR, well } from "./story.ts";

export interface Figures {
  readonly bad: number;
  /** Bad proofs the door refused before anybody looked at where they lead. */
  readonly refusedAtOnce: number;
  /** Bad proofs that differ from the right link by next to nothing. */
  readonly almostRight: number;
  /** What was wrong with each bad proof that completed its task. */
  readonly falseCompletions: readonly string[];
  readonly good: number;
  readonly accepted: number;
  /** By the log: completions, and announcements of them. */
  readonly completions: number;
  readonly announcements: number;
}

export interface Run {
  /** Tasks, each with one good proof at its end. */
  readonly tasks: number;
  readonly badEach: number;
  readonly seed: number;
  /** Tasks under way side by side. */
  readonly wave?: number;
  /** Kinds in turn, the cheap ones more often; without it the usual mixture. */
  readonly kinds?: readonly Kind[];
  /** For the test that sees the harness find what it is there to find. */
  readonly sabotage?: (verifier: Verifier) => Verifier;
}

/** Of fifty tasks so many of each kind: a program and a request cost more than a file. */
const MIXTURE: readonly Kind[] = [
  ...Array.from({ length: 26 }, (): Kind => "file"),
  ...Array.from({ length: 13 }, (): Kind => "test-report"),
  ...Array.from({ length: 5 }, (): Kind => "url"),
  ...KINDS.slice(3),
  "github-commit",
];

export async function runCompletions(run: Run): Promise<Figures> {
  const next = random(run.seed);
  const peers = await startPeers();
  const root = makeFolder();
  const verifiers = allVerifiers({
    root,
    // No name of the real internet is ever asked for.
    fetcher: guardedFetcher({ origins: [peers.site.origin], totalMs: 5_000, lookup: names({}).lookup }),
    sampleGapMs: 0,
    githubUrl: peers.github.url,
    githubToken: TOKEN,
    githubRetryMs: 0,
    githubTimeoutMs: 5_000,
  });
  const open = await openTestHouse({
    startAt: CLAIMED,
    verifiers: run.sabotage === undefined ? verifiers : verifiers.map(run.sabotage),
  });
  try {
    const planner = new Planner(root, peers, next);
    const kinds = run.kinds ?? MIXTURE;
    const tally = new Tally();
    await seedRoster(open.house, { capacity: 100_000 });
    for (let made = 0; made < run.tasks; ) {
      const size = Math.min(run.wave ?? 80, run.tasks - made);
      const plans = Array.from({ length: size }, (_, index) =>
        planner.plan(kinds[(made + index) % kinds.length] as Kind, run.badEach),
      );
      await wave(open.house, plans, tally);
      made += size;
    }
    return { ...tally.figures(), ...(await logged(open.house)) };
  } finally {
    await open.close();
  }
}

class Tally {
  bad = 0;
  refusedAtOnce = 0;
  almostRight = 0;
  good = 0;
  accepted = 0;
  readonly falseCompletions: string[] = [];

  figures() {
    const { bad, refusedAtOnce, almostRight, good, accepted, falseCompletions } = this;
    return { bad, refusedAtOnce, almostRight, good, accepted, falseCompletions };
  }
}

/** Some tasks from claim to done, in step: all attach, all submit, all are verified, and all are looked at. */
async function wave(house: House, plans: readonly Plan[], tally: Tally): Promise<void> {
  const added = await Promise.all(
    plans.map(({ requirement }) =>
      addTask(
        house,
        { title: "Prove it", acceptance: "It holds", lane: "builder", requirements: [requirement] },
        OPERATOR,
      ),
    ),
  );
  const byKey = new Map(added.map((outcome, index) => [well(outcome), plans[index] as Plan]));
  const held = await Promise.all(plans.map((_, index) => claimed(house, `s-${tally.good}-${index}`)));
  const work = held.map((one) => ({ held: one, plan: byKey.get(one.task.key) as Plan }));
  const rounds = Math.max(...plans.map(({ bad }) => bad.length));
  for (let round = 0; round < rounds; round += 1) {
    const stuck = await tryBad(house, work, round, tally);
    // What has no verdict stays with its verifier: nobody is told it is done, and a person ends it.
    for (const one of stuck) {
      await cancelTask(house, { key: one.held.task.key, reason: "no verdict" }, OPERATOR);
      work.splice(work.indexOf(one), 1);
    }
  }
  for (const { plan } of work) plan.good.make?.();
  await Promise.all(work.map(({ held: mine, plan }) => propose(house, mine, plan.good)));
  await settle(house);
  tally.good += work.length;
  const ends = await Promise.all(work.map((one) => house.queue.task(one.held.task.key)));
  tally.accepted += ends.filter((facts) => facts?.task.status === "done").length;
}

interface Work {
  readonly held: Held;
  readonly plan: Plan;
}

/** One bad proof of each; answers with those whose proof came to no verdict. */
async function tryBad(
  house: House,
  work: readonly Work[],
  round: number,
  tally: Tally,
): Promise<readonly Work[]> {
  const tried = work.filter(({ plan }) => plan.bad[round] !== undefined);
  for (const { plan } of tried) plan.bad[round]?.make?.();
  const taken = await Promise.all(
    tried.map(({ held, plan }) => propose(house, held, plan.bad[round] as Step)),
  );
  await settle(house);
  const after = await Promise.all(tried.map(({ held }) => house.queue.task(held.task.key)));
  return tried.filter(({ plan }, index) => {
    const { about, uri } = plan.bad[round] as Step;
    const status = after[index]?.task.status;
    tally.bad += 1;
    if (taken[index] !== true) tally.refusedAtOnce += 1;
    if (about.includes("almost")) tally.almostRight += 1;
    if (status !== "active" && status !== "verifying") {
      tally.falseCompletions.push(`${plan.requirement.kind}: ${about}: ${JSON.stringify(uri)} is ${status}`);
    }
    return status !== "active";
  });
}

/** As the holder does it: attach under the requirement's name, then submit. False where it was refused. */
async function propose(house: House, held: Held, { uri }: Step): Promise<boolean> {
  const caller = { actor: `agent:${held.attempt.agent}` };
  const link = { by: "holder", ...holder(held), uri, requirement: "it" } as const;
  const attached = await attachProof(house, link, caller);
  if (!attached.ok) return false;
  return (await submitAttempt(house, holder(held), caller)).ok;
}

/** Verifies as the bot does, each free place filled at once, until nothing is due now. */
async function settle(house: House): Promise<void> {
  let wake: () => void = () => undefined;
  const pool = proofPool(house, new AbortController().signal, () => wake());
  for (;;) {
    const free = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await pool.run();
    if ((await house.proofWork.due(1)).length === 0) break;
    await free;
  }
  await pool.idle();
}

async function logged(house: House): Promise<Pick<Figures, "completions" | "announcements">> {
  const figures = await house.integrity.integrity(0);
  let announcements = 0;
  for (let after = 0; ; ) {
    const page = await house.outbox.notices({ kind: "auto-complete", after, limit: 1000 });
    announcements += page.length;
    const last = page.at(-1);
    if (last === undefined) return { completions: figures.completed, announcements };
    after = last.id;
  }
}
