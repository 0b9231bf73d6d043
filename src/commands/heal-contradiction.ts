import type { Healing } from "../core/check.ts";
import type { Contradiction } from "../core/contradiction.ts";
import type { Json } from "../core/json.ts";
import type { Block } from "../core/task.ts";
import type { Caller, House } from "./house.ts";
import { reclaimAttempt } from "./reclaim-lapsed.ts";
import { refreshBrief } from "./refresh-brief.ts";
import { unblockTask } from "./unblock-task.ts";
import { verifyAgain } from "./verify-again.ts";

/** What was mended, for the journal, and in a sentence for people. */
export interface Healed {
  readonly how: string;
  readonly before: { readonly [field: string]: Json };
  readonly after: { readonly [field: string]: Json };
}

/** How much of an edited brief is kept, in UTF-16 code units: what a hand wrote is less. */
const FILE_KEPT = 100_000;

/** One way of mending: a guarded command that people use as well. Null where the command refused or is not the way. */
type Mend = (house: House, record: Contradiction, caller: Caller) => Promise<Healed | null>;

const MENDS: Readonly<Record<Healing, Mend>> = {
  reclaim: async (house, { data, task }, caller) => {
    const id = data?.["attempt"];
    if (typeof id !== "string") return null;
    const outcome = await reclaimAttempt(house, id, caller);
    if (!outcome.ok) return null;
    const { attempt } = outcome.value.before;
    return {
      how: `the lapsed ${id} was taken back, and ${task ?? "its task"} is in the queue again`,
      before: {
        attempt: id,
        session: attempt?.session ?? null,
        leaseExpiresAt: attempt?.leaseExpiresAt ?? null,
      },
      after: { version: outcome.value.version },
    };
  },
  unblock: async (house, { task: key, data }, caller) => {
    if (key === undefined) return null;
    const why = typeof data?.["why"] === "string" ? data["why"] : "its condition cleared";
    const version = typeof data?.["version"] === "number" ? data["version"] : undefined;
    const outcome = await unblockTask(house, { key, version, reason: why }, caller);
    if (!outcome.ok) return null;
    const { block } = outcome.value.before.task;
    return {
      how: `${key} was unblocked, because ${why}`,
      before: { block: block === null ? null : blockJson(block) },
      after: { version: outcome.value.version },
    };
  },
  "refresh-brief": async (house, { data }, caller) => {
    const last = await house.briefs.last();
    // What somebody wrote into the file by hand is about to be written over.
    const edited = data?.["finding"] === "brief-edited" ? await house.briefFile.read() : null;
    const outcome = await refreshBrief(house, caller);
    if (!outcome.ok) return null;
    const { revision, sha256 } = outcome.value;
    return {
      how: `the brief was written anew as revision ${revision}`,
      before: {
        revision: last?.revision ?? null,
        because: data?.["because"] ?? null,
        ...(edited === null ? {} : { file: edited.slice(0, FILE_KEPT).toWellFormed() }),
      },
      after: { revision, sha256 },
    };
  },
  "verify-again": async (house, { task: key, data }, caller) => {
    // A proof that is due and taken by nobody is asked for already.
    if (key === undefined || data?.["finding"] !== "verifying-stuck") return null;
    const outcome = await verifyAgain(house, { key }, caller);
    if (!outcome.ok) return null;
    return {
      how: `the proofs of ${key} are looked at again`,
      before: { version: outcome.value.version - 1 },
      after: { version: outcome.value.version },
    };
  },
};

function blockJson({ kind, reason, owner, question, choices }: Block): Json {
  return { kind, reason, owner, question, choices: [...choices] };
}

/** Mends one contradiction by its named verb and keeps what was before and after. Null where it could not. */
export async function healContradiction(
  house: House,
  record: Contradiction,
  healing: Healing,
  caller: Caller,
): Promise<Healed | null> {
  const healed = await MENDS[healing](house, record, caller);
  if (healed === null) return null;
  const { before, after } = healed;
  await house.contradictions.journal({
    contradiction: record.id,
    task: record.task ?? null,
    healing,
    before,
    after,
  });
  return healed;
}
