import type { House } from "../../commands/house.ts";
import type { Json } from "../../core/json.ts";
import { tidyText } from "../../core/text.ts";
import { type Answer, answerText } from "../chat/answer.ts";
import { answerReply, hasLink } from "../chat/answer-reply.ts";
import type { Speaker } from "../chat/role.ts";
import { runLine } from "../chat/run-line.ts";
import { allVerbs } from "../chat/verbs/all.ts";

/** Who sits at the page. Whoever can reach it may already do anything with the database beside it. */
export const OPERATOR: Speaker = { actor: "person:local:operator", role: "admin" };
const BOT = "bot:gatehouse";
const PLATFORM = "local";

/** `message` is null where nobody else is to see it: then the answer lives on the page that asked. */
export interface Spoken {
  readonly answer: Answer | null;
  readonly message: number | null;
}

/** A line typed in the channel. What it changed stands in the channel; what it only asked is answered to the page alone. */
export async function speakLine(
  house: House,
  channel: string,
  line: string,
  { confirmed, thread }: { readonly confirmed: boolean; readonly thread: number | null },
): Promise<Spoken> {
  const context = { house, speaker: OPERATOR, verbs: allVerbs };
  const { answer, visibility } = await runLine(context, line.trim(), confirmed);
  if (visibility === "caller") return { answer, message: null };
  const message = await house.localChat.post({
    channel,
    thread,
    author: OPERATOR.actor,
    kind: "answer",
    task: "task" in answer ? answer.task : null,
    text: tidyText(answerText(answer)),
    data: asked(line, answer),
  });
  return { answer, message };
}

/** A message written in a thread; null where there is no such thread. Commands work there as well. */
export async function speakInThread(
  house: House,
  channel: string,
  thread: number,
  text: string,
): Promise<Spoken | null> {
  const head = await house.localChat.message(channel, thread);
  if (head === null || head.thread !== null) return null;
  if (/^\s*\/gate\b/iu.test(text)) return speakLine(house, channel, text, { confirmed: false, thread });
  const shown = { channel, thread, task: head.task, data: {} };
  // The reaction of a message with links is there before anything can be proved, so that no verdict is ever overwritten.
  const message = await house.localChat.post({
    ...shown,
    author: OPERATOR.actor,
    kind: "said",
    text: tidyText(text),
    ...(hasLink(text) ? { reaction: "⏳" } : {}),
  });
  if (message === null) return null;
  const answer = await answerReply(house, OPERATOR, {
    head: { platform: PLATFORM, channel, message: String(thread) },
    message: { platform: PLATFORM, channel, message: String(message) },
    text,
  });
  if (answer.reaction !== null && answer.reaction !== "⏳") {
    await house.localChat.react(channel, message, answer.reaction);
  }
  if (answer.text !== null) {
    const data = answer.question === undefined ? {} : asked(text, answer.question);
    await house.localChat.post({ ...shown, author: BOT, kind: "answer", text: tidyText(answer.text), data });
  }
  return { answer: null, message };
}

/** What was said and what the bot makes of it, as the page draws them. */
function asked(line: string, answer: Answer): { readonly line: string; readonly answer: Json } {
  return { line: tidyText(line.trim()), answer: JSON.parse(JSON.stringify(answer)) as Json };
}
