import { type BriefRevision, briefContent } from "../core/brief.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { done, missing, type Outcome, type Refusal, refuse, refused } from "../core/refusal.ts";
import { RULES, type Validation } from "../core/validation.ts";
import { briefFindings, writeBriefFile } from "./brief-file.ts";
import type { Caller, House } from "./house.ts";
import { recentValidation, validateQueue } from "./validate-queue.ts";

export interface Refreshed {
  readonly revision: number;
  /** ISO 8601: when this revision was made. */
  readonly generatedAt: string;
  readonly sha256: string;
  /** False where the queue says what it said before: the revision stays. */
  readonly changed: boolean;
}

/** Findings that a refusal names; the others are counted. */
const NAMED = 20;
const DECISIONS = 8;

/**
 * Makes the brief anew from a valid queue, in the table and then in the file: a crash in between is seen by
 * queue-validate and mended by the next run. From an invalid queue nothing is made: the last good brief stays, marked
 * stale, and the refusal lists what is wrong.
 */
export async function refreshBrief(house: House, caller: Caller): Promise<Outcome<Refreshed>> {
  await house.queue.promote();
  const validation = await validateQueue(house);
  if (!validation.valid) {
    const last = await house.briefs.last();
    await markStale(house, last, errorCodes(validation));
    return refused(queueInvalid(validation, last));
  }
  for (let tries = 1; tries <= DECISIONS; tries += 1) {
    const facts = await house.briefs.facts();
    const content = canonicalJson(briefContent(facts));
    const sha256 = house.identity.sha256(content);
    const last = await house.briefs.last();
    const same = last !== null && last.sha256 === sha256 && last.content === content;
    const made = same
      ? last
      : await house.briefs.add(last?.revision ?? 0, {
          generatedBy: caller.actor,
          event: facts.event,
          sha256,
          content,
        });
    if (made === null) continue;
    await markStale(house, made, null);
    return done({
      revision: made.revision,
      generatedAt: new Date(made.generatedAt).toISOString(),
      sha256: made.sha256,
      changed: !same,
    });
  }
  return refused(
    refuse("queue-truth", "contended", {
      field: "brief",
      expected: "one refresh at a time",
      got: `${DECISIONS} others`,
      hint: "Others are making the brief at this moment: read it, it is new.",
    }),
  );
}

async function markStale(
  house: House,
  brief: BriefRevision | null,
  because: readonly string[] | null,
): Promise<void> {
  if (brief === null) return;
  if (brief.staleBecause?.join() !== because?.join()) await house.briefs.mark(brief.revision, because);
  await writeBriefFile(house);
}

function errorCodes({ findings }: Validation): readonly string[] {
  return [...new Set(findings.filter(({ severity }) => severity === "error").map(({ code }) => code))];
}

function queueInvalid({ findings }: Validation, last: BriefRevision | null): Refusal {
  const errors = findings.filter(({ severity }) => severity === "error");
  const kept =
    last === null ? "There is no brief yet" : `Revision ${last.revision} of the brief stays, marked stale`;
  return refuse("queue-truth", "queue-invalid", {
    field: "queue",
    expected: "no findings of severity error",
    got: {
      errors: errors.length,
      findings: errors.slice(0, NAMED).map((each): Json => ({ ...each })),
    },
    hint: `${kept}: mend what \`gatehouse queue-validate\` lists, then refresh again.`,
  });
}

export interface BriefAnswer extends Omit<Refreshed, "changed"> {
  /** The queue is invalid now, or the brief was edited by hand: do not work from it unasked. */
  readonly stale: boolean;
  /** Codes of the findings, where it is stale. */
  readonly staleBecause?: readonly string[];
  /** The content that `sha256` is of; with a lane, cut down to that one. */
  readonly brief: { readonly [field: string]: Json };
}

/** The last good brief, and whether it may still be believed. */
export async function readBrief(house: House, lane?: string): Promise<Outcome<BriefAnswer>> {
  const last = await house.briefs.last();
  if (last === null) {
    const hint = "No brief was made yet: run `gatehouse queue-operating-refresh`.";
    return refused(missing("brief", lane ?? null, hint));
  }
  const brief = JSON.parse(last.content) as { readonly [field: string]: Json };
  const cut = lane === undefined ? brief : cutToLane(brief, lane);
  if (cut === null) {
    const hint = `The brief knows no lane ${lane}: \`gatehouse lane list\` shows them.`;
    return refused(missing("lane", lane ?? null, hint));
  }
  const codes = errorCodes(await recentValidation(house));
  const edited = (await briefFindings(house)).length > 0 ? [RULES["brief-edited"].code] : [];
  const because = [...codes, ...edited];
  return done({
    revision: last.revision,
    generatedAt: new Date(last.generatedAt).toISOString(),
    sha256: last.sha256,
    stale: because.length > 0,
    ...(because.length === 0 ? {} : { staleBecause: because }),
    brief: cut,
  });
}

function cutToLane(
  brief: { readonly [field: string]: Json },
  lane: string,
): { readonly [field: string]: Json } | null {
  const lanes = (brief["lanes"] ?? []) as readonly { readonly [field: string]: Json }[];
  const found = lanes.filter((each) => each["name"] === lane);
  return found.length === 0 ? null : { ...brief, lanes: found };
}
