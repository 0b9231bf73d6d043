import {
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ComponentType,
  InteractionResponseType,
} from "discord-api-types/v10";
import { answeredLine } from "../../../../src/core/button.ts";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import { type CommandEntry, writeValues } from "../../../../src/ports/chat-catalogue.ts";
import { lineCheck, type Press, readPress } from "../press.ts";
import { answerFields, CHOICE, lackingIn, requirementField, taskOf, WORDS } from "./asked.ts";
import { askedLine, CONFIRM_ID } from "./drawn.ts";
import { type Form, readForm } from "./forms.ts";
import type { Incoming } from "./incoming.ts";
import { entryOf, openForm, type Receiving, runLine, sayInstead } from "./line.ts";

/** A button or a select: run as the line it stands for, with a form first where it asks. */
export async function takePress(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIMessageComponentInteraction,
): Promise<void> {
  if (raw.data.custom_id === CONFIRM_ID) {
    const asked = askedLine(raw.message);
    if (asked !== null) return runLine(receiving, incoming, { line: asked, confirmed: true });
  }
  const press = readPress(raw.data.custom_id);
  const line = press === null ? null : await lineOf(receiving, press);
  if (press === null || line === null) return sayInstead(receiving, incoming, STALE);
  switch (press.wants) {
    case "nothing":
      return runLine(receiving, incoming, { line });
    case "yes":
      return runLine(receiving, incoming, { line, confirmed: true });
    case "choice": {
      const [value] = raw.data.component_type === ComponentType.StringSelect ? raw.data.values : [];
      if (value === undefined)
        return receiving.answers.respond(raw, { type: InteractionResponseType.DeferredMessageUpdate });
      return runLine(receiving, incoming, { line: answeredLine({ line }, value) });
    }
    case "words":
      return openForm(receiving, incoming, line, () => wordsForm(receiving, raw.data.custom_id, line));
  }
}

/** A form that was sent: the line it was opened for, with what was filled in. */
export async function takeForm(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIModalSubmitInteraction,
): Promise<void> {
  const press = readPress(raw.data.custom_id);
  const line = press === null ? null : await lineOf(receiving, press);
  if (line === null) return sayInstead(receiving, incoming, STALE);
  const filled = readForm(raw.data);
  const words = filled.get(WORDS) ?? filled.get(CHOICE);
  const named = Object.fromEntries([...filled].filter(([name]) => name !== WORDS && name !== CHOICE));
  const whole = words === undefined ? line : answeredLine({ line }, words);
  return runLine(receiving, incoming, { line: `${whole}${writeValues(named)}` });
}

/** What a notice says in an action's place may be another one by now: then the button is of yesterday. */
async function lineOf({ desk }: Receiving, { what }: Press): Promise<string | null> {
  if ("line" in what) return what.line;
  const line = await desk.actionLine(what.notice, what.index);
  return line !== null && lineCheck(line) === what.check ? line : null;
}

async function wordsForm({ desk }: Receiving, id: string, line: string): Promise<Form> {
  const entry = entryOf(desk.catalogue, line);
  const key = taskOf(line);
  const task = key === null ? null : await desk.task(key);
  const title = [entry === null ? "Gatehouse" : `/gate ${entry.path}`, key ?? ""].join(" ");
  if (entry?.path === "unblock" && task?.block != null)
    return { id, title, text: task.block.question, fields: answerFields(task.block) };
  const fields = [
    wordsField(entry, line),
    ...(entry?.path === "prove" && task !== null ? requirementField(task) : []),
  ];
  return { id, title, text: task?.title ?? null, fields };
}

function wordsField(entry: CommandEntry | null, line: string) {
  const lacking = entry === null ? null : lackingIn(entry, line);
  const name = lacking?.name ?? "Answer";
  return {
    name: WORDS,
    label: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    about: lacking?.about,
    required: true,
    as: { kind: "text", long: lacking?.long ?? true },
  } as const;
}

const STALE: Answer = {
  kind: "misunderstood",
  text: "What this button stood for is no longer what the message says. Nothing was done: press one as it is shown now.",
  suggestions: [],
  usage: null,
};
