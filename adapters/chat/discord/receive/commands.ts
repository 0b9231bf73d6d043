import {
  type APIApplicationCommandAutocompleteInteraction,
  type APIChatInputApplicationCommandInteraction,
  InteractionResponseType,
} from "discord-api-types/v10";
import { type ArgumentEntry, type CommandEntry, writeLine } from "../../../../src/ports/chat-catalogue.ts";
import type { ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import { pressId } from "../press.ts";
import { answerFields, askable, fieldFor, requirementField } from "./asked.ts";
import { FIELDS_MAX, type Field, type Form } from "./forms.ts";
import type { Incoming } from "./incoming.ts";
import { openForm, type Receiving, runLine, sayInstead } from "./line.ts";
import { readOptions } from "./options.ts";

const CHOICE_MAX = 100;
const CHOICES_MAX = 25;

type Values = Readonly<Record<string, string | number | boolean>>;

/** `/gate …` as somebody filled it in: run, or asked for what is still missing, by a form. */
export async function takeCommand(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIChatInputApplicationCommandInteraction,
): Promise<void> {
  const filled = readOptions(receiving.desk.catalogue, raw.data.options);
  if (filled === null) {
    const text = "This command is of another version of Gatehouse. Reload Discord, and it is gone.";
    await sayInstead(receiving, incoming, {
      kind: "misunderstood",
      text,
      suggestions: ["/gate help"],
      usage: null,
    });
    return;
  }
  const { entry } = filled;
  const values = await withTask(receiving, incoming, entry, filled.values);
  const form = await formFor(receiving, incoming, entry, values);
  const line = writeLine(entry.path, values);
  if (form !== null) return openForm(receiving, incoming, line, () => Promise.resolve(form));
  await runLine(receiving, incoming, { line, share: values["share"] === true });
}

/** What fits the value somebody is typing. Nothing where that cannot be told: they go on typing. */
export async function offer(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIApplicationCommandAutocompleteInteraction,
): Promise<void> {
  const choices = await choicesFor(receiving, incoming, raw).catch(() => []);
  const type = InteractionResponseType.ApplicationCommandAutocompleteResult;
  await receiving.answers.respond(raw, { type, data: { choices } });
}

async function choicesFor(
  receiving: Receiving,
  incoming: Incoming,
  raw: APIApplicationCommandAutocompleteInteraction,
): Promise<{ name: string; value: string }[]> {
  const filled = readOptions(receiving.desk.catalogue, raw.data.options);
  if (filled?.focused == null) return [];
  const { entry, focused } = filled;
  const { [focused.name]: _, ...others } = filled.values;
  const known = focused.name === "task" ? others : await withTask(receiving, incoming, entry, others);
  const given = Object.fromEntries(Object.entries(known).map(([name, value]) => [name, String(value)]));
  const offers = await receiving.desk.offers(incoming.person, { verb: entry.path, ...focused, given });
  return offers
    .filter(({ text }) => text !== "" && text.length <= CHOICE_MAX)
    .slice(0, CHOICES_MAX)
    .map(({ text, about }) => ({ name: cut(about === "" ? text : `${text} · ${about}`), value: text }));
}

function cut(text: string): string {
  return text.length <= CHOICE_MAX
    ? text
    : `${text.slice(0, CHOICE_MAX - 1).replace(/[\ud800-\udbff]$/u, "")}…`;
}

/** Below a card a command is about the card's task, unless it names another. */
async function withTask(
  { desk }: Receiving,
  { head }: Incoming,
  { arguments: all }: CommandEntry,
  values: Values,
): Promise<Values> {
  const wanted = all.some(({ name, type, required }) => name === "task" && type === "task" && required);
  if (!wanted || values["task"] !== undefined || head === null) return values;
  const task = await desk.taskAt(head);
  return task === null ? values : { task, ...values };
}

/** The form that asks for what the command needs and was not given; null where nothing is missing, or none can ask. */
async function formFor(
  { desk }: Receiving,
  incoming: Incoming,
  entry: CommandEntry,
  values: Values,
): Promise<Form | null> {
  const missing = entry.arguments.filter(({ name, required }) => required && values[name] === undefined);
  if (!askable(missing)) return null;
  const key = values["task"];
  const task = typeof key === "string" ? await desk.task(key.toUpperCase()) : null;
  const pinned = task !== null && entry.arguments.some(({ name }) => name === "version");
  const base = pinned ? { version: task.version, ...values } : values;
  const title = `/gate ${entry.path}${task === null ? "" : ` ${task.key}`}`;
  if (entry.path === "unblock" && task?.block != null) {
    const id = pressId({ wants: "words", what: { line: writeLine(entry.path, base) } });
    return id === null ? null : { id, title, text: task.block.question, fields: answerFields(task.block) };
  }
  const fields = await Promise.all(missing.map((each) => fieldFor(desk, incoming, entry.path, each)));
  const more = entry.path === "prove" && task !== null ? requirementField(task) : [];
  const fitted = await packed(desk, incoming, entry, base, [...fields, ...more]);
  return fitted === null ? null : { ...fitted, title, text: task?.title ?? null };
}

/** What was given goes along in the form's id; what is too long for that becomes a field, filled in already. */
async function packed(
  desk: ChatDesk,
  incoming: Incoming,
  entry: CommandEntry,
  values: Values,
  fields: readonly Field[],
): Promise<Pick<Form, "id" | "fields"> | null> {
  const id = pressId({ wants: "words", what: { line: writeLine(entry.path, values) } });
  if (id !== null) return { id, fields: fields.slice(0, FIELDS_MAX - 1) };
  const [longest] = Object.entries(values)
    .filter(([, value]) => typeof value === "string")
    .toSorted(([, a], [, b]) => String(b).length - String(a).length);
  const argument: ArgumentEntry | undefined = entry.arguments.find(({ name }) => name === longest?.[0]);
  if (longest === undefined || argument === undefined || fields.length >= FIELDS_MAX - 1) return null;
  const { [longest[0]]: moved, ...rest } = values;
  const filled = await fieldFor(desk, incoming, entry.path, argument, String(moved));
  return packed(desk, incoming, entry, rest, [...fields, filled]);
}
