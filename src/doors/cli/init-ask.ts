import type { Readable, Writable } from "node:stream";
import { readConfig } from "../../config.ts";
import { type Section, sections } from "./init-sections.ts";

/** Where the questions are asked. */
interface Person {
  readonly input: Readable;
  readonly output: Writable;
}

/** Asks a person which platforms to connect, and for what each takes. Null: they would rather not. */
export async function askSettings(person: Person): Promise<Readonly<Record<string, string>> | null> {
  const { intro, isCancel, multiselect, cancel } = await import("@clack/prompts");
  intro("Gatehouse", person);
  const chosen = await multiselect<string>({
    message: "Which chats shall Gatehouse be run from? The local one is always there.",
    options: sections.map(({ name: value, label, hint }) => ({ value, label, hint })),
    required: false,
    ...person,
  });
  const given: Record<string, string> = {};
  if (!isCancel(chosen)) {
    for (const section of sections.filter(({ name }) => chosen.includes(name))) {
      const answers = await askSection(section, person);
      if (answers === null) break;
      Object.assign(given, answers);
    }
    if (sections.filter(({ name }) => chosen.includes(name)).every((one) => isAnswered(one, given)))
      return given;
  }
  cancel("Nothing was written.", person);
  return null;
}

function isAnswered({ questions }: Section, given: Readonly<Record<string, string>>): boolean {
  return questions.every(({ variable }) => given[variable] !== undefined);
}

async function askSection(
  { label, steps, questions }: Section,
  person: Person,
): Promise<Readonly<Record<string, string>> | null> {
  const { note, isCancel, password, text } = await import("@clack/prompts");
  note(steps.map((step, index) => `${index + 1}. ${step}`).join("\n"), label, person);
  const given: Record<string, string> = {};
  for (const { variable, ask, secret } of questions) {
    const validate = (value: string | undefined): string | undefined => faultOf(variable, value ?? "");
    const answer = await (secret
      ? password({ message: ask, validate, ...person })
      : text({ message: ask, validate, ...person }));
    if (isCancel(answer)) return null;
    given[variable] = answer.trim();
  }
  return given;
}

/** What the configuration would say of the value; undefined where it takes it. */
function faultOf(variable: string, value: string): string | undefined {
  if (value.trim() === "") return "It cannot be left empty.";
  const fault = readConfig({ [variable]: value }).faults.find((one) => one.variable === variable);
  return fault === undefined ? undefined : `It takes ${fault.takes}.`;
}
