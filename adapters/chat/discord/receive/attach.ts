import type {
  APIMessageApplicationCommandInteraction,
  APIModalSubmitInteraction,
} from "discord-api-types/v10";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import { writeLine } from "../../../../src/ports/chat-catalogue.ts";
import { requirementField } from "./asked.ts";
import { type Field, readForm } from "./forms.ts";
import { type Incoming, ownChannel } from "./incoming.ts";
import { messageIn } from "./kept.ts";
import { openForm, type Receiving, runLine } from "./line.ts";

/** `a1:CHANNEL:MESSAGE:TASK`, the last empty where the form asks for it. */
const ID = /^a1:(\d{1,20}):(\d{1,20}):([A-Z0-9-]*)$/u;
const LINK = /(?:https?:\/\/|file:|command:)[^\s<>"']+/iu;
const TRAILING = /[.,;:!?)\]}…]+$/u;

/** "Attach as proof" in a message's menu: asks which link of it, for which task, proves what. */
export async function takeAttach(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIMessageApplicationCommandInteraction,
): Promise<void> {
  const { desk } = receiving;
  const { target_id: target, resolved } = raw.data;
  const content = resolved.messages[target]?.content ?? "";
  await openForm(receiving, incoming, "/gate prove", async () => {
    const key = await desk.taskAt(incoming.head ?? messageIn(incoming.channel, target));
    const task = key === null ? null : await desk.task(key);
    const asked = task === null ? await taskField(receiving, incoming) : [];
    if (asked === null) return NO_TASK;
    const link: Field = {
      name: "link",
      label: "Link",
      about: "What shows it. Without one, the message itself is the proof.",
      required: true,
      as: { kind: "text", long: false, value: linkIn(content) ?? permalink(incoming, target) },
    };
    return {
      id: `a1:${ownChannel(incoming)}:${target}:${task?.key ?? ""}`,
      title: task === null ? "Attach as proof" : `Attach as proof to ${task.key}`,
      text: task?.title ?? null,
      fields: [...asked, link, ...(task === null ? [ANY_REQUIREMENT] : requirementField(task))],
    };
  });
}

const NO_TASK: Answer = {
  kind: "misunderstood",
  text: "No task is being worked on, so there is nothing a proof could be attached to.",
  suggestions: ["/gate list"],
  usage: null,
};

const ANY_REQUIREMENT: Field = {
  name: "requirement",
  label: "Which requirement it proves",
  about: "Where the link alone does not tell.",
  required: false,
  as: { kind: "text", long: false },
};

/** Null where no form of it was sent. */
export function takeAttachForm(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIModalSubmitInteraction,
): Promise<void> | null {
  const [, channel, message, task] = ID.exec(raw.data.custom_id) ?? [];
  if (channel === undefined || message === undefined) return null;
  const filled = Object.fromEntries(readForm(raw.data));
  const values = task === "" ? filled : { task, ...filled };
  return runLine(receiving, incoming, {
    line: writeLine("prove", values),
    about: messageIn(incoming.channel, message, incoming.head?.message ?? null),
  });
}

/** Null where there is none to choose from. */
async function taskField({ desk }: Receiving, { person }: Incoming): Promise<readonly Field[] | null> {
  const offers = await desk.offers(person, { verb: "prove", name: "task", typed: "", given: {} });
  if (offers.length === 0) return null;
  const choices = offers.map(({ text, about }) => ({ value: text, about }));
  return [{ name: "task", label: "Task", required: true, as: { kind: "choice", choices } }];
}

function linkIn(content: string): string | null {
  return LINK.exec(content)?.[0].replace(TRAILING, "") ?? null;
}

function permalink({ raw, channel }: Incoming, message: string): string {
  return `https://discord.com/channels/${raw.guild_id ?? "@me"}/${raw.channel?.id ?? channel}/${message}`;
}
