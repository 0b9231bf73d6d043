import type { House } from "../commands/house.ts";
import { settleProof } from "../commands/settle-proof.ts";
import type { Verdict } from "../core/proof.ts";
import { backoffMs } from "../core/task.ts";
import type { ProofWork } from "../ports/proof-work.ts";
import type { RunResult } from "./loop.ts";

/** How many proofs are looked at side by side, and how many of them on one host. */
const AT_ONCE = 64;
const AT_ONCE_A_HOST = 4;
/** How far a run looks for proofs of hosts that have room. */
const LOOK_AT = 1000;
/** The longest a verifier may take, in milliseconds: the longest a command may, and a little. */
const VERIFY_MS = 660_000;
/** The lease on the work, renewed while it is under way: so long a proof waits after its process was killed. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
/** An inconclusive proof is asked again after 1 s, 2 s, 4 s …, or when the verifier said; at most every ten minutes. */
const RETRY_MAX_MS = 600_000;
/** A proof without an answer for so long is a person's to look at; it is still asked again. */
const ASK_AFTER_MS = 24 * 3_600_000;

export interface ProofPool {
  /** Starts what is due and there is room for; resolves as soon as it is started. */
  run(): Promise<RunResult>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

/**
 * Verifies proofs side by side: a slow host or a long command holds up its own proofs and no others. A process killed
 * in between loses nothing: the lease on the work lapses and the proof is verified again, and a verdict that comes
 * twice finds the version moved. `settled` is called after each, so that a loop fills the free place.
 */
export function proofPool(
  house: House,
  signal: AbortSignal,
  settled: () => void = () => undefined,
): ProofPool {
  const underWay = new Map<number, Promise<void>>();
  let renewedAt = house.clock.now();
  const onHost = new Map<string, number>();
  const count = (host: string, by: number): void => {
    onHost.set(host, (onHost.get(host) ?? 0) + by);
  };

  const start = (work: ProofWork): void => {
    const host = hostOf(work.proof.uri);
    count(host, 1);
    const task: Promise<void> = verifyOne(house, work, signal)
      // Whatever broke, the lease lapses and the proof is taken up again.
      .catch(() => undefined)
      .finally(() => {
        count(host, -1);
        underWay.delete(work.proof.id);
        settled();
      });
    underWay.set(work.proof.id, task);
  };

  /** The longest due proofs of hosts that have room. */
  const choose = async (): Promise<readonly number[]> => {
    const room = AT_ONCE - underWay.size;
    if (room <= 0) return [];
    const planned = new Map(onHost);
    const chosen: number[] = [];
    for (const { id, uri } of await house.proofWork.due(LOOK_AT)) {
      const host = hostOf(uri);
      const there = planned.get(host) ?? 0;
      if (chosen.length === room || there >= AT_ONCE_A_HOST) continue;
      planned.set(host, there + 1);
      chosen.push(id);
    }
    return chosen;
  };

  return {
    async run() {
      if (house.clock.now() - renewedAt > RENEW_MS && underWay.size > 0) {
        renewedAt = house.clock.now();
        await house.proofWork.renew([...underWay.keys()], LEASE_MS);
      }
      const chosen = await choose();
      const taken = chosen.length === 0 ? [] : await house.proofWork.take(chosen, LEASE_MS);
      for (const work of taken) start(work);
      // What is due but found no room is started when a place is free, not by asking again.
      const next = underWay.size > 0 ? null : await house.proofWork.nextDue();
      return { nextDueMs: next === null ? null : Math.max(0, next - (await house.queue.now())) };
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

/** What a link leads to, for the bound a host: files and commands are this machine's. */
function hostOf(uri: string): string {
  try {
    return new URL(uri).host || "local";
  } catch {
    return "local";
  }
}

async function verifyOne(house: House, work: ProofWork, signal: AbortSignal): Promise<void> {
  const verdict = await judge(house, work, signal);
  if (verdict === null) return;
  // Called off, not answered: whoever runs next takes it up at once.
  if (signal.aborted && verdict.verdict === "inconclusive") return house.proofWork.giveBack(work.proof.id);
  if (verdict.verdict === "inconclusive") {
    const retryMs = verdict.retryAfterMs ?? backoffMs(work.proof.checks + 1);
    await house.proofWork.postpone(work.proof.id, verdict.reason, Math.min(retryMs, RETRY_MAX_MS));
    await askAPerson(house, work, verdict.reason);
    return;
  }
  const outcome = await settleProof(house, work, verdict);
  if (!outcome.ok) {
    // A twin refused what core allowed: it stays due and visible, and is never taken for done.
    const { gate, hint } = outcome.refusal;
    await house.proofWork.postpone(work.proof.id, `${gate}: ${hint}`, RETRY_MAX_MS);
  }
}

/** One notice a proof, edited in place: after a day without an answer somebody should look. */
async function askAPerson(house: House, { proof, taskKey }: ProofWork, reason: string): Promise<void> {
  const waitedMs = (await house.queue.now()) - proof.attachedAt;
  if (waitedMs < ASK_AFTER_MS) return;
  await house.outbox.post(
    {
      kind: "proof-status",
      subject: `proof-unanswered:${proof.id}`,
      text: `${taskKey}: the proof for "${proof.requirement}" has had no answer for ${Math.floor(waitedMs / 3_600_000)} h: ${reason}. Attach another proof, or cancel the task.`,
      data: { task: taskKey, proof: proof.id, requirement: proof.requirement, uri: proof.uri, reason },
    },
    taskKey,
  );
}

/** The verifier's verdict; null where nobody needs it any more. Fails closed: an unknown kind proves nothing. */
async function judge(house: House, work: ProofWork, signal: AbortSignal): Promise<Verdict | null> {
  const { proof, taskKey } = work;
  const facts = await house.queue.attempt(`${taskKey}.${proof.attempt}`);
  const requirement = facts?.task.requirements.find((one) => one.name === proof.requirement);
  if (facts?.attempt == null || facts.attempt.endedAt !== null || requirement === undefined) {
    await house.proofWork.drop(proof.id);
    return null;
  }
  const verifier = house.verifiers.get(requirement.kind);
  if (verifier === undefined) {
    return { verdict: "inconclusive", reason: `No verifier for ${requirement.kind} is configured here.` };
  }
  const { id, agent, startedAt: claimedAt } = facts.attempt;
  try {
    return await verifier.verify(
      {
        requirement,
        uri: proof.uri,
        task: { key: taskKey, createdBy: facts.createdBy },
        attempt: { id, agent, claimedAt },
        now: facts.now,
      },
      AbortSignal.any([signal, AbortSignal.timeout(VERIFY_MS)]),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { verdict: "inconclusive", reason: `The verifier broke: ${why}` };
  }
}
