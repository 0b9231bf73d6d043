import type { WebClient } from "@slack/web-api";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import type { LineAnswer } from "../../../../src/ports/chat-receiver.ts";
import { Trouble } from "../../../../src/ports/trouble.ts";
import { type AnswerMessage, answerMessage } from "./answer-message.ts";
import type { KeptLine } from "./payload.ts";
import { slackRefusal, slackTrouble } from "./web.ts";

const TIMEOUT_MS = 10_000;

/**
 * Answers a line where it was typed: by the address Slack gave for it, for half an hour; then to the person in the channel;
 * then to the person alone. Whoever cannot be reached in any of these ways is not told: what was done is done, and nobody
 * waits any more.
 */
export async function answerLine(
  client: () => Promise<WebClient>,
  line: KeptLine,
  { answer, visibility }: LineAnswer,
): Promise<void> {
  const message = answerMessage(answer, line.message ?? line.thread);
  const shared = visibility === "channel" && line.channel !== null;
  if (line.url !== null && (await respond(line.url, responses(line, message, shared)))) return;
  await deliver(await client(), line, message, shared);
}

/** What is sent to the response address, in turn. Where one person was asked, the answer takes the question's place. */
function responses(line: KeptLine, message: AnswerMessage, shared: boolean): readonly object[] {
  const below = line.thread ?? (shared ? line.message : null);
  const thread = below === null ? {} : { thread_ts: below };
  if (!shared) return [{ response_type: "ephemeral", replace_original: line.asked, ...message, ...thread }];
  const told = { response_type: "in_channel", replace_original: false, ...message, ...thread };
  return line.asked ? [told, { delete_original: true }] : [told];
}

/** False where the address takes nothing any more. */
async function respond(url: string, bodies: readonly object[]): Promise<boolean> {
  for (const [index, body] of bodies.entries()) {
    const response = await post(url, body);
    if (response.ok) continue;
    // The answer stands: that its question still stands as well is a blemish.
    if (index > 0) return true;
    if (response.status === 429) throw tooMany(response);
    if (response.status >= 500)
      throw new Trouble("unreachable", `Slack's response address answers ${response.status}.`);
    return false;
  }
  return true;
}

async function post(url: string, body: object): Promise<Response> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response;
  } catch (error) {
    throw slackTrouble(error, "Slack's response address cannot be reached");
  }
}

function tooMany(response: Response): Trouble {
  const seconds = Number(response.headers.get("retry-after") ?? 1);
  return new Trouble("rate-limited", `Slack asks to wait ${seconds} s.`, seconds * 1000);
}

async function deliver(
  client: WebClient,
  { user, channel, thread, message: below }: KeptLine,
  message: AnswerMessage,
  shared: boolean,
): Promise<void> {
  const quietly = { unfurl_links: false, unfurl_media: false };
  const ways: (() => Promise<unknown>)[] = [];
  if (channel !== null && !channel.startsWith("D")) {
    const at = thread ?? (shared ? below : null);
    const place = { channel, ...message, ...(at === null ? {} : { thread_ts: at }) };
    if (shared) ways.push(() => client.chat.postMessage({ ...place, ...quietly }));
    ways.push(() => client.chat.postEphemeral({ ...place, user }));
  }
  ways.push(async () => {
    const direct = channel?.startsWith("D") === true ? channel : await directChannel(client, user);
    return client.chat.postMessage({ channel: direct, ...message, ...quietly });
  });
  for (const way of ways) {
    try {
      await way();
      return;
    } catch (error) {
      // What Slack refuses here it may take there; what did not get through is tried again.
      if (slackRefusal(error) === null) throw slackTrouble(error, "The answer could not be sent");
    }
  }
}

async function directChannel(client: WebClient, user: string): Promise<string> {
  const { channel } = await client.conversations.open({ users: user });
  return channel?.id ?? user;
}

/** Words to one person about what was pressed: in the place of the question where there was one. */
export async function tellPresser(url: string | null, words: string, instead: boolean): Promise<void> {
  const answer: Answer = { kind: "misunderstood", text: words, suggestions: [], usage: null };
  const message = answerMessage(answer, null);
  if (url !== null)
    await respond(url, [{ response_type: "ephemeral", replace_original: instead, ...message }]);
}
