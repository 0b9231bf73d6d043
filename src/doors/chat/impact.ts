import type { House } from "../../commands/house.ts";
import { attemptId } from "../../core/attempt.ts";
import type { Status, Task } from "../../core/task.ts";
import type { Dependents } from "../../ports/listing.ts";
import type { Question } from "./verb.ts";

/** The version that was looked at goes onto the confirmed line, unless the line names one itself. */
function pinned(text: string, task: Task, version: number | undefined): Question {
  return { text, ...(version === undefined ? { pins: { version: task.version } } : {}) };
}

/** Of what is over or unknown nothing is asked: the command refuses it. */
const OVER: readonly Status[] = ["done", "cancelled"];

/** `Cancelling CLIP-12 frees 1 place in builder (CLIP-12.2 of ada ends), strands 3: CLIP-13, CLIP-14, CLIP-15. …` */
export async function cancelling(
  house: House,
  key: string,
  version: number | undefined,
): Promise<Question | null> {
  const facts = await house.queue.task(key);
  if (facts === null || OVER.includes(facts.task.status)) return null;
  const { task, attempt, now } = facts;
  const { waiting } = await house.listing.dependents(key);
  const open = attempt !== null && attempt.endedAt === null;
  const living = open && attempt.leaseExpiresAt > now;
  const frees = living
    ? `frees 1 place in ${task.lane} (${attemptId(key, attempt.number)} of ${attempt.agent} ends)`
    : "frees no place";
  const strands = waiting.tasks === 0 ? "strands nothing" : `strands ${named(waiting)}`;
  return pinned(`Cancelling ${key} ${frees}, ${strands}. It is for good. Do it?`, task, version);
}

/** `Reopening CLIP-12 takes back its completion. Of those it released 2 queued wait again: …; 1 active goes on as it is. …` */
export async function reopening(
  house: House,
  key: string,
  version: number | undefined,
): Promise<Question | null> {
  const facts = await house.queue.task(key);
  if (facts?.task.status !== "done") return null;
  const { direct } = await house.listing.dependents(key);
  const released = direct.filter(({ status }) => status !== "cancelled");
  const parts = released.map(
    ({ status, ...some }) => `${named(some, status)} ${RELEASED[status] ?? GOES_ON}`,
  );
  const text =
    parts.length === 0 ? "Nothing was released by it." : `Of what it released, ${parts.join("; ")}.`;
  return pinned(`Reopening ${key} takes back that it is done. ${text} Do it?`, facts.task, version);
}

const WAITS = "wait for it again";
const GOES_ON = "go on as they are";
const RELEASED: Readonly<Partial<Record<Status, string>>> = {
  draft: WAITS,
  queued: WAITS,
  blocked: WAITS,
  dead: WAITS,
  done: "stay done",
};

/** `P0 puts CLIP-12 before everything else in builder: 14 runnable tasks come after it. …` */
export async function firstOfAll(
  house: House,
  key: string,
  version: number | undefined,
): Promise<Question | null> {
  const facts = await house.queue.task(key);
  if (facts === null || OVER.includes(facts.task.status) || facts.task.priority === "P0") return null;
  const { task } = facts;
  const lane = await laneCounts(house, task.lane);
  const others = Math.max(0, (lane?.runnable ?? 0) - (task.readyAt === null ? 0 : 1));
  const where = task.lane === null ? "its lane" : task.lane;
  const behind = others === 1 ? "1 runnable task comes" : `${others} runnable tasks come`;
  return pinned(
    `P0 puts ${key} before everything else in ${where}: ${behind} after it. Do it?`,
    task,
    version,
  );
}

/** `Pausing builder lets 7 runnable tasks wait; 2 at work go on. …` */
export async function pausing(
  house: House,
  what: { readonly kind: "lane" | "agent"; readonly name: string },
): Promise<Question | null> {
  if (what.kind === "lane") {
    const lane = await laneCounts(house, what.name);
    if (lane === undefined) return null;
    const paused = lane.pausedReason === null ? "" : ` It is paused already: ${lane.pausedReason}.`;
    const work = lane.living === 0 ? "nobody is at work in it" : `${lane.living} at work go on`;
    return { text: `Pausing ${lane.name} lets ${runnable(lane.runnable)} wait; ${work}.${paused} Do it?` };
  }
  const agent = (await house.roster.agents()).find(({ name }) => name === what.name);
  if (agent === undefined) return null;
  const lanes = (await house.roster.lanes()).filter(({ name }) => agent.lanes.includes(name));
  const count = lanes.reduce((sum, lane) => sum + lane.runnable, 0);
  const where = lanes.map(({ name }) => name).join(", ") || "no lane";
  const text = `Pausing ${agent.name} keeps it from ${runnable(count)} in ${where}; what it holds it may finish.`;
  return { text: `${text} Do it?` };
}

async function laneCounts(house: House, name: string | null) {
  return (await house.roster.lanes()).find((lane) => lane.name === name);
}

function runnable(count: number): string {
  return count === 1 ? "1 runnable task" : `${count} runnable tasks`;
}

/** `3: CLIP-13, CLIP-14, CLIP-15`, with `…` where not all are named. */
function named({ tasks, keys }: Dependents["waiting"], status = ""): string {
  const more = tasks > keys.length ? " …" : "";
  return `${tasks}${status === "" ? "" : ` ${status}`}: ${keys.join(", ")}${more}`;
}
