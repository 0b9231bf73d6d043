import type { Answer } from "../../../../src/ports/chat-answer.ts";
import { renderAnswer } from "../render/answer.ts";

/** A message as Slack takes it: blocks, and the same in words for notifications and screen readers. */
export interface AnswerMessage {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: Slack's own type of blocks is a union of what each client knows
  readonly blocks: any[];
}

/** Slack's clients tell times by their own clock; whatever cannot reads this one. */
const ZONE = "UTC";

/** An answer with what can be pressed below it. `below`: the message a question came from, to which its answer belongs. */
export function answerMessage(answer: Answer, below: string | null): AnswerMessage {
  const { text, blocks } = renderAnswer(answer, { zone: ZONE, below });
  return { text, blocks: [...blocks] };
}

/** Not longer than so many characters, with a mark where something was left out. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
