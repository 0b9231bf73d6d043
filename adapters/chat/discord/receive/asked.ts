import { TASK_KEY } from "../../../../src/core/task.ts";
import type { ArgumentEntry, CommandEntry } from "../../../../src/ports/chat-catalogue.ts";
import type { ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import { type Choice, FIELDS_MAX, type Field } from "./forms.ts";
import type { Incoming } from "./incoming.ts";

/** The name of a field whose answer is put behind the line, and of the list beside it. */
export const WORDS = "words";
export const CHOICE = "choice";

type AskedTask = NonNullable<Awaited<ReturnType<ChatDesk["task"]>>>;

/** The task a line is about: its first word behind the verb, where that is a key. */
export function taskOf(line: string): string | null {
  const word = /^\/gate\s+\S+\s+(?:--task\s+)?(\S+)/iu.exec(line)?.[1]?.toUpperCase();
  return word !== undefined && TASK_KEY.test(word) ? word : null;
}

/** The argument a line lacks, whose value the words of the person are: a flag without its value, or what comes next. */
export function lackingIn({ arguments: all }: CommandEntry, line: string): ArgumentEntry | null {
  const flag = /\s--([a-z-]+)$/u.exec(line)?.[1];
  if (flag !== undefined) return all.find(({ name }) => name === flag) ?? null;
  const named = all.filter(({ place }) => place !== null && place !== 1);
  return named.find(({ required }) => required) ?? named[0] ?? null;
}

/** What a blocked task asks: its choices as a list, where it has some, and room for any other answer. */
export function answerFields(block: NonNullable<AskedTask["block"]>): readonly Field[] {
  const some = block.choices.length > 0;
  const own: Field = {
    name: WORDS,
    label: some ? "Something else" : "Answer",
    required: !some,
    as: { kind: "text", long: true },
  };
  if (!some) return [own];
  const choices = block.choices.map((value) => ({ value }));
  return [{ name: CHOICE, label: "Answer", required: false, as: { kind: "choice", choices } }, own];
}

/** Which requirement a link proves; none where the policy leaves no choice. */
export function requirementField(task: AskedTask): readonly Field[] {
  const choices: readonly Choice[] = task.requirements
    .filter(({ kind }) => kind !== "human")
    .map(({ name, kind }) => ({ value: name, about: kind }));
  if (choices.length < 2) return [];
  const about = "Leave it out where the link alone tells.";
  return [
    {
      name: "requirement",
      label: "Which requirement it proves",
      about,
      required: false,
      as: { kind: "choice", choices },
    },
  ];
}

/** A field for an argument that was not given; a list where the house knows what fits. */
export async function fieldFor(
  desk: ChatDesk,
  { person }: Incoming,
  verb: string,
  argument: ArgumentEntry,
  value?: string,
): Promise<Field> {
  const { name, about, required, choices, type, long } = argument;
  const plain = { name, label: labelOf(argument), about, required };
  const known = choices?.map((each) => ({ value: each })) ?? [];
  const looked = ["task", "lane", "agent", "epic"].includes(type) && value === undefined;
  const offered = looked
    ? (await desk.offers(person, { verb, name, typed: "", given: {} })).map((one) => ({
        value: one.text,
        about: one.about,
      }))
    : known;
  if (offered.length > 0 && value === undefined)
    return { ...plain, as: { kind: "choice", choices: offered } };
  return { ...plain, as: { kind: "text", long, value } };
}

function labelOf({ name }: ArgumentEntry): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("-", " ")}`;
}

/** Whether a form can ask for them all. */
export function askable(missing: readonly ArgumentEntry[]): boolean {
  const listed = missing.every(({ type }) => type !== "person" && type !== "channel");
  return missing.length > 0 && missing.length <= FIELDS_MAX && listed;
}
