import { defineCheck } from "../core/check.ts";
import { sourceOf } from "../core/source.ts";

/** Told of the platform, not of each message: people there were thanked, and have no answer. */
export const inboxStuck = defineCheck({
  rule: "inbox-stuck",
  title: "What was asked in chat is not answered",
  weight: "loud",
  cleanRuns: 1,
  healing: null,
  look: ({ stuckInboxes }) =>
    stuckInboxes.map(({ platform, waiting, oldestAt, error }) => ({
      key: platform,
      source: sourceOf({ other: `platform:${platform}` }),
      detail: `${waiting} ${waiting === 1 ? "message" : "messages"} from ${platform} ${waiting === 1 ? "waits" : "wait"} for an answer, the oldest since ${new Date(oldestAt).toISOString()}${error === null ? "" : ` (${error})`}.`,
      data: { platform, waiting, since: oldestAt },
    })),
});
