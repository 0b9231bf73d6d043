import type { House } from "../../commands/house.ts";
import { recheckProofs } from "../../commands/recheck-proofs.ts";
import { type MessageRef, messageName } from "../../core/message.ts";
import { answerReply, linksOf, type ReplyAnswer, type ThreadReply } from "./answer-reply.ts";
import type { Speaker } from "./role.ts";

/**
 * Somebody edited or deleted a message of theirs. What it attached is checked again or withdrawn,
 * whoever they are by now; links that are new in it are attached as in a new message, below one of the bot's.
 */
export async function answerEdit(
  house: House,
  speaker: Speaker,
  reply: Omit<ThreadReply, "text" | "head"> & {
    readonly text: string | null;
    readonly head: MessageRef | null;
  },
): Promise<ReplyAnswer> {
  const { message, head, text } = reply;
  const links = text === null ? null : linksOf(text);
  const changed = { message: messageName(message), links };
  const attached = await recheckProofs(house, changed, { actor: speaker.actor });
  const fresh = links?.some((link) => !attached.includes(link)) === true;
  if (text === null || head === null || !fresh) return { reaction: null, text: null };
  return answerReply(house, speaker, { ...reply, head, text, attached });
}
