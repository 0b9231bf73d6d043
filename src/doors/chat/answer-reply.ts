import { attachProof } from "../../commands/attach-proof.ts";
import type { House } from "../../commands/house.ts";
import { unblockTask } from "../../commands/unblock-task.ts";
import { type MessageRef, messageName } from "../../core/message.ts";
import { describeRefusal } from "../../core/refusal.ts";
import type { Task } from "../../core/task.ts";
import type { Reaction } from "../../ports/chat.ts";
import { type Answer, answerText } from "../../ports/chat-answer.ts";
import { hasRole, type Speaker } from "./role.ts";
import { askWhich } from "./which-requirement.ts";

/** Somebody's message below one of the bot's. */
export interface ThreadReply {
  /** The message itself: what its proofs are answered on. */
  readonly message: MessageRef;
  /** The message at the head of the thread. */
  readonly head: MessageRef;
  readonly text: string;
  /** Links this message attached already: it was edited, and only what is new in it is attached. */
  readonly attached?: readonly string[];
  /** Names this message on the events it causes: handled once more after a crash, it causes none twice. */
  readonly requestId?: string | undefined;
}

/** What the platform does about it: a reaction on the message, words below it, or neither. */
export interface ReplyAnswer {
  readonly reaction: Reaction | null;
  readonly text: string | null;
  /** Where the bot asks back: the same as data, with a line for each choice. */
  readonly question?: Answer;
}

/** More in one message is a list, not a proof. */
const LINKS_MAX = 10;

/** A link, and before it, where somebody wrote one, the name of its requirement: `report: file:out/report.xml`. */
const LINK =
  /(?:([^\s:=<>"'][^\n:=<>"']*?)\s*[:=]\s+|([^\s:=<>"']+)=)?((?:https?:\/\/|file:|command:)[^\s<>"']+)/giu;
const TRAILING = /[.,;:!?)\]}…]+$/u;

/**
 * A reply in the thread of a notice. Links in it are attached as proof to the notice's task; what became of them is
 * shown on the message by the proof-status notice. People may also just talk: that is answered only where the bot has
 * something to say about it.
 */
export async function answerReply(house: House, speaker: Speaker, reply: ThreadReply): Promise<ReplyAnswer> {
  const { platform, channel, message } = reply.head;
  const key = await house.outbox.taskByAnchor(platform, channel, message);
  const facts = key === null ? null : await house.queue.task(key);
  const task = facts?.task ?? null;
  const links = readLinks(reply.text, task).filter(({ uri }) => reply.attached?.includes(uri) !== true);
  if (links.length === 0)
    return task === null ? { reaction: null, text: null } : answerTalk(house, speaker, task, reply);
  if (task === null) {
    return {
      reaction: "❌",
      text: "This thread is not about a task, so nothing was attached. Use `/gate prove TASK LINK`.",
    };
  }
  if (!hasRole(speaker, "operator")) {
    return { reaction: "❌", text: `Attaching proof is for an operator; you are a ${speaker.role}.` };
  }
  if (links.length > LINKS_MAX) {
    return {
      reaction: "❌",
      text: `A message attaches at most ${LINKS_MAX} links; this one has ${links.length}. Nothing was attached.`,
    };
  }
  return attachAll(house, speaker, task, reply, links);
}

interface FoundLink {
  readonly uri: string;
  readonly requirement: string | undefined;
}

async function attachAll(
  house: House,
  speaker: Speaker,
  task: Task,
  reply: ThreadReply,
  links: readonly FoundLink[],
): Promise<ReplyAnswer> {
  const told: string[] = [];
  let question: Answer | null = null;
  let attached = 0;
  for (const [index, { uri, requirement }] of links.entries()) {
    const requestId = reply.requestId && `${reply.requestId}:${index}`;
    if (requestId !== undefined && (await house.log.byRequest(requestId)) !== null) {
      attached += 1;
      continue;
    }
    const proof = {
      by: "person",
      key: task.key,
      uri,
      requirement,
      replyTo: messageName(reply.message),
    } as const;
    const outcome = await attachProof(house, proof, { actor: speaker.actor, requestId });
    if (outcome.ok) {
      attached += 1;
      continue;
    }
    question = askWhich(outcome.refusal, task.key, uri);
    const words = question === null ? describeRefusal(outcome.refusal) : answerText(question);
    told.push(links.length === 1 ? words : `${uri} — ${words}`);
  }
  return {
    reaction: attached > 0 ? "⏳" : "❌",
    text: told.length === 0 ? null : told.join("\n"),
    // Of several links each has its own words: only a lone question is asked with buttons.
    ...(question !== null && told.length === 1 ? { question } : {}),
  };
}

/** The links of a message, each once, in its order. */
export function linksOf(text: string): readonly string[] {
  return readLinks(text, null).map(({ uri }) => uri);
}

/** True where a message would attach something, if its thread is about a task. */
export function hasLink(text: string): boolean {
  return new RegExp(LINK.source, "iu").test(text);
}

/** A word before a link counts as its requirement only where the policy has one of that name. */
function readLinks(text: string, task: Task | null): readonly FoundLink[] {
  const links = [...text.matchAll(LINK)].map((match) => {
    const before = (match[1] ?? match[2])?.trim().toLowerCase();
    const requirement = task?.requirements.find(
      ({ name }) =>
        before !== undefined && (before === name.toLowerCase() || before.endsWith(` ${name.toLowerCase()}`)),
    );
    return { uri: (match[3] as string).replace(TRAILING, ""), requirement: requirement?.name };
  });
  return links.filter(({ uri }, index) => links.findIndex((one) => one.uri === uri) === index);
}

/**
 * Talk is left alone, unless the task waits for exactly this person's words or they ask: what an operator writes below the
 * card of a blocked task answers its question, and a question back does not.
 */
async function answerTalk(
  house: House,
  speaker: Speaker,
  task: Task,
  reply: ThreadReply,
): Promise<ReplyAnswer> {
  const said = reply.text.trim();
  if (task.block === null) return { reaction: null, text: helpFor(task, said) };
  const { choices } = task.block;
  const choice = choices.find((one) => one.toLowerCase() === said.toLowerCase());
  const answer = choices.length > 0 ? choice : said;
  if (said === "" || said.endsWith("?") || answer === undefined || !hasRole(speaker, "operator"))
    return { reaction: null, text: questionOf(task.key, task.block) };
  const by = { actor: speaker.actor, requestId: reply.requestId };
  const outcome = await unblockTask(house, { key: task.key, reason: answer }, by);
  if (!outcome.ok) return { reaction: "❌", text: describeRefusal(outcome.refusal) };
  return { reaction: "✅", text: `${task.key} is back in the queue. Answer: ${answer}` };
}

function questionOf(key: string, { question, choices }: NonNullable<Task["block"]>): string {
  const among = choices.length === 0 ? "" : ` (${choices.join(" / ")})`;
  return `${key} is blocked and asks: ${question}${among}\nAn operator answers here, or with \`/gate unblock ${key} YOUR ANSWER\`.`;
}

function helpFor(task: Task, text: string): string | null {
  if (!/^(?:\?|help)$/iu.test(text)) return null;
  const names = task.requirements.map(({ name, kind }) => `${name} (${kind})`).join(", ");
  return `Reply here with a link — https://…, file:relative/path or command:NAME — and it is attached to ${task.key} as proof and checked. It wants: ${names}. Where a link fits several, write \`name: link\`.`;
}
