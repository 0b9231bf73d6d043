import type { Json } from "../../core/json.ts";
import { tidyText } from "../../core/text.ts";
import type { AuditLine } from "../../ports/chat-answer.ts";
import type { EventRecord } from "../../ports/log.ts";

const DETAIL_MAX = 200;

/** One event of the log as people read it. */
export function auditLine({ id, at, task, version, kind, actor, data, via }: EventRecord): AuditLine {
  return { id, at, task, version, event: kind, actor, from: via ?? fromOf(actor), detail: detailOf(data) };
}

/** `person:slack:U1` came from slack, `agent:ada` through an agent's key, `system:watch` out of the bot itself. */
function fromOf(actor: string): string {
  const [sort = "", place = ""] = actor.split(":");
  return sort === "person" ? place : sort;
}

/** What happened in the event's own fields, in one short line: `from P2, to P0, reason a customer waits`. */
function detailOf(data: EventRecord["data"]): string {
  const parts = Object.entries(data).flatMap(([field, value]) => {
    const words = inWords(value);
    return words === "" ? [] : [`${field} ${words}`];
  });
  const line = tidyText(parts.join(", ")).replaceAll(/\s+/gu, " ");
  return line.length <= DETAIL_MAX ? line : `${line.slice(0, DETAIL_MAX - 1)}…`;
}

function inWords(value: Json): string {
  if (value === null || value === "") return "";
  if (Array.isArray(value)) return value.map(inWords).join(" ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
