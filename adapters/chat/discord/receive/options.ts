import {
  type APIApplicationCommandInteractionDataOption,
  type APIApplicationCommandInteractionDataBasicOption as BasicOption,
  ApplicationCommandOptionType as OptionType,
} from "discord-api-types/v10";
import type { CommandEntry } from "../../../../src/ports/chat-catalogue.ts";
import { PLATFORM } from "./kept.ts";

/** A `/gate` command as it was filled in: each value as a line writes it. */
export interface Filled {
  readonly entry: CommandEntry;
  readonly values: Readonly<Record<string, string | number | boolean>>;
  /** What is being typed at this moment, where values are asked for. */
  readonly focused: { readonly name: string; readonly typed: string } | null;
}

/** Null for a command this version has not: it was registered by another one. */
export function readOptions(
  catalogue: readonly CommandEntry[],
  options: readonly APIApplicationCommandInteractionDataOption[] | undefined,
): Filled | null {
  const [sub] = options ?? [];
  if (sub?.type !== OptionType.Subcommand) return null;
  const entry = catalogue.find(({ path }) => path === sub.name);
  if (entry === undefined) return null;
  const given = (sub.options ?? []).filter((one): one is BasicOption => "value" in one);
  const typed = given.find((one) => "focused" in one && one.focused);
  return {
    entry,
    values: Object.fromEntries(given.map((one) => [one.name, written(one)])),
    focused: typed === undefined ? null : { name: typed.name, typed: String(typed.value) },
  };
}

/** A person is written as the mention they would be typed as; a channel with its platform, as everywhere in a line. */
function written({ type, value }: BasicOption): string | number | boolean {
  if (type === OptionType.User) return `<@${value}>`;
  return type === OptionType.Channel ? `${PLATFORM}:${value}` : value;
}
