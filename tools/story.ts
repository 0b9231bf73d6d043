// A morning in a real house, told through the real commands: a store on a temporary file, the real verifiers, the real
// views and delivery. Only time is the story's own, so that a morning passes in a second.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { allPlatforms } from "../adapters/chat/all.ts";
import { manualClock } from "../db/clock.ts";
import { openStore } from "../db/store.ts";
import { addEpic } from "../src/commands/add-epic.ts";
import { type AddTask, addTask } from "../src/commands/add-task.ts";
import { attachProof } from "../src/commands/attach-proof.ts";
import { beat } from "../src/commands/beat.ts";
import { blockAttempt } from "../src/commands/block-task.ts";
import { claimTask } from "../src/commands/claim-task.ts";
import type { House } from "../src/commands/house.ts";
import { submitAttempt } from "../src/commands/submit-attempt.ts";
import { readConfig } from "../src/config.ts";
import type { Attempt } from "../src/core/attempt.ts";
import type { Requirement } from "../src/core/proof.ts";
import { describeRefusal, type Outcome } from "../src/core/refusal.ts";
import { deliverOutbox } from "../src/jobs/deliver-outbox.ts";
import { answerProofReplies } from "../src/jobs/proof-replies.ts";
import { ringOnWrite } from "../src/jobs/ring-on-write.ts";
import { updateTaskCards } from "../src/jobs/task-cards.ts";
import { proofPool } from "../src/jobs/verify-proofs.ts";
import { Nudge } from "../src/ports/nudge.ts";
import { openHouse } from "../src/wiring.ts";

const PERSON = { actor: "person:local:operator" };
const MINUTE = 60_000;

const LANES = {
  builder: { route: { provider: "anthropic", model: "claude-opus-5" }, capacity: 4 },
  ops: { route: { provider: "minimax", model: "minimax-m3" }, capacity: 2 },
  writer: { route: { provider: "openai", model: "gpt-5.5" }, capacity: 2 },
} as const;
type LaneName = keyof typeof LANES;

const passes = (name: string): Requirement => ({ name, kind: "command", argv: ["true"] });
const file = (name: string, path: string): Requirement => ({ name, kind: "file", path });

export interface StoryHouse {
  readonly house: House;
  readonly nudge: Nudge;
  /** Says what a person says on the page and lets the views and the verifiers follow. */
  readonly settle: () => Promise<void>;
  readonly pass: (minutes: number) => void;
  readonly close: () => Promise<void>;
}

