import type { Attempt } from "./attempt.ts";
import {
  answerButtons,
  approveButton,
  type Button,
  cancelButton,
  proveButton,
  reopenButton,
} from "./button.ts";
import { taskReasons } from "./gates/runnable-pull.ts";
import type { Json } from "./json.ts";
import type { PlainNotice } from "./notice.ts";
import { HUMAN, type Proof, type VerdictName } from "./proof.ts";
import { routeName } from "./route.ts";
import type { Priority, Status, Task } from "./task.ts";

/** What must be shown of a task, and how far that has come on the attempt under way. */
export type CardProof = {
  readonly requirement: string;
  readonly kind: string;
  /** `missing`: nothing is attached to this attempt. */
  readonly verdict: VerdictName | "missing";
  readonly uri: string | null;
  readonly reason: string | null;
};

/** A task at one version, as people see it in a chat. Everything a platform needs to lay it out; times in milliseconds since 1970 UTC. */
export type TaskCard = {
  readonly key: string;
  readonly title: string;
  readonly epic: string;
  readonly lane: string | null;
  readonly priority: Priority;
  readonly status: Status;
  /** A button carries it: a stale one is refused. */
  readonly version: number;
  readonly completion: "proved" | "attested" | null;
  readonly attempts: number;
  readonly holder: {
    readonly attempt: string;
    readonly agent: string;
    readonly session: string;
    readonly route: string;
    readonly since: number;
    readonly leaseExpiresAt: number;
    readonly leaseMs: number;
  } | null;
  readonly proofs: readonly CardProof[];
  /** Why it is not runnable, by code of the gate; empty while somebody has it or once it is over. */
  readonly waits: readonly { readonly code: string; readonly detail: string }[];
  /** When the wait `not-before` is over: nothing happens then that would write the card anew. */
  readonly notBefore: number | null;
  readonly block: {
    readonly kind: string;
    readonly reason: string;
    readonly owner: string;
    readonly question: string;
    readonly choices: readonly string[];
    readonly since: number;
  } | null;
  /** How the last attempt ended, where nobody is at it now and it was not done. */
  readonly last: {
    readonly attempt: string;
    readonly agent: string;
    readonly outcome: string;
    readonly reason: string | null;
  } | null;
  /** What a person can do about it as it stands. */
  readonly buttons: readonly Button[];
};

/** What a task-card notice holds. */
export type TaskCardData = TaskCard & {
  /** Whom an offer's card is for, as its platform names them. */
  readonly mention?: string;
  /** On an offer's card: what its agent takes it up by, while it stands. */
  readonly offer?: Json;
  /** The channel an offer's card was posted in. */
  readonly place?: { readonly platform: string; readonly channel: string };
};

interface CardFacts {
  readonly now: number;
  readonly task: Task;
  readonly attempt: Attempt | null;
  readonly proofs: readonly Proof[];
}

/** The card of one offer, by its attempt: handed to an agent in a channel of its own. */
export function offerSubject(attempt: string): string {
  return `offer:${attempt}`;
}

/** Whose offer's card it is; null for any other subject. */
export function offerOf(subject: string): string | null {
  return subject.startsWith("offer:") ? subject.slice("offer:".length) : null;
}

export function cardSubject(key: string): string {
  return `card:${key}`;
}

/** The one live notice of a task: a view of its row, written anew as the row changes and edited in place. */
export function cardNotice(facts: CardFacts): PlainNotice<"task-card", TaskCardData> {
  const card = taskCard(facts);
  return { kind: "task-card", subject: cardSubject(card.key), text: cardLine(card), data: card };
}

export function taskCard({ now, task, attempt, proofs }: CardFacts): TaskCard {
  const open = attempt !== null && attempt.endedAt === null ? attempt : null;
  const counted = open !== null || task.completion === "proved" ? proofs : [];
  const shown = task.requirements.map(({ name, kind }) => cardProof(name, kind, counted));
  return {
    key: task.key,
    title: task.title,
    epic: task.epic,
    lane: task.lane,
    priority: task.priority,
    status: task.status,
    version: task.version,
    completion: task.completion,
    attempts: task.attempts,
    holder: open && {
      attempt: open.id,
      agent: open.agent,
      session: open.session,
      route: routeName(open.route),
      since: open.startedAt,
      leaseExpiresAt: open.leaseExpiresAt,
      leaseMs: open.leaseMs,
    },
    proofs: shown,
    waits: task.status === "queued" || task.status === "draft" ? [...taskReasons(task, now)] : [],
    notBefore: task.notBefore,
    block: task.block && { ...task.block, choices: [...task.block.choices] },
    last: open === null && task.status !== "done" ? lastTry(attempt) : null,
    buttons: cardButtons(task, shown),
  };
}

function cardButtons(task: Task, proofs: readonly CardProof[]): readonly Button[] {
  const at = { task: task.key, version: task.version };
  switch (task.status) {
    case "active":
      return [proveButton(task.key)];
    case "verifying": {
      const human = proofs.filter(({ kind }) => kind === HUMAN);
      return human
        .filter(({ verdict }) => verdict !== "passed")
        .map(({ requirement }) => approveButton(at, human.length > 1 ? requirement : null));
    }
    case "blocked":
      return [...(task.block === null ? [] : answerButtons(at, task.block)), cancelButton(at)];
    case "dead":
      return [reopenButton(at, "Try again…"), cancelButton(at)];
    case "done":
      return [reopenButton(at, "Reopen…")];
    case "draft":
    case "queued":
    case "offered":
    case "cancelled":
      return [];
  }
}

function cardProof(requirement: string, kind: string, proofs: readonly Proof[]): CardProof {
  const proof = proofs.find((one) => one.requirement === requirement);
  if (proof === undefined) return { requirement, kind, verdict: "missing", uri: null, reason: null };
  return { requirement, kind, verdict: proof.verdict, uri: proof.uri, reason: proof.reason };
}

function lastTry(attempt: Attempt | null): TaskCard["last"] {
  if (attempt === null || attempt.outcome === null) return null;
  return { attempt: attempt.id, agent: attempt.agent, outcome: attempt.outcome, reason: attempt.reason };
}

/** The card as one line, for logs, lists and platforms at their plainest. */
function cardLine(card: TaskCard): string {
  const parts = [`${card.key} ${card.title} — ${card.status}`, card.lane ?? "no lane", card.priority];
  if (card.holder !== null) parts.push(`held by ${card.holder.agent} (${card.holder.attempt})`);
  const passed = card.proofs.filter(({ verdict }) => verdict === "passed").length;
  if (card.proofs.length > 0) parts.push(`${passed} of ${card.proofs.length} proved`);
  if (card.block !== null) parts.push(`${card.block.owner}: ${card.block.question}`);
  const wait = card.waits.find(({ code }) => code !== "status");
  if (wait !== undefined) parts.push(`waits: ${wait.detail}`);
  return parts.join(" · ");
}
