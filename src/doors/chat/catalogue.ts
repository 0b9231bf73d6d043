import type { ArgumentEntry, CommandEntry } from "../../ports/chat-catalogue.ts";
import { required, usageOf } from "./help.ts";
import type { Argument, Verb } from "./verb.ts";

/** The verbs as data, for platforms: what they register and draw, without what runs. */
export function catalogue(verbs: readonly Verb[]): readonly CommandEntry[] {
  return verbs.map((verb) => {
    const { path, summary, example, role, visibility, answers, confirms, changes } = verb;
    return {
      path,
      summary,
      example,
      usage: usageOf(verb),
      role,
      visibility,
      answers,
      confirms,
      changes,
      arguments: argumentEntries(verb),
    };
  });
}

function argumentEntries(verb: Verb): readonly ArgumentEntry[] {
  const entries = Object.entries(verb.arguments).map(([name, argument]) => argumentEntry(name, argument));
  return [...entries.filter((one) => one.required), ...entries.filter((one) => !one.required)];
}

function argumentEntry(name: string, argument: Argument): ArgumentEntry {
  return {
    name,
    shown: argument.shown,
    about: argument.about,
    required: required(argument),
    place: argument.place ?? null,
    bare: argument.type === "flag",
    type: argument.type,
    choices: argument.choices ?? null,
    statuses: argument.statuses ?? null,
    long: argument.long ?? false,
  };
}
