import type { TaskCard } from "../core/card.ts";
import type { DigestFacts } from "../core/digest.ts";
import { describeRefusal, type Refusal } from "../core/refusal.ts";
import type { Role } from "../core/role.ts";
import type { Finding } from "../core/validation.ts";
import type { TaskSummary } from "./listing.ts";

/** One verb as help shows it. */
export interface HelpEntry {
  readonly path: string;
  readonly summary: string;
  /** `/gate unblock TASK ANSWER… [--version N]` */
  readonly usage: string;
  readonly role: Role;
  readonly arguments: readonly {
    readonly name: string;
    readonly about: string;
    readonly required: boolean;
  }[];
  readonly example: string;
}

export interface LaneLine {
  readonly name: string;
  readonly route: string;
  readonly capacity: number;
  readonly living: number;
  readonly runnable: number;
  readonly pausedReason: string | null;
}

/** One event of the log, for people. */
export interface AuditLine {
  readonly id: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly task: string | null;
  /** The version of the task it made. */
  readonly version: number | null;
  /** `task.prioritized` */
  readonly event: string;
  /** `agent:NAME`, `person:PLATFORM:ID` or `system:JOB` */
  readonly actor: string;
  /** Where it came from: the channel, as `slack:C012AB`, else the platform a person was on, `agent`, or `system`. */
  readonly from: string;
  /** What it says of itself, in one line; may be empty. */
  readonly detail: string;
}

/** What the bot answers to a line, as data: each platform lays it out its own way, by an exhaustive switch. */
export type Answer =
  | { readonly kind: "done"; readonly text: string; readonly task: string | null }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The line itself is wrong; `suggestions` are whole lines that may have been meant. */
  | {
      readonly kind: "misunderstood";
      readonly text: string;
      readonly suggestions: readonly string[];
      readonly usage: string | null;
    }
  /** Nothing was done yet: the same line again, confirmed, does it. */
  | { readonly kind: "confirm"; readonly question: string; readonly line: string }
  | { readonly kind: "help"; readonly entries: readonly HelpEntry[] }
  /** `accounts`: the same person's others, as actors, where there are some. */
  | {
      readonly kind: "me";
      readonly actor: string;
      readonly role: Role;
      readonly may: readonly string[];
      readonly accounts?: readonly string[];
    }
  | {
      readonly kind: "status";
      readonly lanes: readonly LaneLine[];
      readonly counts: readonly { readonly status: string; readonly tasks: number }[];
    }
  | { readonly kind: "tasks"; readonly tasks: readonly TaskSummary[]; readonly next: string | null }
  | {
      readonly kind: "task";
      readonly card: TaskCard;
      readonly acceptance: string;
      readonly body: string;
      readonly dependencies: readonly { readonly key: string; readonly status: string }[];
    }
  /** `lines` say all of it in words, by the clock of `zone`. */
  | {
      readonly kind: "digest";
      readonly facts: DigestFacts;
      readonly zone: string;
      readonly lines: readonly string[];
    }
  /** What queue-validate found. `findings` are the first; `more` is how many are not shown. */
  | {
      readonly kind: "findings";
      readonly valid: boolean;
      /** ISO 8601. */
      readonly checkedAt: string;
      readonly tasks: number;
      readonly findings: readonly Finding[];
      readonly more: number;
    }
  /** Newest first; `next` is the line for what came before these. */
  | { readonly kind: "audit"; readonly events: readonly AuditLine[]; readonly next: string | null }
  | { readonly kind: "link"; readonly text: string; readonly url: string };

/** The answer in plain text: for logs, tests and platforms at their plainest. */
export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case "done":
      return answer.text;
    case "refused":
      return describeRefusal(answer.refusal);
    case "misunderstood":
      return lines(
        answer.text,
        ...answer.suggestions.map((one) => `Did you mean \`${one}\`?`),
        answer.usage ?? "",
      );
    case "confirm":
      return answer.question;
    case "help":
      return lines(...answer.entries.map(({ usage, summary }) => `${usage} — ${summary}`));
    case "me":
      return lines(
        `You are ${answer.actor}, ${answer.role}. You may: ${answer.may.join(", ")}.`,
        answer.accounts?.length ? `You are ${answer.accounts.join(", ")} as well.` : "",
      );
    case "status":
      return lines(
        answer.counts.map(({ status, tasks }) => `${tasks} ${status}`).join(", ") || "There is no task yet.",
        ...answer.lanes.map(laneText),
      );
    case "tasks":
      return lines(
        ...(answer.tasks.length === 0 ? ["No task fits."] : answer.tasks.map(taskText)),
        answer.next ?? "",
      );
    case "task":
      return lines(
        `${answer.card.key} ${answer.card.title} — ${answer.card.status}, ${answer.card.priority}, version ${answer.card.version}`,
        `Accepted when: ${answer.acceptance}`,
        ...answer.card.proofs.map(({ requirement, kind, verdict }) => `${requirement} (${kind}): ${verdict}`),
        ...answer.card.waits.map(({ detail }) => `Waits: ${detail}`),
      );
    case "digest":
      return lines(...answer.lines);
    case "findings":
      return lines(
        `The queue is ${answer.valid ? "valid" : "not valid"}: ${answer.tasks} tasks, checked ${answer.checkedAt}.`,
        ...answer.findings.map(findingText),
        answer.more === 0 ? "" : `… and ${answer.more} more: \`gatehouse queue-validate\` lists them all.`,
      );
    case "audit":
      return lines(
        ...(answer.events.length === 0 ? ["Nothing of that is in the log."] : answer.events.map(auditText)),
        answer.next ?? "",
      );
    case "link":
      return `${answer.text} ${answer.url}`;
  }
}

function findingText({ code, severity, task, lane, detail, fix }: Finding): string {
  const about = task ?? lane;
  return `${code} ${severity}${about === undefined ? "" : ` ${about}`}: ${detail} ${fix}`;
}

/** One event in a line. */
export function auditText({ id, at, task, event, actor, detail }: AuditLine): string {
  const about = task === null ? "" : ` ${task}`;
  return `#${id} ${new Date(at).toISOString()}${about} ${event} by ${actor}${detail === "" ? "" : ` — ${detail}`}`;
}

function laneText(lane: LaneLine): string {
  const paused = lane.pausedReason === null ? "" : `, paused: ${lane.pausedReason}`;
  return `${lane.name}: ${lane.living} of ${lane.capacity} at work, ${lane.runnable} runnable, ${lane.route}${paused}`;
}

function taskText(task: TaskSummary): string {
  const holder = task.holder === null ? "" : ` · ${task.holder.agent}`;
  return `${task.key} ${task.title} — ${task.status} · ${task.lane ?? "no lane"} · ${task.priority}${holder}`;
}

function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}