/** A house of its own in a temporary folder, its clock standing at `startAt` (milliseconds since 1970 UTC). */
export async function openStoryHouse(startAt: number): Promise<StoryHouse & { readonly proofs: string }> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-story-"));
  const proofs = join(folder, "proofs");
  mkdirSync(proofs);
  const url = `file:${join(folder, "gatehouse.db")}`;
  const { config } = readConfig({ GATEHOUSE_DB_URL: url, GATEHOUSE_PROOF_ROOT: proofs });
  const wired = await openHouse(config);
  const clock = manualClock(startAt);
  const store = await openStore({ url, clock });
  const nudge = new Nudge();
  const house = ringOnWrite({ ...wired.house, ...store }, nudge);
  const platforms = allPlatforms({ localChat: house.localChat });
  const follow = async (): Promise<void> => {
    await updateTaskCards(house);
    await answerProofReplies(house);
    while ((await deliverOutbox(house, platforms)).nextDueMs === 0);
  };
  return {
    house,
    nudge,
    proofs,
    settle: async () => {
      await follow();
      const pool = proofPool(house, new AbortController().signal);
      do {
        await pool.run();
        await pool.idle();
      } while ((await house.proofWork.due(1)).length > 0);
      await follow();
    },
    pass: (minutes) => {
      clock.now += minutes * MINUTE;
    },
    close: async () => {
      await store.close();
      await wired.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything up to the moment the pictures show. Answers with the key of the task whose thread is worth opening. */
export async function tellMorning(story: StoryHouse & { readonly proofs: string }): Promise<string> {
  const { house, settle, pass } = story;
  await found(house);
  const make = maker(house);
  const teaser = await make({
    title: "Cut the launch teaser to 30 seconds",
    acceptance: "30 s, no black frames, the logo on the last second",
    priority: "P1",
    requirements: [passes("render checks"), file("clip", "clips/teaser.txt")],
  });
  await make({
    title: "Rotate the ad account's API key",
    lane: "ops",
    epic: "OPS",
    acceptance: "The old key answers 401",
    requirements: [passes("old key refused")],
  });
  await make({
    title: "Burn captions into the vertical cuts",
    acceptance: "Readable on a phone at arm's length",
    requirements: [file("captions", "clips/captions.txt")],
  });
  const detector = await make({
    title: "Detect scene changes without the paid API",
    acceptance: "Recall above 0.95 on the labelled set",
    requirements: [passes("unit tests"), file("recall report", "reports/recall.txt")],
  });
  await make({
    title: "Publish the teaser to the channel",
    acceptance: "The link answers 200",
    dependsOn: [teaser],
    requirements: [passes("link")],
  });
  await rest(make);

  const alive = async (minutes: number, ...held: readonly Attempt[]): Promise<void> => {
    pass(minutes);
    for (const attempt of held) await beatOnce(house, attempt);
  };
  const first = await claim(house, "builder", "ivy", "ivy-0913");
  await settle();
  await alive(4);
  const second = await claim(house, "ops", "blueprint", "bp-11");
  await settle();
  await alive(7, first, second);
  await write(story, "clips/teaser.txt", "teaser, 30.0 s\n");
  await prove(house, first, "command:render checks", "file:clips/teaser.txt");
  await settle();
  await alive(2, second);
  const third = await claim(house, "builder", "ivy", "ivy-0914");
  await settle();
  await alive(5, second, third);
  await block(house, third, {
    reason: "Two fonts are licensed for video, and they look very different.",
    question: "Which font do the captions use?",
    choices: ["Inter", "Source Sans"],
  });
  await settle();
  await alive(3, second);
  const fourth = await claim(house, "builder", "forge", "forge-7");
  await settle();
  await alive(4, second, fourth);
  await alive(2, second);
  await prove(house, second, "command:old key refused");
  await settle();
  await alive(1);
  await write(story, "reports/recall.txt", "recall 0.962\n");
  return detector;
}

async function found(house: House): Promise<void> {
  for (const [name, lane] of Object.entries(LANES))
    await must(house.roster.setLane({ name, ...lane }, PERSON.actor));
  await must(house.roster.pauseLane("writer", "waiting for the style guide", PERSON.actor));
  well(await addEpic(house, { key: "CLIP", title: "ClipStalker launch" }, PERSON));
  well(await addEpic(house, { key: "OPS", title: "Keeping it running" }, PERSON));
  const agents = [
    ["ivy", "builder"],
    ["forge", "builder"],
    ["blueprint", "ops"],
  ] as const;
  for (const [name, lane] of agents) {
    const keyHash = house.identity.sha256(house.identity.secret());
    await must(house.roster.addAgent({ name, role: "agent", lanes: [lane], keyHash }, PERSON.actor));
  }
}

type Make = (task: Partial<AddTask> & { readonly title: string }) => Promise<string>;

function maker(house: House): Make {
  return async (task) =>
    well(
      await addTask(
        house,
        { lane: "builder", epic: "CLIP", acceptance: "It works", requirements: [passes("checks")], ...task },
        PERSON,
      ),
    );
}

/** What waits, so that the figures beside the channel are a real queue's. */
async function rest(make: Make): Promise<void> {
  const waiting: readonly (readonly [title: string, lane: LaneName])[] = [
    ["Trim silences from the podcast feed", "builder"],
    ["Thumbnail test: faces against text", "builder"],
    ["Nightly backup goes to the second region", "ops"],
    ["Describe every clip in two languages", "writer"],
    ["Write the launch post", "writer"],
  ];
  for (const [title, lane] of waiting) await make({ title, lane, priority: "P3" });
  for (const title of ["Decide on a watermark", "Price the yearly plan"])
    await make({ title, draft: true, lane: "writer" });
}

async function claim(house: House, lane: LaneName, agent: string, session: string): Promise<Attempt> {
  const claimed = well(await claimTask(house, { lane, agent, session, route: LANES[lane].route }));
  if (!("facts" in claimed) || claimed.facts.attempt === null) throw new Error(`${lane} has nothing to pull`);
  return claimed.facts.attempt;
}

function holder({ id, epoch, agent }: Attempt) {
  return { attempt: id, epoch, agent };
}

export async function beatOnce(house: House, attempt: Attempt): Promise<void> {
  const { id, epoch, lane, session, route, agent } = attempt;
  const task = id.slice(0, id.lastIndexOf("."));
  const caller = { actor: `agent:${agent}` };
  well(await beat(house, { attempt: id, epoch, lane, task, session, route, agent }, caller));
}

async function prove(house: House, attempt: Attempt, ...uris: readonly string[]): Promise<void> {
  const caller = { actor: `agent:${attempt.agent}` };
  for (const uri of uris) well(await attachProof(house, { by: "holder", ...holder(attempt), uri }, caller));
  well(await submitAttempt(house, holder(attempt), caller));
}

async function block(
  house: House,
  attempt: Attempt,
  why: { readonly reason: string; readonly question: string; readonly choices: readonly string[] },
): Promise<void> {
  const caller = { actor: `agent:${attempt.agent}` };
  well(await blockAttempt(house, { ...holder(attempt), kind: "question", ...why }, caller));
}

/** Written at the story's own time, which is what the verifier compares it with. */
async function write(
  story: StoryHouse & { readonly proofs: string },
  path: string,
  text: string,
): Promise<void> {
  const whole = join(story.proofs, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  const now = (await story.house.queue.now()) / 1000;
  utimesSync(whole, now, now);
}

function well<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(describeRefusal(outcome.refusal));
  return outcome.value;
}

async function must<T extends object>(work: Promise<T>): Promise<T> {
  const answer = await work;
  if ("gate" in answer) throw new Error(JSON.stringify(answer));
  return answer;
}
