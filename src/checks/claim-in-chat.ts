import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** A completion is announced by the bot alone. What somebody else announces is held against the queue. */
export const claimInChat = defineCheck({
  rule: "claim-in-chat",
  title: "Completion claimed in chat",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  returns: true,
  look: ({ claims }) =>
    claims
      .filter(({ status }) => status !== "done")
      .map(({ message, author, task, status, at }) => ({
        key: message,
        ...(task === null || status === null ? {} : { task }),
        source: sourceOf({ other: author }),
        detail:
          task === null
            ? `${author} announced a completion in chat that names no task.`
            : status === null
              ? `${author} announced ${task} as complete in chat, and there is no such task.`
              : `${author} announced ${task} as complete in chat, and the queue says it is ${status}.`,
        data: { message, author, since: at },
      })),
});
