import { defineCheck } from "../core/check.ts";
import type { ClearedBlock } from "../core/watch-facts.ts";

/** Blocked for something that is not so any more. Only what a row can tell: answers are for people to give. */
export const blockedThoughCleared = defineCheck({
  rule: "blocked-though-cleared",
  title: "Blocked though its condition cleared",
  weight: "quiet",
  cleanRuns: 1,
  healing: "unblock",
  look: ({ cleared }, now) =>
    cleared.flatMap((block) => {
      const why = clearedBecause(block, now);
      if (why === null) return [];
      const { task, version, kind, since } = block;
      return [
        {
          key: task,
          task,
          source: task,
          detail: `${task} is blocked (${kind}) although ${why}.`,
          data: { kind, since, version, why },
        },
      ];
    }),
});

function clearedBecause(block: ClearedBlock, now: number): string | null {
  const { kind, dependencies, openDependencies, notBefore, since } = block;
  if (kind === "dependency" && dependencies > 0 && openDependencies === 0) return "all it waited for is done";
  // A time that lay in the past already when it was blocked cannot be what it waits for.
  if (kind === "not-before" && notBefore !== null && notBefore > since && notBefore <= now) {
    return `the time it waited for, ${new Date(notBefore).toISOString()}, has come`;
  }
  return null;
}
