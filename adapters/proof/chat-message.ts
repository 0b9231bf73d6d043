import { z } from "zod";
import type { ChatMessage, ChatMessages } from "../../src/ports/chat-messages.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { sha256 } from "./answers.ts";
import { defineVerifier, failed, inconclusive, passed } from "./define.ts";

export interface ChatMessageSettings {
  readonly chatMessages: ChatMessages;
}

/**
 * `chat-message`: a message that somebody wrote in a chat, linked by its permalink.
 *
 * Holds when the policy's `platform` itself says that the message is there, in the policy's `channel`, written by a person
 * (by `author`, the platform's id of a user, where that is said) and not by a program, not before the claim, not edited
 * after it was attached, and with `contains` in its text, where that is said. Ids are compared exactly, names never.
 */
export function chatMessageVerifier({ chatMessages }: ChatMessageSettings): Verifier {
  return defineVerifier({
    kind: "chat-message",
    fields: {
      platform: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,39}$/, "a platform's name, such as slack, discord or local"),
      channel: z.string().min(1).max(200),
      author: z.string().min(1).max(200).optional(),
      contains: z.string().min(1).max(2000).optional(),
    },
    matches: (wanted, uri) => chatMessages.recognises(wanted.platform, uri),
    async verify(wanted, proof) {
      const { platform } = wanted;
      let message: ChatMessage | null;
      try {
        message = await chatMessages.find(platform, proof.uri);
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        return inconclusive(`${platform} could not be asked: ${error.message}`, {}, error.retryAfterMs);
      }
      if (!chatMessages.recognises(platform, proof.uri)) {
        return failed(`A chat-message proof is the permalink of a message on ${platform}.`);
      }
      if (message === null) return failed(`${platform} knows no such message, or not any more.`);
      const { id, channel, author, at, editedAt, text } = message;
      const seen = { id, channel, author, at, editedAt, sha256: sha256(Buffer.from(text)) };
      const wrong = fault(wanted, message, proof.attempt.claimedAt, proof.attachedAt);
      if (wrong !== null) return failed(wrong, seen);
      return passed(`${author} wrote it in ${channel}.`, `chat-message:${platform}:${channel}:${id}`, seen);
    },
  });
}

function fault(
  wanted: {
    readonly channel: string;
    readonly author?: string | undefined;
    readonly contains?: string | undefined;
  },
  message: ChatMessage,
  claimedAt: number,
  attachedAt: number,
): string | null {
  if (message.channel !== wanted.channel) return `The policy wants a message in ${wanted.channel}.`;
  if (message.bot) return "A program wrote it; the policy wants a person's word.";
  if (wanted.author !== undefined && message.author !== wanted.author) {
    return `The policy wants a message of ${wanted.author}.`;
  }
  if (message.at < claimedAt) return "It was written before the task was claimed.";
  // At the very millisecond nobody can tell which came first.
  if (message.editedAt !== null && message.editedAt >= attachedAt) {
    return "It was edited after it was attached: attach it again.";
  }
  if (wanted.contains !== undefined && !message.text.includes(wanted.contains)) {
    return "It does not hold the text the policy wants.";
  }
  return null;
}
