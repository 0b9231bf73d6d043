// A queue that lived: whatever people and agents do to tasks, done through the real commands in a random order. A step
// that is refused is a step all the same.
import * as fc from "fast-check";
import { addTask } from "../../src/commands/add-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { beat } from "../../src/commands/beat.ts";
import { blockTask } from "../../src/commands/block-task.ts";
import { cancelTask } from "../../src/commands/cancel-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { editTask } from "../../src/commands/edit-task.ts";
import type { House } from "../../src/commands/house.ts";
import { reclaimLapsed } from "../../src/commands/reclaim-lapsed.ts";
import { releaseAttempt } from "../../src/commands/release-attempt.ts";
import { reopenTask, requeueTask } from "../../src/commands/requeue-task.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { unblockTask } from "../../src/commands/unblock-task.ts";
import type { Requirement } from "../../src/core/proof.ts";
import { PRIORITIES } from "../../src/core/task.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import type { TestClock, TestHouse } from "../support/house.ts";
import { added, claimed, holder, submitted, verified, well } from "../support/story.ts";

/** Says what the link says, so that a story can go either way. */
export const given: Verifier = {
  kind: "given",
  check: () => [],
  matches: (_, uri) => uri.startsWith("given:"),
  verify: async ({ uri, requirement, attempt }) =>
    uri === "given:passed"
      ? {
          verdict: "passed",
          reason: "as given",
          evidence:
            requirement["reuse"] === true ? "given:shared" : `given:${attempt.id}:${requirement.name}`,
          seen: { uri, "2": null, "1": 0.1 },
        }
      : { verdict: "failed", reason: "as given" },
};

const ACTOR = { actor: "person:test:zoe" };
const ROUTES = [
  { provider: "anthropic", model: "claude-opus-5" },
  { provider: "openrouter", model: "meta/llama-4" },
] as const;
const LEASE_MS = 60_000;

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("Ärger 🎙️", "שלום", "quote \" and \\ and 'tick'", "tab\there", "null", "0"),
);
const index = fc.nat(50);

const lane = fc.constantFrom("builder", "ops");

