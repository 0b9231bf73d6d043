import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandType,
  ApplicationCommandOptionType as OptionType,
  type RESTPostAPIApplicationCommandsJSONBody,
} from "discord-api-types/v10";
import type { ArgumentEntry, CommandEntry } from "../../../../src/ports/chat-catalogue.ts";

/** The one slash command; every verb is a subcommand of it. */
const GATE = "gate";
/** The command in a message's menu. */
const ATTACH = "Attach as proof";

const NAME_MAX = 32;
const DESCRIPTION_MAX = 100;
const CHOICES_MAX = 25;
/** The longest line that is read, in UTF-16 code units. */
const TEXT_MAX = 4000;

/** Everything that is registered in a guild, made from the catalogue alone. */
export function commandsOf(
  catalogue: readonly CommandEntry[],
): readonly RESTPostAPIApplicationCommandsJSONBody[] {
  return [
    {
      type: ApplicationCommandType.ChatInput,
      name: GATE,
      description: "The queue: what waits, who works, what is proved",
      options: catalogue.map(subcommand),
    },
    { type: ApplicationCommandType.Message, name: ATTACH },
  ];
}

function subcommand(entry: CommandEntry): APIApplicationCommandSubcommandOption {
  const options = entry.arguments.map((argument) => option(argument, asksFor(argument)));
  return {
    type: OptionType.Subcommand,
    name: cut(entry.path, NAME_MAX),
    description: cut(entry.summary, DESCRIPTION_MAX),
    options: [
      ...options.filter(({ required }) => required === true),
      ...options.filter(({ required }) => required !== true),
    ],
  };
}

/**
 * Whether a value must be given with the command. A task need not: below a card it is the card's. Long texts need not:
 * where one is missing, a form asks for it in a box that takes several lines.
 */
function asksFor({ required, type, long }: ArgumentEntry): boolean {
  return required && type !== "task" && !long;
}

function option(argument: ArgumentEntry, required: boolean): APIApplicationCommandBasicOption {
  const { name, about, type, choices } = argument;
  const base = { name: cut(name, NAME_MAX), description: cut(about, DESCRIPTION_MAX), required };
  switch (type) {
    case "person":
      return { ...base, type: OptionType.User };
    case "channel":
      return { ...base, type: OptionType.Channel };
    case "integer":
      return { ...base, type: OptionType.Integer, min_value: 0 };
    case "flag":
      return { ...base, type: OptionType.Boolean };
    // These have a list that is looked up while somebody types.
    case "task":
    case "lane":
    case "agent":
    case "lane-or-agent":
    case "epic":
    case "requirement":
    case "contradiction":
    case "verb":
      return { ...base, type: OptionType.String, autocomplete: true };
    case "text":
    case "list":
    case "choice":
    case "priority":
    case "duration":
      return choices === null || choices.length > CHOICES_MAX
        ? { ...base, type: OptionType.String, max_length: TEXT_MAX }
        : { ...base, type: OptionType.String, choices: choices.map((value) => ({ name: value, value })) };
  }
}

/** A longer name would be refused with all commands beside it. */
function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
