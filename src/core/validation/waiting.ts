import { taskReasons } from "../gates/runnable-pull.ts";
import type { Status, Task } from "../task.ts";
import { type Finding, finding } from "../validation.ts";
import { RESTORE, when } from "./fields.ts";
import type { TaskRecord } from "./record.ts";

/** Nothing is waited for any more. */
const OVER: readonly Status[] = ["done", "cancelled"];

/** What a task waits for, and whether its derived columns say the same. */
export function waitingFindings(record: TaskRecord): readonly Finding[] {
  return [...stranded(record.task), ...dangling(record), ...derived(record)];
}

function stranded(task: Task): readonly Finding[] {
  if (OVER.includes(task.status)) return [];
  const gone = task.dependencies.filter(({ status }) => status === "cancelled").map(({ key }) => key);
  if (gone.length === 0) return [];
  return [
    finding(
      "dependency-stranded",
      { task: task.key },
      `${task.key} waits for ${gone.join(", ")}, cancelled and never to be done: it is stranded.`,
      `Say what it waits for instead, or let it wait for nothing: gatehouse task edit ${task.key} --depends-on KEY`,
    ),
  ];
}

function dangling({ task, dangling: targets }: TaskRecord): readonly Finding[] {
  if (OVER.includes(task.status) || targets.length === 0) return [];
  return [
    finding(
      "dependency-dangling",
      { task: task.key },
      `${task.key} came in waiting for ${targets.join(", ")}, which is not in this queue: nothing holds it back.`,
      `Name the task it should wait for: gatehouse task edit ${task.key} --depends-on KEY`,
    ),
  ];
}

/**
 * `open_dependencies` and `ready_at` against the gate's own words. A not-before that has passed makes a task due, and
 * the next claim promotes it first: only what no claim would ever find is missing.
 */
function derived({ task, openDependencies, now }: TaskRecord): readonly Finding[] {
  const findings: Finding[] = [];
  const open = task.dependencies.filter(({ status }) => status !== "done").length;
  if (open !== openDependencies) {
    const detail = `${task.key} says that ${openDependencies} of its dependencies are open, and ${open} are.`;
    findings.push(finding("open-dependencies-wrong", { task: task.key }, detail, RESTORE));
  }
  const waits = taskReasons(task, now).filter(({ code }) =>
    ["status", "dependency", "dependency-cancelled", "not-before"].includes(code),
  );
  const time = task.notBefore === null ? "--any-time" : `--not-before ${when(task.notBefore)}`;
  const again = `gatehouse task edit ${task.key} ${time}`;
  if (task.readyAt !== null && waits.length > 0) {
    const detail = `${task.key} counts as ready since ${when(task.readyAt)} although ${waits.map((reason) => reason.detail).join("; ")}.`;
    findings.push(finding("ready-untrue", { task: task.key }, detail, `Have it worked out anew: ${again}`));
  }
  if (task.readyAt === null && waits.length === 0 && task.notBefore === null) {
    const detail = `${task.key} is queued and waits for nothing, yet no claim will find it: it does not count as ready.`;
    findings.push(finding("ready-missing", { task: task.key }, detail, `Have it worked out anew: ${again}`));
  }
  return findings;
}

/**
 * Tasks that wait for themselves, directly or through others: each strongly connected part of the graph, ids ascending.
 * `edges` are pairs of task and what it depends on, laid flat. Linear in the number of edges.
 */
export function cycles(edges: readonly number[]): readonly (readonly number[])[] {
  const after = new Map<number, number[]>();
  for (let at = 0; at < edges.length; at += 2) {
    const [task, target] = [edges[at] as number, edges[at + 1] as number];
    const targets = after.get(task);
    if (targets === undefined) after.set(task, [target]);
    else targets.push(target);
  }
  return connected(after)
    .filter((part) => part.length > 1 || after.get(part[0] as number)?.includes(part[0] as number) === true)
    .map((part) => part.toSorted((a, b) => a - b))
    .toSorted((a, b) => (a[0] as number) - (b[0] as number));
}

interface Visit {
  readonly node: number;
  readonly order: number;
  next: number;
  low: number;
}

/** Tarjan's strongly connected components, without recursion: a chain may be a million tasks long. */
function connected(after: ReadonlyMap<number, readonly number[]>): readonly number[][] {
  const orders = new Map<number, number>();
  const parts: number[][] = [];
  const open: number[] = [];
  const isOpen = new Set<number>();
  const path: Visit[] = [];
  const enter = (node: number): void => {
    const order = orders.size;
    orders.set(node, order);
    open.push(node);
    isOpen.add(node);
    path.push({ node, order, next: 0, low: order });
  };
  const leave = (visit: Visit): void => {
    path.pop();
    const before = path.at(-1);
    if (before !== undefined) before.low = Math.min(before.low, visit.low);
    if (visit.low !== visit.order) return;
    const part = open.splice(open.lastIndexOf(visit.node));
    for (const node of part) isOpen.delete(node);
    parts.push(part);
  };
  for (const root of after.keys()) {
    if (orders.has(root)) continue;
    enter(root);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = after.get(visit.node)?.[visit.next];
      if (target === undefined) {
        leave(visit);
        continue;
      }
      visit.next += 1;
      const order = orders.get(target);
      if (order === undefined) enter(target);
      else if (isOpen.has(target)) visit.low = Math.min(visit.low, order);
    }
  }
  return parts;
}

const SHOWN = 12;

/** A part of the graph that waits for itself, as keys in the order of ids. Told once, of its first task. */
export function cycleFinding(keys: readonly string[]): Finding {
  const [first = "", ...others] = keys;
  const shown =
    keys.slice(0, SHOWN).join(", ") + (keys.length > SHOWN ? ` and ${keys.length - SHOWN} more` : "");
  const detail =
    others.length === 0
      ? `${first} waits for itself and can never be pulled.`
      : `${shown} wait for each other in a circle: none of them can ever be pulled.`;
  const fix = `Take one dependency out of the circle: gatehouse task edit ${first} --depends-on KEY`;
  return finding("dependency-cycle", { task: first }, detail, fix);
}
