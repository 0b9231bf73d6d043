import type { Attempt } from "../core/attempt.ts";
import { leaseLives } from "../core/attempt.ts";
import type { Change } from "../core/change.ts";
import { giveBack } from "../core/ending.ts";
import { routeTrust } from "../core/gates/heartbeat-trust.ts";
import { proofBeforeDone } from "../core/gates/proof-before-done.ts";
import { announceCompletion } from "../core/notice.ts";
import { type Proof, proofSetText, type Verdict } from "../core/proof.ts";
import { done, type Outcome, type Refusal, refused } from "../core/refusal.ts";
import type { TaskFacts } from "../ports/queue.ts";
import type { House } from "./house.ts";

const SYSTEM = "system:verify-proofs";

/** What became of a verdict: written, or without a task to write it to any more. */
export type Settled = "recorded" | "completed" | "returned" | "moot";

const DECISIONS = 8;

/**
 * Writes a verifier's verdict on one proof. On the last passed proof of a submitted attempt the same batch completes
 * the task and announces it; a failed proof gives the task back. Nothing else in the product completes a task. `lookedAt`
 * are the facts the verifier was asked on.
 */
export async function settleProof(
  house: House,
  work: { readonly proof: Proof; readonly taskKey: string },
  verdict: Verdict,
  lookedAt: TaskFacts | null = null,
): Promise<Outcome<Settled>> {
  let found = verdict;
  for (let tries = 1; tries <= DECISIONS; tries += 1) {
    const id = `${work.taskKey}.${work.proof.attempt}`;
    const seen =
      tries === 1 ? sufficient(house.queue.remembered(id) ?? lookedAt, work.proof.id, found) : null;
    const facts = seen ?? (await house.queue.attempt(id));
    const attempt = facts?.attempt ?? null;
    const current = facts?.proofs.some((proof) => proof.id === work.proof.id) === true;
    if (facts === null || attempt === null || attempt.endedAt !== null || !current) {
      await house.proofWork.drop(work.proof.id);
      return done("moot");
    }
    const { change, settled } = settle(house, { ...facts, attempt }, work.proof.id, found);
    const committed = await house.queue.commit(change, facts);
    if (committed === null) continue;
    if ("gate" in committed && committed.code === "evidence-reused") {
      // Asked only after the twin refused: nearly all evidence is new, and the answer is the same.
      found = await reused(house, facts, found);
      continue;
    }
    // What was seen came in between: decided anew, it gives the task back.
    if ("gate" in committed && committed.code === "route-tainted" && tries < DECISIONS) continue;
    return "gate" in committed ? refused(committed) : done(settled);
  }
  // Left due: the lease on the work lapses and it is verified again.
  return done("moot");
}

/**
 * What this process itself just saw of the attempt stands in for a read where a passed proof is its only one; the guard
 * confirms it. A failed proof asks whether the lease still lives, and other evidence whether it is fresh: those are read.
 */
function sufficient(facts: TaskFacts | null, proof: number, { verdict }: Verdict): TaskFacts | null {
  const [only, ...others] = facts?.proofs ?? [];
  return verdict === "passed" && others.length === 0 && only?.id === proof ? facts : null;
}

/** One piece of evidence proves one task, unless the requirement says `reuse`: the verdict that says which. */
async function reused(house: House, { task }: TaskFacts, verdict: Verdict): Promise<Verdict> {
  const evidence = verdict.evidence ?? "";
  const owner = (await house.proofWork.evidenceOwner(evidence, task.id)) ?? "another task";
  return { ...verdict, verdict: "failed", reason: `The same evidence already proves ${owner}: ${evidence}.` };
}