const add = fc.record({
  do: fc.constant("add" as const),
  title: text,
  body: text,
  priority: fc.constantFrom(...PRIORITIES),
  lane,
  epic: fc.constantFrom("GATE", "CLIP"),
  draft: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  after: fc.array(index, { maxLength: 1 }),
  policy: fc.constantFrom("one", "two", "shared"),
  later: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  maxAttempts: fc.constantFrom(1, 2),
});
/** A whole try: claimed, then one of the ways it can end, or none. */
const work = fc.record({
  do: fc.constant("work" as const),
  lane,
  ending: fc.constantFrom("passed", "passed", "failed", "release", "lapse", "hold", "beat"),
});
const person = fc.record({
  do: fc.constantFrom(
    "block",
    "unblock",
    "cancel",
    "reopen",
    "requeue",
    "move",
    "edit",
    "queue",
    "submit",
    "prove",
  ),
  which: index,
  text,
});
const roster = fc.oneof(
  fc.record({ do: fc.constant("route" as const), lane, route: fc.nat(1) }),
  fc.record({ do: fc.constantFrom("pause", "resume", "resume"), lane }),
);
const step = fc.oneof(
  { weight: 2, arbitrary: add },
  { weight: 6, arbitrary: work },
  { weight: 3, arbitrary: person },
  { weight: 1, arbitrary: roster },
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
export const steps = fc
  .tuple(fc.array(add, { minLength: 2, maxLength: 6 }), fc.array(step, { minLength: 5, maxLength: 30 }))
  .map(([first, then]): Step[] => [...first, ...then]);

const POLICIES: Readonly<Record<string, readonly Requirement[]>> = {
  one: [{ name: "checks", kind: "given" }],
  two: [
    { name: "checks", kind: "given" },
    { name: "seen", kind: "given", deep: { b: [1, 2.5], a: null } },
  ],
  shared: [{ name: "checks", kind: "given", reuse: true }],
};

export async function live(open: TestHouse, story: readonly Step[]): Promise<void> {
  const { house, clock } = open;
  for (const lane of ["builder", "ops"]) {
    well(
      settled(
        await house.roster.setLane(
          { name: lane, route: ROUTES[0], capacity: 4, leaseMs: LEASE_MS, heartbeatMs: 10_000 },
          ACTOR.actor,
        ),
      ),
    );
  }
  for (const name of ["ada", "bob"]) {
    well(
      settled(
        await house.roster.addAgent(
          { name, role: "agent", lanes: ["builder", "ops"], keyHash: house.identity.sha256(name) },
          ACTOR.actor,
        ),
      ),
    );
  }
  await house.roster.addEpic({ key: "CLIP", title: "Clips ✂️", goal: "Eight of them" }, ACTOR.actor);
  const keys: string[] = [];
  for (const one of story) {
    await take(house, clock, one, keys);
    clock.advance(7);
  }
  await rest(house, clock);
}

/** A task added, claimed, proved and completed as the verifier above is told. */
export async function completedTask(
  house: House,
  session: string,
  requirements: readonly Requirement[],
): Promise<string> {
  const key = await added(house, { requirements });
  const held = await claimed(house, session);
  for (const { name } of requirements) {
    const link = { requirement: name, uri: "given:passed" };
    well(await attachProof(house, { by: "holder", ...holder(held), ...link }, ACTOR));
  }
  await submitted(house, held);
  await verified(house);
  return key;
}

/** Verdicts come, leases lapse: nobody holds anything, and that is what an export at rest means. */
export async function rest(house: House, clock: TestClock): Promise<void> {
  await verified(house);
  clock.advance(LEASE_MS * 2);
  await reclaimLapsed(house);
  await verified(house);
}

function settled<T extends object>(value: T) {
  return "gate" in value ? ({ ok: false, refusal: value } as never) : { ok: true as const, value };
}

async function take(house: House, clock: TestClock, one: Step, keys: string[]): Promise<void> {
  if (one.do === "add") {
    const after = keys.length === 0 ? [] : one.after.map((n) => keys[n % keys.length] as string);
    const outcome = await addTask(
      house,
      {
        title: one.title,
        body: one.body,
        acceptance: "It plays",
        epic: one.epic,
        lane: one.lane,
        priority: one.priority,
        draft: one.draft,
        requirements: POLICIES[one.policy] ?? [],
        dependsOn: after,
        limits: { maxAttempts: one.maxAttempts },
        ...(one.later ? { notBefore: clock.now + 40 } : {}),
      },
      ACTOR,
    );
    if (outcome.ok) keys.push(outcome.value);
    return;
  }
  if (one.do === "work") {
    await tryTask(house, clock, one);
    return;
  }
  if (one.do === "route") {
    const route = ROUTES[one.route === 1 ? 1 : 0];
    await house.roster.setLane({ name: one.lane, route }, ACTOR.actor);
    return;
  }
  if (one.do === "pause" || one.do === "resume") {
    await house.roster.pauseLane(one.lane, one.do === "pause" ? "lunch" : null, ACTOR.actor);
    return;
  }
  const key = "which" in one ? keys[one.which % Math.max(1, keys.length)] : undefined;
  if (key !== undefined && "which" in one) await change(house, one, key);
}

async function tryTask(house: House, clock: TestClock, one: Extract<Step, { do: "work" }>): Promise<void> {
  const route = (await house.roster.lane(one.lane))?.route ?? ROUTES[0];
  const agent = clock.now % 2 === 0 ? "ada" : "bob";
  const claim = await claimTask(house, { lane: one.lane, agent, session: `s-${clock.now}`, route });
  if (!claim.ok || !("facts" in claim.value)) {
    clock.advance(1500);
    return;
  }
  const { task, attempt } = claim.value.facts;
  if (attempt === null) return;
  const holder = { attempt: attempt.id, epoch: attempt.epoch, agent };
  const caller = { actor: `agent:${agent}` };
  clock.advance(11);
  switch (one.ending) {
    case "passed":
    case "failed":
      for (const { name } of task.requirements) {
        await attachProof(
          house,
          { by: "holder", ...holder, requirement: name, uri: `given:${one.ending}` },
          caller,
        );
      }
      await submitAttempt(house, holder, caller);
      await verified(house);
      return;
    case "release":
      await releaseAttempt(house, { ...holder, reason: "the tool is missing" }, caller);
      return;
    case "lapse":
      clock.advance(LEASE_MS);
      await reclaimLapsed(house);
      return;
    case "beat":
      await beat(
        house,
        { ...holder, lane: one.lane, task: task.key, session: attempt.session, route, note: "on it" },
        caller,
      );
      return;
    case "hold":
      return;
  }
}

type Change = Extract<Step, { which: number }>;

/** What a person does to a task; what its status forbids is refused, and that is fine. */
async function change(house: House, one: Change, key: string): Promise<void> {
  const facts = await house.queue.task(key);
  if (facts === null) return;
  const { task, attempt } = facts;
  const holder = { attempt: attempt?.id ?? "", epoch: attempt?.epoch ?? 0, agent: attempt?.agent ?? "" };
  const reason = one.text.trim() === "" ? "because" : one.text;
  const acts: { readonly [act in Change["do"]]: () => Promise<unknown> } = {
    prove: () =>
      attachProof(
        house,
        { by: "person", key, requirement: "checks", uri: "given:passed", replyTo: "local:gatehouse:7" },
        ACTOR,
      ),
    submit: () => submitAttempt(house, holder, { actor: `agent:${holder.agent}` }),
    block: () =>
      blockTask(
        house,
        { key, kind: "question", reason, question: "Which one?", choices: ["this", "that"] },
        ACTOR,
      ),
    unblock: () => unblockTask(house, { key, reason }, ACTOR),
    cancel: () => cancelTask(house, { key, reason }, ACTOR),
    reopen: () => reopenTask(house, { key, reason }, ACTOR),
    requeue: () => requeueTask(house, { key, reason }, ACTOR),
    move: () => editTask(house, { key, version: task.version, epic: "CLIP", lane: "ops" }, ACTOR),
    edit: () =>
      editTask(house, { key, version: task.version, body: reason, requirements: POLICIES["two"] }, ACTOR),
    queue: () => editTask(house, { key, version: task.version, draft: task.status !== "draft" }, ACTOR),
  };
  await acts[one.do]();
}
