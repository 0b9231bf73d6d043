import type { House } from "../../commands/house.ts";
import { claimsCompletion, reportClaimInChat } from "../../commands/report-claim.ts";
import type { Json } from "../../core/json.ts";
import { type MessageRef, messageName } from "../../core/message.ts";
import type { MessageAnswer } from "../../core/proof-status.ts";
import { chatRequest } from "../../core/request.ts";
import { tidyText } from "../../core/text.ts";
import type { Reaction } from "../../ports/chat.ts";
import { type Answer, answerText } from "../../ports/chat-answer.ts";
import type { ChatReceiver, Heard } from "../../ports/chat-receiver.ts";
import type { InboxEntry } from "../../ports/inbox.ts";
import { answerEdit } from "./answer-edit.ts";
import { answerReply, hasLink } from "./answer-reply.ts";
import { taskBelow } from "./below.ts";
import type { Speaker } from "./role.ts";
import { runLine } from "./run-line.ts";
import type { Speakers } from "./speakers.ts";
import type { Verb } from "./verb.ts";

/** Who did it where nobody tells who edited or deleted a message. */
const NOBODY: Speaker = { actor: "system:chat", role: "viewer" };

/** What handling an arrival takes. */
export interface Hearing {
  readonly house: House;
  readonly speakers: Speakers;
  readonly verbs: readonly Verb[];
}

/**
 * Handles one arrival: what its platform says it means, by whoever did it. Lines are answered where they were typed;
 * messages on themselves, through the outbox. Handled a second time after a crash, nothing is done twice: what was done
 * carries the arrival's name as its request.
 */
export async function hear(hearing: Hearing, receiver: ChatReceiver, entry: InboxEntry): Promise<void> {
  const heard = receiver.read(entry.payload);
  if (heard === null) return;
  const channel = heard.kind === "line" ? heard.channel : heard.message.channel;
  const requestId = chatRequest({ platform: entry.platform, channel, event: entry.event });
  switch (heard.kind) {
    case "line": {
      const { line, confirmed } = heard;
      await receiver.answer(
        entry.payload,
        await hearLine(
          hearing,
          { ...heard, place: { platform: entry.platform, name: channel }, line, confirmed },
          requestId,
        ),
      );
      return;
    }
    case "message":
      return hearMessage(hearing, heard, {
        requestId,
        at: entry.receivedAt,
        owner: receiver.owner === heard.person.id,
      });
    case "edited":
      return hearEdit(hearing, heard, { requestId, at: entry.receivedAt });
  }
}

/** Under which request, and when it came. */
interface Came {
  readonly requestId: string;
  readonly at: number;
}

type Message = Extract<Heard, { kind: "message" }>;
type Edited = Extract<Heard, { kind: "edited" }>;

async function hearLine(
  { house, speakers, verbs }: Hearing,
  {
    person,
    place,
    line,
    confirmed,
    about,
    aloud,
  }: {
    readonly person: Message["person"];
    readonly place: { readonly platform: string; readonly name: string };
    readonly line: string;
    readonly confirmed: boolean;
    readonly about?: MessageRef;
    readonly aloud?: boolean;
  },
  requestId: string,
) {
  const speaker = await speakers.of(person);
  return runLine({ house, speaker, place, verbs, requestId, about, aloud }, line, confirmed);
}

async function hearMessage(
  hearing: Hearing,
  heard: Message,
  { requestId, at, owner }: Came & { readonly owner: boolean },
): Promise<void> {
  const { house, speakers, verbs } = hearing;
  const { person, message, head, text, addressed } = heard;
  const speaker = await speakers.of(person);
  if (claimsCompletion(text)) {
    const claim = { text, messageRef: message, author: speaker.actor };
    const answer = await reportClaimInChat(house, claim, { actor: "system:chat" });
    if (answer !== null) await say(house, message, { reaction: "❌", text: answer.text });
    return;
  }
  // People's own threads are theirs: the bot speaks below its own messages, and where it is named.
  const below = head === null ? null : await taskBelow(house, head, at);
  if (head !== null && (below !== null || owner) && (hasLink(text) || !addressed)) {
    const answer = await answerReply(house, speaker, { message, head, text, requestId });
    await say(
      house,
      message,
      answer.question === undefined ? answer : { ...answer, answer: answer.question },
    );
    return;
  }
  if (!addressed) return;
  const place = { platform: message.platform, name: message.channel };
  const line = spokenLine(verbs, text);
  const { answer } = await hearLine(
    hearing,
    { person, place, line, confirmed: false, aloud: true },
    requestId,
  );
  await say(house, message, { reaction: null, text: answerText(answer), answer });
}

async function hearEdit({ house, speakers }: Hearing, heard: Edited, { requestId, at }: Came): Promise<void> {
  const { person, message, head, text } = heard;
  if (head !== null && text !== null) await taskBelow(house, head, at);
  const speaker = person === null ? NOBODY : await speakers.of(person);
  await say(house, message, await answerEdit(house, speaker, { message, head, text, requestId }));
}

/** Whoever names the bot may leave out `/gate`, and everything where a greeting is all there is. */
function spokenLine(verbs: readonly Verb[], text: string): string {
  const words = text.trim();
  if (/^\/gate\b/iu.test(words)) return words;
  const first = /^\S+/u.exec(words)?.[0].toLowerCase();
  return verbs.some(({ path }) => path === first) ? `/gate ${words}` : words === "" ? "/gate help" : words;
}

interface Said {
  readonly reaction: Reaction | null;
  readonly text: string | null;
  /** The same as data, for platforms that draw it. */
  readonly answer?: Answer;
}

/**
 * Answers below a message, and with a reaction on it: a notice for that message alone. What became of a proof is told by
 * another one, so a mere ⏳ is left to that.
 */
async function say(house: House, to: MessageRef, { reaction, text, answer }: Said): Promise<void> {
  if (text === null && (reaction === null || reaction === "⏳")) return;
  const place = { platform: to.platform, name: to.channel };
  // A channel nobody subscribed is answered as well, and told nothing else.
  if ((await house.channels.channel(place.platform, place.name)) === null)
    await house.channels.setChannel(place, { kinds: [] });
  await house.outbox.post(
    {
      kind: "proof-status",
      subject: `answer:${messageName(to)}`,
      text: tidyText(text ?? ""),
      data: {
        replyTo: messageName(to),
        reaction: reaction === "⏳" ? null : reaction,
        say: text !== null,
        answer: answer === undefined ? null : (JSON.parse(JSON.stringify(answer)) as Json),
      } satisfies MessageAnswer,
    },
    null,
    { platform: to.platform, channel: to.channel },
  );
}
