import type { REST } from "discord.js";
import {
  type RESTGetAPIApplicationGuildCommandsResult,
  type RESTPostAPIApplicationCommandsJSONBody,
  Routes,
} from "discord-api-types/v10";

/**
 * Registers commands in a guild, where they change at once. What stands there is read first, and nothing is written where
 * it is the same: a guild takes 200 new commands a day. True where something was written.
 */
export async function registerCommands(
  rest: REST,
  { application, guild }: { readonly application: string; readonly guild: string },
  commands: readonly RESTPostAPIApplicationCommandsJSONBody[],
): Promise<boolean> {
  const route = Routes.applicationGuildCommands(application, guild);
  const standing = (await rest.get(route)) as RESTGetAPIApplicationGuildCommandsResult;
  if (signature(standing) === signature(commands)) return false;
  await rest.put(route, { body: commands });
  return true;
}

/** What Discord fills in by itself, and what it leaves out where it is usual. */
const USUAL: Readonly<Record<string, readonly unknown[]>> = {
  required: [false],
  autocomplete: [false],
  options: [[]],
  choices: [[]],
  type: [],
  description: [""],
};
const KEPT = [
  "type",
  "name",
  "description",
  "required",
  "choices",
  "value",
  "autocomplete",
  "min_value",
  "max_value",
  "min_length",
  "max_length",
  "channel_types",
  "options",
] as const;

/** Commands as text that is the same where they mean the same, in whatever order and with whatever defaults they came. */
export function signature(commands: readonly object[]): string {
  const texts = commands.map((command) => JSON.stringify(normal({ type: 1, ...command })));
  return JSON.stringify(texts.toSorted());
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (value === null || typeof value !== "object") return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    KEPT.flatMap((name) => {
      const given = fields[name];
      const usual = (USUAL[name] ?? []).some((one) => JSON.stringify(one) === JSON.stringify(given));
      return given === undefined || given === null || usual ? [] : [[name, normal(given)]];
    }),
  );
}
