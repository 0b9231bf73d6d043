import type { HelpEntry } from "../../ports/chat-answer.ts";
import type { Argument, Verb } from "./verb.ts";

/** `/gate prioritize TASK PRIORITY [REASON…] [--version N]`, made from the arguments themselves. */
export function usageOf(verb: Verb): string {
  const entries = Object.entries(verb.arguments);
  const parts = entries.map(([name, argument]) => {
    const shown = written(name, argument);
    return required(argument) ? shown : `[${shown}]`;
  });
  return ["/gate", verb.path, ...parts].join(" ");
}

export function helpEntry(verb: Verb): HelpEntry {
  return {
    path: verb.path,
    summary: verb.summary,
    usage: usageOf(verb),
    role: verb.role,
    arguments: Object.entries(verb.arguments).map(([name, argument]) => ({
      name: written(name, argument),
      about: argument.about,
      required: required(argument),
    })),
    example: verb.example,
  };
}

function written(name: string, { place, type, shown }: Argument): string {
  if (place === "rest") return `${shown}…`;
  if (place !== undefined) return shown;
  return type === "flag" ? `--${name}` : `--${name} ${shown}`;
}

/** What may be left out is what its schema takes as absent. */
export function required(argument: Argument): boolean {
  return !argument.schema.safeParse(undefined).success;
}

/** Arguments that have a place, first to last. */
export function inOrder(verb: Verb): readonly (readonly [name: string, argument: Argument])[] {
  const rank = ({ place: at }: Argument): number => (at === "rest" ? Number.MAX_SAFE_INTEGER : (at ?? 0));
  return Object.entries(verb.arguments)
    .filter(([, argument]) => argument.place !== undefined)
    .toSorted(([, a], [, b]) => rank(a) - rank(b));
}