function settle(
  house: House,
  facts: TaskFacts & { readonly attempt: Attempt },
  proof: number,
  verdict: Verdict,
): { readonly change: Change; readonly settled: Settled } {
  const proofs = facts.proofs.map((one) => (one.id === proof ? judged(one, verdict, facts.now) : one));
  const judgedOne = proofs.find((one) => one.id === proof) as Proof;
  const base: Change = {
    task: facts.task.id,
    version: facts.task.version,
    attempt: facts.attempt.number,
    set: {},
    event: {
      kind: verdict.verdict === "passed" ? "proof.passed" : "proof.failed",
      actor: SYSTEM,
      data: {
        proof,
        requirement: judgedOne.requirement,
        verdict: verdict.verdict,
        reason: verdict.reason,
        evidence: verdict.evidence ?? null,
      },
    },
    verdict: { proof, ...verdict },
  };
  if (facts.task.status !== "verifying") return { change: base, settled: "recorded" };
  if (verdict.verdict === "failed") return { change: returned(facts, base, judgedOne), settled: "returned" };
  const proofSetHash = house.identity.sha256(proofSetText(proofs));
  const lack = proofBeforeDone({ task: facts.task, attempt: facts.attempt, proofs, proofSetHash }, facts.now);
  const tainted = lack === null ? routeTrust(facts) : null;
  if (tainted !== null) return { change: taintedReturn(facts, base, tainted), settled: "returned" };
  if (lack === null) return { change: completed(facts, base, proofs), settled: "completed" };
  if (lack.code !== "evidence-old") return { change: base, settled: "recorded" };
  const old = proofs.filter((one) => one.requirement === lack.field).map((one) => one.id);
  return { change: { ...base, verify: old }, settled: "recorded" };
}

function judged(proof: Proof, verdict: Verdict, now: number): Proof {
  return {
    ...proof,
    verdict: verdict.verdict,
    reason: verdict.reason,
    evidence: verdict.evidence ?? null,
    checkedAt: now,
  };
}

function completed(
  facts: TaskFacts & { readonly attempt: Attempt },
  base: Change,
  proofs: readonly Proof[],
): Change {
  const { task, attempt } = facts;
  const shown = proofs.map(({ requirement, evidence }) => ({ requirement, evidence: evidence ?? "" }));
  return {
    ...base,
    set: { status: "done", completion: "proved" },
    event: {
      ...base.event,
      kind: "task.completed",
      data: { ...base.event.data, proofs: shown, agent: attempt.agent },
    },
    end: { outcome: "done", reason: "every requirement passed" },
    notices: [
      announceCompletion({
        key: task.key,
        title: task.title,
        agent: attempt.agent,
        attempt: attempt.id,
        version: task.version + 1,
        proofs: shown,
      }),
    ],
  };
}

/** Every proof passed, but not of work on the lane's route: the attempt is over, and what it brought closes nothing. */
function taintedReturn(
  facts: TaskFacts & { readonly attempt: Attempt },
  base: Change,
  { field, expected, got }: Refusal,
): Change {
  const seen = got == null ? "nothing was seen" : `${JSON.stringify(got)} was seen`;
  const reason = `route tainted: ${field} is to be ${JSON.stringify(expected)}, and ${seen}`;
  const event = { ...base.event, kind: "attempt.tainted" };
  const back = giveBack(facts, { outcome: "failed", counts: "failure", reason }, event);
  const route = { field: field ?? "route", expected: expected ?? null, got: got ?? null };
  return {
    ...back,
    event: { ...back.event, data: { ...back.event.data, ...base.event.data, reason, route, returned: true } },
    ...(base.verdict ? { verdict: base.verdict } : {}),
  };
}

/** Back to the holder while its lease lives, else to the queue with a failure counted. */
function returned(facts: TaskFacts & { readonly attempt: Attempt }, base: Change, proof: Proof): Change {
  const reason = `proof "${proof.requirement}" failed: ${proof.reason ?? "no reason given"}`;
  const event = { ...base.event, data: { ...base.event.data, returned: true } };
  if (leaseLives(facts.attempt, facts.now)) return { ...base, event, set: { status: "active" } };
  const back = giveBack(facts, { outcome: "failed", counts: "failure", reason }, event);
  return {
    ...back,
    event: { ...back.event, data: { ...back.event.data, ...event.data } },
    ...(base.verdict ? { verdict: base.verdict } : {}),
  };
}
