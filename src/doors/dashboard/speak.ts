import type { House } from "../../commands/house.ts";
import { claimsCompletion, reportClaimInChat } from "../../commands/report-claim.ts";
import type { Json } from "../../core/json.ts";
import { tidyText } from "../../core/text.ts";
import { type Answer, answerText } from "../../ports/chat-answer.ts";
import { answerEdit } from "../chat/answer-edit.ts";
import { answerReply, hasLink, type ReplyAnswer } from "../chat/answer-reply.ts";
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
  if (claimsCompletion(line)) return speakClaim(house, channel, line, thread);
  const place = { platform: PLATFORM, name: channel };
  const context = { house, speaker: OPERATOR, place, verbs: allVerbs };
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
  if (claimsCompletion(text)) return speakClaim(house, channel, text, thread);
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
  await tell(house, answer, { ...shown, message }, text);
  return { answer: null, message };
}

/**
 * A person's own message in a thread, said anew, or deleted with null; null where there is none. What it attached is
 * checked again.
 */
export async function reviseInThread(
  house: House,
  channel: string,
  message: number,
  text: string | null,
): Promise<Spoken | null> {
  const words = text === null ? null : tidyText(text);
  const revised = await house.localChat.revise(channel, message, OPERATOR.actor, words);
  if (revised === null || revised.thread === null) return null;
  const answer = await answerEdit(house, OPERATOR, {
    head: { platform: PLATFORM, channel, message: String(revised.thread) },
    message: { platform: PLATFORM, channel, message: String(message) },
    text,
  });
  const shown = { channel, thread: revised.thread, task: revised.task, message };
  await tell(house, answer, shown, text ?? "");
  return { answer: null, message };
}

interface Shown {
  readonly channel: string;
  readonly thread: number;
  readonly task: string | null;
  readonly message: number;
}

/** Puts the bot's reaction on a message, and its words below it. */
async function tell(
  house: House,
  answer: ReplyAnswer,
  { channel, thread, task, message }: Shown,
  text: string,
): Promise<void> {
  const shown = { channel, thread, task };
  if (answer.reaction !== null && answer.reaction !== "⏳") {
    await house.localChat.react(channel, message, answer.reaction);
  }
  if (answer.text !== null) {
    const data = answer.question === undefined ? {} : asked(text, answer.question);
    await house.localChat.post({ ...shown, author: BOT, kind: "answer", text: tidyText(answer.text), data });
  }
}

/** What was said and what the bot makes of it, as the page draws them. */
function asked(line: string, answer: Answer): { readonly line: string; readonly answer: Json } {
  return { line: tidyText(line.trim()), answer: JSON.parse(JSON.stringify(answer)) as Json };
}

/** Somebody announces a completion: the words stand as theirs, and below them what the queue says. */
async function speakClaim(
  house: House,
  channel: string,
  text: string,
  thread: number | null,
): Promise<Spoken> {
  const said = { channel, task: null, data: {} };
  const message = await house.localChat.post({
    ...said,
    thread,
    author: OPERATOR.actor,
    kind: "said",
    text: tidyText(text.trim()),
  });
  if (message === null) return { answer: null, message };
  const claim = {
    text,
    messageRef: { platform: PLATFORM, channel, message: String(message) },
    author: OPERATOR.actor,
  };
  const answer = await reportClaimInChat(house, claim, { actor: BOT });
  if (answer !== null) {
    const words = { author: BOT, kind: "answer", text: tidyText(answer.text) } as const;
    await house.localChat.post({ ...said, thread: thread ?? message, ...words });
  }
  return { answer: null, message };
}
