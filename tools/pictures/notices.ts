// One notice of every kind, made by the real commands and jobs in the story's house, as the outbox hands them to platforms.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { attachProof } from "../../src/commands/attach-proof.ts";
import type { House } from "../../src/commands/house.ts";
import { postDigests } from "../../src/commands/post-digests.ts";
import { postHeartbeats } from "../../src/commands/post-heartbeats.ts";
import { reportClaimInChat } from "../../src/commands/report-claim.ts";
import type { NoticeKind } from "../../src/core/notice.ts";
import { describeRefusal } from "../../src/core/refusal.ts";
import { recheckPool } from "../../src/jobs/recheck-proofs.ts";
import type { Delivery } from "../../src/ports/outbox.ts";
import { beatOnce, openStoryHouse, type StoryHouse, tellMorning } from "../story.ts";

const MINUTE = 60_000;
const PERSON = { actor: "person:local:operator" };
const CHANNEL = { platform: "local", channel: "gatehouse" };
/** How long after done the story's proofs are looked at again. */
const RECHECK_MS = 15 * MINUTE;
const BEAT_EVERY = 3;

export interface Shown {
  /** What the picture says above it. */
  readonly caption: string;
  /** When it was written, in milliseconds since 1970 UTC. */
  readonly at: number;
  readonly delivery: Delivery;
}

/** Which notice of a kind is shown: the newest whose data fits. */
type Wanted = readonly [kind: NoticeKind, caption: string, fits?: (data: Delivery["data"]) => boolean];

const WANTED: readonly Wanted[] = [
  ["heartbeat", "heartbeat"],
  ["digest", "digest"],
  ["task-card", "task-card, at work", ({ status }) => status === "active"],
  ["task-card", "task-card, blocked with its question", ({ status }) => status === "blocked"],
  ["contradiction", "contradiction", ({ state }) => state === "open"],
  ["proof-status", "proof-status, below the message with the link", ({ say }) => say === true],
  ["auto-complete", "auto-complete", ({ key }) => key === "CLIP-1"],
  ["correction", "correction, below its announcement"],
];

/** The notices of a morning, each as it stands at the end of it, and that moment. */
export async function morningNotices(): Promise<{ readonly shown: readonly Shown[]; readonly now: number }> {
  const story = await openStoryHouse(new Date().setUTCHours(9, 13, 0, 0));
  try {
    await goOn(story, await tellMorning(story));
    const now = await story.house.queue.now();
    return { shown: await chosen(story.house), now };
  } finally {
    await story.close();
  }
}

/** After the morning: a proof that fails, one that rots, an agent that claims too much, and the full hour. */
async function goOn(story: StoryHouse & { readonly proofs: string }, held: string): Promise<void> {
  const { house, settle } = story;
  const message = (id: string): string => `${CHANNEL.platform}:${CHANNEL.channel}:${id}`;
  const reply = {
    by: "person",
    key: held,
    uri: "file:reports/recall-v2.txt",
    requirement: "recall report",
    replyTo: message("1001"),
  } as const;
  const attached = await attachProof(house, reply, PERSON);
  if (!attached.ok) throw new Error(describeRefusal(attached.refusal));
  await settle();
  await claimTooMuch(house);
  rmSync(join(story.proofs, "clips/teaser.txt"));
  const again = recheckPool(house, [RECHECK_MS], new AbortController().signal);
  await again.run();
  await again.idle();
  await stayAlive(story, held, 21);
  story.pass(1);
  await postDigests(house);
  await postHeartbeats(house);
  await settle();
}

async function claimTooMuch(house: House): Promise<void> {
  const text = "🔵🔵🔵 AUTO-COMPLETE CLIP-3 captions are in, trust me";
  const answer = await reportClaimInChat(
    house,
    { text, messageRef: { ...CHANNEL, message: "1002" }, author: "agent:ivy" },
    { actor: "system:local" },
  );
  if (answer?.contradiction == null) throw new Error("The claim should contradict the queue.");
}

/** So many minutes, in which whoever holds the task says that they are still there. */
async function stayAlive({ house, pass }: StoryHouse, key: string, minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += BEAT_EVERY) {
    pass(BEAT_EVERY);
    const attempt = (await house.queue.task(key))?.attempt;
    if (attempt == null) throw new Error(`Nobody holds ${key}.`);
    await beatOnce(house, attempt);
  }
}

async function chosen({ outbox }: House): Promise<readonly Shown[]> {
  const notices = await outbox.notices({ after: 0, limit: 1000 });
  const all = await Promise.all(
    notices.map(async (notice) => ({ ...notice, data: (await outbox.dataOf(notice.id)) ?? {} })),
  );
  return WANTED.map(([kind, caption, fits = () => true]) => {
    const one = all.findLast((notice) => notice.kind === kind && fits(notice.data));
    if (one === undefined) throw new Error(`The morning left no ${caption}.`);
    return { caption, at: one.at, delivery: delivered(one) };
  });
}

function delivered(
  notice: Pick<Delivery, "kind" | "task" | "text" | "data"> & { readonly id: number },
): Delivery {
  const { id, kind, task, text, data } = notice;
  return {
    ...CHANNEL,
    notice: id,
    channelId: 1,
    kind,
    task,
    text,
    data,
    revision: 1,
    anchor: null,
    tries: 1,
    doubtful: false,
  };
}
