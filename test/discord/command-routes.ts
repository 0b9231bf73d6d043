// The commands a bot registers in its guild, with Discord's limits.
import type { APIApplicationCommand } from "discord-api-types/v10";
import { asText, list, loose, only } from "./components.ts";
import { Faults, Refused, refusals } from "./refusals.ts";
import type { Call, Route } from "./rest.ts";
import type { World } from "./world.ts";

type Loose = { readonly [field: string]: unknown };

const CREATES_A_DAY = 200;
const NAME = /^[-_'\p{L}\p{N}\p{sc=Devanagari}\p{sc=Thai}]{1,32}$/u;

export function commandRoutes(world: World, guild: (call: Call) => void): readonly Route[] {
  const path = "/applications/:application/guilds/:guild/commands";
  const own = (call: Call): void => {
    guild(call);
    if (call.params["application"] !== world.application)
      throw new Refused(403, 20_012, "You are not authorized to perform this action on this application");
  };
  const one = (call: Call): APIApplicationCommand => {
    own(call);
    const command = world.commands.get(call.params["command"] ?? "");
    if (command === undefined) throw refusals.unknownCommand();
    return command;
  };
  return [
    {
      method: "GET",
      path,
      run: (call) => {
        own(call);
        return [...world.commands.values()];
      },
    },
    {
      method: "PUT",
      path,
      run(call) {
        own(call);
        const given = list(call.whole);
        given.forEach((each, index) => {
          checkCommand(each, [index]);
        });
        const before = [...world.commands.values()];
        world.commands.clear();
        return given.map((each) =>
          keep(
            world,
            each,
            before.find(({ name, type }) => sameCommand(each, name, type)),
          ),
        );
      },
    },
    {
      method: "POST",
      path,
      run(call) {
        own(call);
        checkCommand(call.body, []);
        const before = [...world.commands.values()].find(({ name, type }) =>
          sameCommand(call.body, name, type),
        );
        return keep(world, call.body, before);
      },
    },
    { method: "GET", path: `${path}/:command`, run: (call) => one(call) },
    {
      method: "PATCH",
      path: `${path}/:command`,
      run(call) {
        const before = one(call);
        const after = { ...before, ...call.body } as unknown as Loose;
        checkCommand(after, []);
        return keep(world, after, before);
      },
    },
    {
      method: "DELETE",
      path: `${path}/:command`,
      run(call) {
        world.commands.delete(one(call).id);
        return null;
      },
    },
  ];
}

function sameCommand(given: Loose, name: string, type: number): boolean {
  return given["name"] === name && Number(given["type"] ?? 1) === type;
}

function keep(world: World, given: Loose, before: APIApplicationCommand | undefined): APIApplicationCommand {
  if (before === undefined) world.commandsCreated += 1;
  if (world.commandsCreated > CREATES_A_DAY)
    throw new Refused(429, 30_034, "Max number of daily application command creates has been reached (200)");
  const id = before?.id ?? world.nextId();
  const fixed = { id, application_id: world.application, guild_id: world.guild.id, version: world.nextId() };
  const usual = {
    type: 1,
    description: "",
    default_member_permissions: null,
    nsfw: false,
    dm_permission: true,
  };
  const command = { ...usual, ...given, ...fixed } as unknown as APIApplicationCommand;
  world.commands.set(id, command);
  return command;
}

const COMMAND_FIELDS = [
  "id",
  "application_id",
  "guild_id",
  "version",
  "type",
  "name",
  "name_localizations",
  "description",
  "description_localizations",
  "options",
  "default_member_permissions",
  "dm_permission",
  "nsfw",
  "contexts",
  "integration_types",
  "default_permission",
  "handler",
];
const OPTION_FIELDS = [
  "type",
  "name",
  "name_localizations",
  "description",
  "description_localizations",
  "required",
  "choices",
  "options",
  "channel_types",
  "min_value",
  "max_value",
  "min_length",
  "max_length",
  "autocomplete",
];

function checkCommand(command: Loose, path: readonly (string | number)[]): void {
  const faults = new Faults();
  only(faults, path, command, COMMAND_FIELDS);
  const name = asText(command["name"]);
  if (Number(command["type"] ?? 1) === 1) {
    checkName(faults, [...path, "name"], name);
    faults.text([...path, "description"], command["description"], 1, 100);
    checkOptions(faults, [...path, "options"], command["options"]);
    if (sizeOf(command) > 8000)
      faults.add(path, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)");
  } else {
    faults.text([...path, "name"], name, 1, 32);
    if ((command["description"] ?? "") !== "")
      faults.add(
        [...path, "description"],
        "APPLICATION_COMMANDS_DESCRIPTION_NOT_ALLOWED",
        "Context menu commands have no description",
      );
  }
  faults.throwIfAny();
}

function checkName(faults: Faults, path: readonly (string | number)[], name: string): void {
  if (!NAME.test(name) || name !== name.toLowerCase())
    faults.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
}

function checkOptions(faults: Faults, path: readonly (string | number)[], value: unknown): void {
  const options = list(value);
  if (options.length > 25) faults.add(path, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
  const names = new Set<unknown>();
  let optionalSeen = false;
  options.forEach((option, index) => {
    const at = [...path, index];
    only(faults, at, option, OPTION_FIELDS);
    checkName(faults, [...at, "name"], asText(option["name"]));
    faults.text([...at, "description"], option["description"], 1, 100);
    if (names.has(option["name"]))
      faults.add(at, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists");
    names.add(option["name"]);
    if (option["required"] === true && optionalSeen)
      faults.add(
        at,
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        "Required options must be placed before non-required options",
      );
    if (Number(option["type"]) > 2 && option["required"] !== true) optionalSeen = true;
    const choices = list(option["choices"]);
    if (choices.length > 25)
      faults.add([...at, "choices"], "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
    if (choices.length > 0 && option["autocomplete"] === true)
      faults.add(
        at,
        "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
        "Choices and autocomplete exclude each other",
      );
    choices.forEach((choice, place) => {
      faults.text([...at, "choices", place, "name"], choice["name"], 1, 100);
      if (typeof choice["value"] === "string")
        faults.text([...at, "choices", place, "value"], choice["value"], 1, 100);
    });
    if (Number(option["type"]) <= 2) checkOptions(faults, [...at, "options"], option["options"]);
  });
}

/** Names, descriptions and choices' values, all nested ones included. */
function sizeOf(value: unknown): number {
  const { name, description, value: given } = loose(value);
  const own = [name, description, given].reduce<number>(
    (sum, text) => sum + (typeof text === "string" ? text.length : 0),
    0,
  );
  const parts = [...list(loose(value)["options"]), ...list(loose(value)["choices"])];
  return parts.reduce<number>((sum, part) => sum + sizeOf(part), own);
}
