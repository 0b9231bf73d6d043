import { InteractionResponseType, MessageFlags } from "discord-api-types/v10";
import type { MessageRef } from "../../../../src/core/message.ts";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import type { CommandEntry } from "../../../../src/ports/chat-catalogue.ts";
import type { ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import type { Answers } from "./answers.ts";
import { drawn } from "./drawn.ts";
import { type Form, modal } from "./forms.ts";
import { type Incoming, replyTo } from "./incoming.ts";
import { keep, PLATFORM, type Reply } from "./kept.ts";

/** What taking interactions takes. */
export interface Receiving {
  readonly desk: ChatDesk;
  readonly answers: Answers;
}

export interface Told {
  readonly line: string;
  /** The person was asked, and said yes. */
  readonly confirmed?: boolean;
  /** The person let everybody see the answer. */
  readonly share?: boolean;
  /** The message it is about: what is attached is answered on it. */
  readonly about?: MessageRef | null;
}

/** The command a line begins with; null where there is none of that name. */
export function entryOf(catalogue: readonly CommandEntry[], line: string): CommandEntry | null {
  const verb = /^\/gate\s+(\S+)/iu.exec(line)?.[1]?.toLowerCase();
  return catalogue.find(({ path }) => path === verb) ?? null;
}

/**
 * Runs a line for whoever did this. What changes something is kept before Discord is thanked, and answered from the inbox;
 * what only looks is answered at once.
 */
export async function runLine(receiving: Receiving, incoming: Incoming, told: Told): Promise<void> {
  const { desk, answers } = receiving;
  const { person, channel, raw } = incoming;
  const entry = entryOf(desk.catalogue, told.line);
  const reply = replyFor(incoming, entry, told.share === true);
  answers.expect(reply);
  try {
    if (entry === null || (!entry.changes && entry.answers === "at-once")) {
      const answer = await desk.look(person, channel, told.line);
      await answers.answer(reply, shownAs(answer, reply));
      return;
    }
    const heard = {
      kind: "line",
      person,
      channel,
      line: told.line,
      confirmed: told.confirmed ?? false,
    } as const;
    const about = told.about == null ? {} : { about: told.about };
    const payload = keep({ sort: "line", heard: { ...heard, ...about }, reply });
    const event = `interaction:${raw.id}`;
    const fresh = await desk.receive({ platform: PLATFORM, event, thread: null, payload });
    if (!fresh) answers.forget(reply);
    else if (entry.answers === "later") await answers.promise(reply);
  } catch (error) {
    await answers.answer(reply, shownAs(unable(error), reply));
  }
}

/** The same for words of the bot's own, where there is no line to run. */
export async function sayInstead({ answers }: Receiving, incoming: Incoming, answer: Answer): Promise<void> {
  const reply = replyFor(incoming, null, false);
  answers.expect(reply);
  await answers.answer(reply, shownAs(answer, reply));
}

/**
 * Opens the form that asks for the rest of a line, or says why there is none. Whoever may not run the line is told so at once,
 * and fills in nothing; where that cannot be told now the form is opened, and it is asked again when it is sent.
 */
export async function openForm(
  receiving: Receiving,
  incoming: Incoming,
  line: string,
  form: () => Promise<Form | Answer>,
): Promise<void> {
  const refusal = await receiving.desk.refusalOf(incoming.person, line).catch(() => null);
  if (refusal !== null) return sayInstead(receiving, incoming, refusal);
  const opened = await form();
  if ("kind" in opened) return sayInstead(receiving, incoming, opened);
  const data = modal(opened);
  await receiving.answers.respond(incoming.raw, { type: InteractionResponseType.Modal, data });
}

function shownAs(answer: Answer, { quiet, visibility }: Pick<Reply, "quiet" | "visibility">) {
  const done = !["refused", "misunderstood", "confirm"].includes(answer.kind);
  return {
    components: drawn(answer),
    visibility: quiet || !done ? ("caller" as const) : visibility,
  };
}

/** A question the bot asked this person alone is answered in its place; everything else by a message of its own. */
function replyFor(incoming: Incoming, entry: CommandEntry | null, shared: boolean): Reply {
  const message = "message" in incoming.raw ? incoming.raw.message : undefined;
  const flags = message?.flags ?? 0;
  return replyTo(incoming, {
    shows: (flags & MessageFlags.Ephemeral) === 0 ? "new" : "here",
    laidOut: (flags & MessageFlags.IsComponentsV2) !== 0,
    visibility: shared ? "channel" : (entry?.visibility ?? "caller"),
    quiet: message !== undefined,
  });
}

/** What nobody could foresee is told as it is: that nothing was done is what the person has to know. */
function unable(error: unknown): Answer {
  const why = error instanceof Error ? error.message : String(error);
  return {
    kind: "misunderstood",
    text: `Nothing was done, as Gatehouse cannot work at this moment: ${why} Try again in a little while.`,
    suggestions: [],
    usage: null,
  };
}
