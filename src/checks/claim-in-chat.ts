import { defineCheck } from "../core/check.ts";
import type { Sighting } from "../core/contradiction.ts";
import { sourceOf } from "../core/source.ts";
import type { ChatClaim } from "../core/watch-facts.ts";

const RULE = "claim-in-chat";

/** A completion is announced by the bot alone. What somebody else announces is held against the queue. */
export const claimInChat = defineCheck({
  rule: RULE,
  title: "Completion claimed in chat",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  returns: true,
  look: ({ claims }) => claims.flatMap((claim) => claimSighting(claim) ?? []),
});

/** Null where the queue says the same. */
export function claimSighting({ message, author, task, status, at }: ChatClaim): Sighting | null {
  if (status === "done") return null;
  const says =
    task === null
      ? "names no task"
      : status === null
        ? `names ${task}, and there is no such task`
        : `names ${task}, and the queue says it is ${status}`;
  return {
    rule: RULE,
    key: message,
    ...(task === null || status === null ? {} : { task }),
    source: sourceOf({ other: author }),
    detail: `${author} announced a completion in chat that ${says}.`,
    data: { message, author, since: at },
  };
}
