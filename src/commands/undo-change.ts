import { unsnooze } from "../core/contradiction.ts";
import { done, missing, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import { type Block, PRIORITIES } from "../core/task.ts";
import type { EventRecord } from "../ports/log.ts";
import { assignTask } from "./assign-task.ts";
import { blockTask } from "./block-task.ts";
import { changeAgent } from "./change-agent.ts";
import type { Caller, House } from "./house.ts";
import { moveContradiction } from "./move-contradiction.ts";
import { pauseLane, resumeLane } from "./pause-lane.ts";
import { prioritizeTask } from "./prioritize-task.ts";
import { unblockTask } from "./unblock-task.ts";
import { healingOf, undoHealing } from "./undo-healing.ts";

/** What an event was taken back by: one sentence for people. */
export interface Undone {
  readonly event: EventRecord;
  readonly text: string;
}

/** Makes the change that leads back, guarded by what the event left; refuses where something came in between. */
type Inverse = (house: House, event: EventRecord, caller: Caller) => Promise<Outcome<string>>;

/**
 * What has an exact way back. Whatever moved a task on since has been decided on what it was: a task's inverse holds only
 * at the version the event made.
 */
const INVERSES: Readonly<Record<string, Inverse>> = {
  "task.prioritized": async (house, event, caller) => {
    const { key, version } = taskOf(event);
    const priority = PRIORITIES.find((one) => one === event.data["from"]);
    if (priority === undefined) return refused(noWayBack(event));
    const reason = because(event);
    const outcome = await prioritizeTask(house, { key, version, priority, reason }, caller);
    return told(event, outcome, `${key} is ${priority} again.`);
  },
  "task.assigned": async (house, event, caller) => {
    const { key, version } = taskOf(event);
    const [lane, owner] = [text(event, "fromLane"), text(event, "fromOwner")];
    if ("fromLane" in event.data && lane === undefined) return refused(noWayBack(event, "It had no lane."));
    const outcome = await assignTask(house, { key, version, lane, owner, reason: because(event) }, caller);
    return told(event, outcome, `${key} is back with ${[lane, owner].filter(Boolean).join(" and ")}.`);
  },
  "task.blocked": async (house, event, caller) => {
    const { key, version } = taskOf(event);
    if (event.attempt !== null) {
      return refused(noWayBack(event, `It ended ${event.attempt}, which is not taken up again: unblock it.`));
    }
    const outcome = await unblockTask(house, { key, version, reason: because(event) }, caller);
    return told(event, outcome, `${key} is in the queue again.`);
  },
  "task.unblocked": async (house, event, caller) => {
    const { key, version } = taskOf(event);
    const block = await blockBefore(house, event);
    if (block === null)
      return refused(noWayBack(event, "What it was blocked on is not in its log any more."));
    const outcome = await blockTask(house, { key, version, ...block }, caller);
    return told(event, outcome, `${key} is blocked again and asks: ${block.question}`);
  },
  "lane.paused": (house, event, caller) => laneBack(house, event, caller, text(event, "reason") ?? null),
  "lane.resumed": (house, event, caller) => laneBack(house, event, caller, null),
  "agent.paused": (house, event, caller) => changeBack(house, event, caller, "resume"),
  "agent.resumed": (house, event, caller) => changeBack(house, event, caller, "pause"),
  "contradiction.snoozed": async (house, event, caller) => {
    const id = Number(event.data["id"]);
    const until = Number(event.data["snoozedUntil"]);
    const standing = await house.contradictions.get(id);
    if (standing !== null && (standing.state !== "snoozed" || standing.snoozedUntil !== until)) {
      return refused(movedOn(event, standing.state));
    }
    const outcome = await moveContradiction(house, id, caller, (record) => unsnooze(record));
    return told(event, outcome, `#${id} is heard of again.`);
  },
};

/** Why others have none, in a sentence each. */
const FOR_GOOD: Readonly<Record<string, string>> = {
  "task.cancelled": "Cancelled is for good: add the task anew.",
  "task.added": "It is on record: cancel it if it is not wanted.",
  "task.reopened": "It is done again when its proof passes again, and by nothing else.",
  "task.requeued": "Its attempts are counted anew: cancel it, or let it be pulled.",
  "proof.attached": "Attach another link: the last one counts.",
  "proof.approved": "An approval was given for the proofs as they stood, and may have completed the task.",
  "channel.set": "Say with `/gate subscribe` what the channel is to be told.",
};

/**
 * Takes back one change of one's own by its event's id, or without an id the last one: as a new, guarded change that is on
 * record like any other. Nothing is skipped to find one that could be undone, and nobody else's is touched.
 */
export async function undoChange(
  house: House,
  id: number | undefined,
  caller: Caller,
): Promise<Outcome<Undone>> {
  const found = await undoable(house, id, caller);
  if (!found.ok) return found;
  const outcome = await found.value.undo(caller);
  return outcome.ok ? done({ event: found.value.event, text: outcome.value }) : outcome;
}

/** The event that would be undone, and how; or why none would. */
export async function undoable(
  house: House,
  id: number | undefined,
  { actor }: Pick<Caller, "actor">,
): Promise<
  Outcome<{ readonly event: EventRecord; readonly undo: (caller: Caller) => Promise<Outcome<string>> }>
> {
  const event =
    id === undefined
      ? ((await house.log.recent({ actor, limit: 1 })).events[0] ?? null)
      : await house.log.event(id);
  if (event === null) {
    const hint = id === undefined ? "You changed nothing of late." : "`/gate audit` shows the events.";
    return refused(missing("event", id ?? null, hint));
  }
  const healing = await healingOf(house, event);
  if (healing !== null) {
    // What the bot mended is nobody's own: any operator may take it back.
    return done({ event, undo: (caller) => mendingBack(house, healing.id, caller) });
  }
  if (event.actor !== actor) {
    return refused(
      refuse("queue-truth", "not-yours", {
        field: "event",
        expected: actor,
        got: event.actor,
        hint: `#${event.id} is somebody else's: make the change you want yourself, under your own name.`,
      }),
    );
  }
  const inverse = INVERSES[event.kind];
  if (inverse === undefined || event.imported === true) return refused(noWayBack(event));
  return done({ event, undo: (caller) => inverse(house, event, caller) });
}

/** `left` is what the event left the lane paused for, null where it ran. It must be so still, also when it is written. */
async function laneBack(
  house: House,
  event: EventRecord,
  caller: Caller,
  left: string | null,
): Promise<Outcome<string>> {
  const name = text(event, "name") ?? "";
  const was = text(event, "was") ?? null;
  if (was === null && left === null) return refused(noWayBack(event, "Why it was paused is not in the log."));
  const stands = (await house.roster.lane(name))?.pausedReason ?? null;
  if (stands !== left) return refused(movedOn(event, stands ?? "it runs"));
  const outcome =
    was === null
      ? await resumeLane(house, name, caller, left ?? undefined)
      : await pauseLane(house, { name, reason: was, from: left }, caller);
  // Somebody may have been quicker: then the lane says so.
  if (outcome.ok && outcome.value.pausedReason !== was) {
    return refused(movedOn(event, outcome.value.pausedReason ?? "it runs"));
  }
  return told(event, outcome, was === null ? `${name} runs again.` : `${name} is paused again: ${was}`);
}

async function mendingBack(house: House, id: number, caller: Caller): Promise<Outcome<string>> {
  const outcome = await undoHealing(house, id, caller);
  return outcome.ok ? done(`mending ${id} is taken back.`) : outcome;
}

async function changeBack(
  house: House,
  event: EventRecord,
  caller: Caller,
  change: "pause" | "resume",
): Promise<Outcome<string>> {
  const name = text(event, "name") ?? "";
  const agent = (await house.roster.agents()).find((one) => one.name === name);
  if (agent?.paused === (change === "pause")) {
    return refused(movedOn(event, agent.paused ? "paused" : "not paused"));
  }
  const outcome = await changeAgent(house, { name, change, reason: because(event) }, caller);
  return told(event, outcome, change === "pause" ? `${name} is paused again.` : `${name} may pull again.`);
}

/** What the task was blocked on just before the event: its last block, with whoever it was given to since. */
async function blockBefore(house: House, { id, task }: EventRecord): Promise<Omit<Block, "since"> | null> {
  const history = await house.listing.history(task ?? "");
  const before = (history?.events ?? []).filter((event) => event.id < id);
  const blocked = before.findLast(({ kind }) => kind === "task.blocked");
  if (blocked === undefined) return null;
  const owner = before
    .filter((one) => one.id > blocked.id)
    .map((one) => text(one, "owner"))
    .findLast((one) => one !== undefined);
  const block = blocked.data as unknown as Omit<Block, "since">;
  return owner === undefined ? block : { ...block, owner };
}

function taskOf({ task, version }: EventRecord): { readonly key: string; readonly version: number } {
  return { key: task ?? "", version: version ?? 0 };
}

function text({ data }: EventRecord, field: string): string | undefined {
  const value = data[field];
  return typeof value === "string" ? value : undefined;
}

function because({ id }: EventRecord): string {
  return `undoes #${id}`;
}

/** A version that moved on is told as what it is here: something came after the change. */
function told(event: EventRecord, outcome: Outcome<unknown>, sentence: string): Outcome<string> {
  if (outcome.ok) return done(sentence);
  const { refusal } = outcome;
  return refused(refusal.code === "stale-version" ? movedOn(event, refusal.expected ?? null) : refusal);
}

function movedOn({ id, kind, task, version }: EventRecord, now: Refusal["got"] | null): Refusal {
  return refuse("queue-truth", "moved-on", {
    field: task === null ? "event" : "version",
    expected: task === null ? "as it left it" : version,
    got: now ?? null,
    hint: `Something happened after #${id} (${kind}), based on it: make the change you want yourself.`,
  });
}

function noWayBack({ id, kind }: EventRecord, why = FOR_GOOD[kind] ?? "It has no exact way back."): Refusal {
  return refuse("queue-truth", "not-undoable", {
    field: "event",
    expected: Object.keys(INVERSES),
    got: kind,
    hint: `#${id} cannot be undone. ${why}`,
  });
}
