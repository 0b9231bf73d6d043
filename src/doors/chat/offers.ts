import type { House } from "../../commands/house.ts";
import type { Status } from "../../core/task.ts";
import type { ArgumentType } from "../../ports/chat-catalogue.ts";
import { hasRole, type Speaker } from "./role.ts";
import type { Argument, Verb } from "./verb.ts";

/** A value that fits an argument. */
export interface Offered {
  readonly text: string;
  readonly about: string;
}

/** What is known where a value is typed. */
export interface Asked {
  readonly house: House;
  /** Those the speaker may use. */
  readonly verbs: readonly Verb[];
  readonly typed: string;
  /** The task the line is about so far, if there is one. */
  readonly task: string | undefined;
  readonly limit: number;
}

/** More than this no platform shows. */
const OFFERS_MAX = 25;

type Offer = (asked: Asked, argument: Argument) => Promise<readonly Offered[]>;

/** What is offered for a value, by its type; of all others nobody knows what will come. */
const OFFERS: Readonly<Partial<Record<ArgumentType, Offer>>> = {
  verb: async (asked) =>
    fitting(
      asked,
      asked.verbs.map(({ path, summary }) => ({ text: path, about: summary })),
    ),
  lane: async (asked) => named(asked, await lanes(asked.house)),
  agent: async (asked) => named(asked, await agents(asked.house)),
  "lane-or-agent": async (asked) =>
    named(asked, [...(await lanes(asked.house)), ...(await agents(asked.house))]),
  epic: async (asked) =>
    fitting(
      asked,
      (await asked.house.roster.epicTitles()).map(({ key, title }) => ({ text: key, about: title })),
    ),
  task: (asked, { statuses = [] }) => tasksFor(asked, statuses),
  requirement: requirementsOf,
  choice: choicesOf,
  priority: choicesOf,
};

/** Values that fit an argument, best first. */
export async function offersOf(argument: Argument | undefined, asked: Asked): Promise<readonly Offered[]> {
  return argument === undefined ? [] : ((await OFFERS[argument.type]?.(asked, argument)) ?? []);
}

/** The same for a platform's own field: by the names of the verb and its argument. Nothing for what the speaker may not use. */
export async function offersFor(
  {
    house,
    speaker,
    verbs: all,
  }: { readonly house: House; readonly speaker: Speaker; readonly verbs: readonly Verb[] },
  {
    verb,
    name,
    typed,
    given,
  }: {
    readonly verb: string;
    readonly name: string;
    readonly typed: string;
    readonly given: Readonly<Record<string, string>>;
  },
): Promise<readonly Offered[]> {
  const verbs = all.filter((one) => hasRole(speaker, one.role));
  const argument = verbs.find(({ path }) => path === verb)?.arguments[name];
  return offersOf(argument, {
    house,
    verbs,
    typed: typed.trim(),
    task: given["task"]?.toUpperCase(),
    limit: OFFERS_MAX,
  });
}

async function lanes(house: House): Promise<readonly Offered[]> {
  return (await house.roster.laneNames()).map(({ name, paused, runnable }) => ({
    text: name,
    about: paused ? "paused" : `${runnable < 1000 ? runnable : "1000 or more"} runnable`,
  }));
}

/** Those that were not revoked. */
async function agents(house: House): Promise<readonly Offered[]> {
  return (await house.roster.agents())
    .filter(({ revoked }) => !revoked)
    .map(({ name, lanes: of, paused }) => ({ text: name, about: paused ? "paused" : of.join(", ") }));
}

async function choicesOf(asked: Asked, { choices = [] }: Argument): Promise<readonly Offered[]> {
  return fitting(
    asked,
    choices.map((text) => ({ text, about: "" })),
  );
}

/** Of the task named earlier in the line. */
async function requirementsOf(asked: Asked): Promise<readonly Offered[]> {
  const facts = asked.task === undefined ? null : await asked.house.queue.task(asked.task);
  const requirements = facts?.task.requirements ?? [];
  return fitting(
    asked,
    requirements.map(({ name, kind }) => ({ text: name, about: kind })),
  );
}

async function tasksFor(
  { house, typed, limit }: Asked,
  statuses: readonly Status[],
): Promise<readonly Offered[]> {
  const tasks = await house.search.find({ text: typed, statuses, limit });
  return tasks.map(({ key, title, status }) => ({ text: key, about: `${title} · ${status}` }));
}

/** What begins so. */
export function fitting({ typed, limit }: Pick<Asked, "typed" | "limit">, offers: readonly Offered[]) {
  const begun = typed.toLowerCase();
  return offers.filter(({ text }) => text.toLowerCase().startsWith(begun)).slice(0, limit);
}

/** Of names people gave: what begins so, then what has it further on. */
function named(asked: Pick<Asked, "typed" | "limit">, offers: readonly Offered[]) {
  const typed = asked.typed.toLowerCase();
  const within = offers.filter(({ text }) => text.toLowerCase().indexOf(typed) > 0);
  return [...fitting(asked, offers), ...within].slice(0, asked.limit);
}
