import { leaseLives } from "../core/attempt.ts";
import type { Change } from "../core/change.ts";
import { holderTrust } from "../core/gates/heartbeat-trust.ts";
import { queueTruth } from "../core/gates/queue-truth.ts";
import type { Requirement } from "../core/proof.ts";
import { done, invalid, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import { deceivingInLine } from "../core/text.ts";
import type { TaskFacts } from "../ports/queue.ts";
import { type Caller, change, changeAttempt, type HeldFacts, type House, noTask } from "./house.ts";
import type { ProofFacts } from "./proof-facts.ts";
import { submission } from "./submit-attempt.ts";

interface Link {
  readonly uri: string;
  /** The requirement's name; absent where the link itself tells which is meant. */
  readonly requirement?: string | undefined;
}

export type AttachProof =
  | (Link & {
      readonly by: "holder";
      readonly attempt: string;
      readonly epoch: number;
      readonly agent: string;
    })
  | (Link & { readonly by: "person"; readonly key: string; readonly replyTo?: string | undefined });

/** The longest link, in UTF-16 code units: what browsers and servers take at the least. */
const LINK_MAX = 2000;

/**
 * Attaches a link as proof to the open attempt and has it checked. The holder submits by itself; where a person attaches
 * the last proof that was missing, the attempt is submitted in their name.
 */
export async function attachProof(
  house: House,
  input: AttachProof,
  caller: Caller,
): Promise<Outcome<ProofFacts>> {
  const deceiving = deceivingInLine(input.uri);
  if (input.uri.trim() === "" || input.uri.length > LINK_MAX || deceiving !== null) {
    const got = deceiving ?? input.uri.length;
    return refused(
      invalid(
        "uri",
        { expected: `a link of 1 to ${LINK_MAX} plain characters`, got, hint: "Send the link alone." },
        "proof-before-done",
      ),
    );
  }
  const outcome =
    input.by === "holder"
      ? await changeAttempt(
          house,
          input.attempt,
          (facts) => holderAttaches(house, facts, input, caller),
          "justSeen",
        )
      : await change(
          house,
          () => house.queue.task(input.key),
          noTask(input.key),
          (facts) =>
            facts.attempt === null
              ? noOpenAttempt(facts.task)
              : personAttaches(house, { ...facts, attempt: facts.attempt }, input, caller),
        );
  if (!outcome.ok) return outcome;
  const { before } = outcome.value;
  const { task, attempt } = before;
  // After an answer that was lost, the facts are read once more.
  const after = outcome.value.facts ?? (await house.queue.attempt(attempt?.id ?? ""));
  const chosen = chooseRequirements(house, before, input);
  const meant = chosen.ok ? chosen.value : [];
  const [proof, ...others] = meant.flatMap(
    ({ name }) => after?.proofs.find(({ requirement }) => requirement === name) ?? [],
  );
  if (proof === undefined) return refused(noOpenAttempt(task));
  const submitted =
    input.by === "person" && (await submitForPerson(house, input.key, { actor: caller.actor }));
  return done({ proof, others, submitted });
}

function holderAttaches(
  house: House,
  facts: HeldFacts,
  input: AttachProof & { readonly by: "holder" },
  caller: Caller,
): Change | Refusal {
  const { task, attempt, now } = facts;
  const barred = holderTrust({ agent: input.agent, epoch: input.epoch, attempt, task }, now);
  return barred ?? attachment(house, facts, input, caller);
}

function personAttaches(
  house: House,
  facts: HeldFacts,
  input: AttachProof & { readonly by: "person" },
  caller: Caller,
): Change | Refusal {
  if (!leaseLives(facts.attempt, facts.now)) return noOpenAttempt(facts.task);
  return attachment(house, facts, input, caller);
}

function attachment(house: House, facts: HeldFacts, input: AttachProof, caller: Caller): Change | Refusal {
  const { task, attempt } = facts;
  if (task.status !== "active") {
    return queueTruth({ task, to: "verifying" }) ?? noOpenAttempt(task);
  }
  const chosen = chooseRequirements(house, facts, input);
  if (!chosen.ok) return chosen.refusal;
  const { uri } = input;
  const proofs = chosen.value.map(({ name: requirement, kind }) => ({ requirement, kind }));
  return {
    task: task.id,
    version: task.version,
    attempt: attempt.number,
    lease: "living",
    set: {},
    event: {
      kind: "proof.attached",
      actor: caller.actor,
      data: proofs.length === 1 ? { ...proofs[0], uri } : { proofs, uri },
      requestId: caller.requestId,
    },
    addProofs: proofs.map(({ requirement, kind }) => ({
      requirement,
      kind,
      uri,
      supersedes: facts.proofs.find((one) => one.requirement === requirement)?.id ?? null,
      replyTo: input.by === "person" ? input.replyTo : undefined,
    })),
  };
}

/**
 * Which requirements the link is for: the one named, or the only one whose verifier would take it, or each of several that
 * ask something else of the very same thing. One that passed on this attempt already is meant only where no other would
 * take the link.
 */
function chooseRequirements(
  house: Pick<House, "verifiers">,
  { task: { requirements }, proofs }: Pick<TaskFacts, "task" | "proofs">,
  input: AttachProof,
): Outcome<readonly Requirement[]> {
  const names = requirements.map(({ name }) => name);
  if (input.requirement !== undefined) {
    const named = requirements.find(({ name }) => name === input.requirement);
    if (named !== undefined) return done([named]);
    return refused(
      refuse("proof-before-done", "requirement-unknown", {
        field: "requirement",
        expected: names,
        got: input.requirement,
        hint: "Name one of the policy's requirements, exactly.",
      }),
    );
  }
  const fitting = requirements.filter(
    (one) => house.verifiers.get(one.kind)?.matches(one, input.uri) === true,
  );
  const lacking = fitting.filter(
    ({ name }) => !proofs.some(({ requirement, verdict }) => requirement === name && verdict === "passed"),
  );
  const meant = lacking.length > 0 ? lacking : fitting;
  if (meant.length > 0 && ofOneThing(house, meant)) return done(meant);
  return refused(
    fitting.length === 0
      ? refuse("proof-before-done", "proof-unfitting", {
          field: "uri",
          expected: requirements.map(({ name, kind }) => `${name} (${kind})`),
          got: input.uri,
          hint: "No requirement of the policy takes such a link.",
        })
      : refuse("proof-before-done", "requirement-ambiguous", {
          field: "requirement",
          expected: meant.map(({ name }) => name),
          got: input.uri,
          hint: "Several requirements would take this link: say which one it proves.",
        }),
  );
}

/** Whether each of them asks something else of what the link leads to. Two of one kind, or two readings of it, do not. */
function ofOneThing({ verifiers }: Pick<House, "verifiers">, requirements: readonly Requirement[]): boolean {
  const names = (one: string, other: string) => verifiers.get(one)?.beside?.includes(other) === true;
  return requirements.every(({ kind }, index) =>
    requirements.slice(index + 1).every((other) => names(kind, other.kind) || names(other.kind, kind)),
  );
}

function noOpenAttempt(task: { readonly key: string; readonly status: string }): Refusal {
  return refuse("proof-before-done", "no-open-attempt", {
    field: "status",
    expected: "active, with a living lease",
    got: task.status,
    hint: `${task.key} is ${task.status}: proof belongs to an open attempt. An agent must hold the task first.`,
  });
}

/** Submits where every requirement now has a proof; a refusal only means that something is still missing. */
export async function submitForPerson(house: House, key: string, caller: Caller): Promise<boolean> {
  const outcome = await change(
    house,
    () => house.queue.task(key),
    noTask(key),
    (facts) =>
      facts.attempt === null
        ? noOpenAttempt(facts.task)
        : submission(house, { ...facts, attempt: facts.attempt }, caller),
  );
  return outcome.ok;
}
