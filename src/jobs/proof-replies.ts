import type { House } from "../commands/house.ts";
import { messageName } from "../core/message.ts";
import type { PlainNotice } from "../core/notice.ts";
import type { ProofReplyStatus } from "../core/proof-status.ts";
import { tidyLine } from "../core/text.ts";
import type { Reaction } from "../ports/chat.ts";
import type { Posting } from "../ports/outbox.ts";
import type { RepliedProof } from "../ports/proof-replies.ts";
import type { RunResult } from "./loop.ts";

const VIEW = "proof-replies";
const AT_ONCE = 1000;

/**
 * Tells everybody who attached proof by writing a message what became of it: ⏳ while it is looked at, then ✅, or ❌
 * with the reason, on that very message. A view of the event log like the cards; a finding without a verdict leaves no
 * event, so those few proofs are looked up besides.
 */
export async function answerProofReplies(
  house: Pick<House, "log" | "outbox" | "proofReplies">,
): Promise<RunResult> {
  const from = await house.outbox.derivedUpTo(VIEW);
  const events = await house.log.events({ after: from, limit: AT_ONCE });
  const waiting = await house.proofReplies.waiting(AT_ONCE);
  const keys = new Set([...events.flatMap(({ task }) => task ?? []), ...waiting]);
  if (keys.size === 0 && events.length === 0) return { nextDueMs: null };
  const proofs = await house.proofReplies.ofTasks([...keys]);
  const messages = Map.groupBy(standing(proofs), ({ replyTo }) => messageName(replyTo));
  const postings = [...messages.values()].map((of) => answer(of));
  await house.outbox.derive(VIEW, from, events.at(-1)?.id ?? from, postings);
  return { nextDueMs: events.length === AT_ONCE ? 0 : null };
}

/** A message that was edited may hold a better link than before: what it replaced itself is not held against it. */
function standing(proofs: readonly RepliedProof[]): readonly RepliedProof[] {
  return proofs.filter(
    (one, index) =>
      !one.superseded ||
      !proofs
        .slice(index + 1)
        .some(
          (later) =>
            later.requirement === one.requirement &&
            later.task === one.task &&
            messageName(later.replyTo) === messageName(one.replyTo),
        ),
  );
}

/** One message may have attached several links: it gets one reaction for all, and one answer. */
function answer(proofs: readonly RepliedProof[]): Posting {
  const [{ replyTo, task }] = proofs as [RepliedProof];
  const states = proofs.map((proof) => stateOf(proof));
  const bad = states.filter(({ reaction }) => reaction === "❌");
  const open = states.filter(({ reaction }) => reaction === "⏳");
  const reaction: Reaction = bad.length > 0 ? "❌" : open.length > 0 ? "⏳" : "✅";
  const told = [...bad, ...open].flatMap(({ words }) => words ?? []);
  const notice: PlainNotice<"proof-status", ProofReplyStatus> = {
    kind: "proof-status",
    subject: `reply:${messageName(replyTo)}`,
    text: told.length > 0 ? told.join("\n") : plainly(task, proofs, reaction),
    data: {
      replyTo: messageName(replyTo),
      task,
      proofs: proofs.map(({ requirement, uri, verdict, reason }) => ({ requirement, uri, verdict, reason })),
      reaction,
      say: told.length > 0,
    },
  };
  return { notice, task, only: { platform: replyTo.platform, channel: replyTo.channel } };
}

function plainly(task: string, proofs: readonly RepliedProof[], reaction: Reaction): string {
  const names = proofs.map(({ requirement }) => requirement).join(", ");
  return reaction === "✅"
    ? `✅ ${names}: the proof for ${task} holds.`
    : `⏳ ${names}: the proof for ${task} is being checked.`;
}

/** What one link has come to; `words` only where a reaction alone would leave somebody wondering. */
function stateOf(proof: RepliedProof): { readonly reaction: Reaction; readonly words: string | null } {
  const { requirement, verdict, superseded, over } = proof;
  const reason = tidyLine(proof.reason ?? "");
  if (verdict === "passed") return { reaction: "✅", words: null };
  if (verdict === "failed") return { reaction: "❌", words: `❌ ${requirement}: ${reason}` };
  if (superseded)
    return { reaction: "❌", words: `❌ ${requirement}: a later link took its place before it was checked.` };
  if (over)
    return {
      reaction: "❌",
      words: `❌ ${requirement}: the attempt ended before it was checked. Attach it to the next one.`,
    };
  if (verdict === "inconclusive")
    return { reaction: "⏳", words: `⏳ ${requirement}: no verdict yet, it is looked at again. ${reason}` };
  return { reaction: "⏳", words: null };
}
