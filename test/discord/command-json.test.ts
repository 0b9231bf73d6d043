import {
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord-api-types/v10";
import { describe, expect, test } from "vitest";
import { commandsOf } from "../../adapters/chat/discord/register/command-json.ts";
import { inviteUrl, missingPermissions } from "../../adapters/chat/discord/register/invite.ts";
import { signature } from "../../adapters/chat/discord/register/register.ts";
import { catalogue } from "../../src/doors/chat/catalogue.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import type { ArgumentEntry, CommandEntry } from "../../src/ports/chat-catalogue.ts";

// What Discord would refuse, read from its documentation: names, lengths, counts, the order of options, the size in all.

const entries = catalogue(allVerbs);
const registered = commandsOf(entries);
const gate = registered[0] as RESTPostAPIChatInputApplicationCommandsJSONBody;
const subcommands = gate.options ?? [];

type Loose = {
  readonly name: string;
  readonly description: string;
  readonly value?: unknown;
  readonly options?: readonly Loose[];
  readonly choices?: readonly Loose[];
};

function sizeOf({ name, description, value, options = [], choices = [] }: Loose): number {
  const own = [name, description, value].filter((text): text is string => typeof text === "string");
  const nested = [...options, ...choices].reduce((sum, one) => sum + sizeOf(one), 0);
  return own.reduce((sum, text) => sum + text.length, 0) + nested;
}

describe("the commands of the catalogue", () => {
  test("are one command with a subcommand for each verb, and the message command", () => {
    expect(registered.map(({ name, type }) => [name, type])).toEqual([
      ["gate", 1],
      ["Attach as proof", 3],
    ]);
    expect(subcommands.map(({ name }) => name)).toEqual(entries.map(({ path }) => path));
    expect(subcommands.length).toBeLessThanOrEqual(25);
  });

  test("keep to the size of a command in all", () => {
    expect(sizeOf(gate as unknown as Loose)).toBeLessThanOrEqual(8000);
  });

  test.each(subcommands)("/gate $name keeps to the limits of its options", (sub) => {
    const { options = [], description } = sub as { options?: APIApplicationCommandOption[] } & typeof sub;
    expect(description.length).toBeLessThanOrEqual(100);
    expect(options.length).toBeLessThanOrEqual(25);
    expect(new Set(options.map(({ name }) => name)).size).toBe(options.length);
    const required = options.map((one) => one.required === true);
    expect(required).toEqual(required.toSorted((a, b) => Number(b) - Number(a)));
    for (const one of options) {
      expect(one.name).toMatch(/^[-_\p{L}\p{N}]{1,32}$/u);
      expect(one.name).toBe(one.name.toLowerCase());
      expect(one.description.length).toBeGreaterThan(0);
      expect(one.description.length).toBeLessThanOrEqual(100);
      const { choices = [], autocomplete } = one as { choices?: Loose[]; autocomplete?: boolean };
      expect(choices.length).toBeLessThanOrEqual(25);
      expect(choices.length > 0 && autocomplete === true).toBe(false);
    }
  });

  test("type what a value is", () => {
    const made = optionsOf(
      argument("who", "person"),
      argument("where", "channel"),
      argument("version", "integer"),
      argument("share", "flag"),
      argument("task", "task"),
      argument("lane", "lane"),
      argument("priority", "priority", { choices: ["P0", "P1"] }),
      argument("title", "text", { required: true }),
    );
    const type = ApplicationCommandOptionType;
    expect(made).toMatchObject([
      { name: "title", type: type.String, required: true, max_length: 4000 },
      { name: "who", type: type.User },
      { name: "where", type: type.Channel },
      { name: "version", type: type.Integer, min_value: 0 },
      { name: "share", type: type.Boolean },
      { name: "task", type: type.String, autocomplete: true },
      { name: "lane", type: type.String, autocomplete: true },
      { name: "priority", choices: [{ value: "P0" }, { value: "P1" }] },
    ]);
  });

  test("ask for no task and no long text with the command: a card's thread and a form know better", () => {
    const made = optionsOf(
      argument("task", "task", { required: true }),
      argument("answer", "text", { required: true, long: true }),
      argument("link", "text", { required: true }),
    );
    expect(made.map(({ name, required }) => [name, required])).toEqual([
      ["link", true],
      ["task", false],
      ["answer", false],
    ]);
  });
});

describe("comparing what is registered", () => {
  test("is not misled by what Discord fills in, nor by order", () => {
    const standing = registered.toReversed().map((command, index) => ({
      ...JSON.parse(JSON.stringify(command)),
      id: String(index),
      application_id: "1",
      guild_id: "2",
      version: "3",
      default_member_permissions: null,
      nsfw: false,
      dm_permission: true,
      ...(command.name === "Attach as proof" ? { description: "" } : {}),
    }));
    expect(signature(standing)).toBe(signature(registered));
  });

  test("sees another description, another choice, another order of options", () => {
    const before = signature(registered);
    const [first = gate, ...rest] = registered;
    expect(signature([{ ...first, description: "other" }, ...rest])).not.toBe(before);
    expect(signature(rest)).not.toBe(before);
    const turned = { ...gate, options: subcommands.toReversed() };
    expect(signature([turned, ...rest])).not.toBe(before);
  });
});

describe("the invite", () => {
  test("asks for the least that works, in one server where it is known", () => {
    const url = new URL(inviteUrl("100000000000000001", "100000000000000002"));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "100000000000000001",
      scope: "bot applications.commands",
      permissions: String(0x400 + 0x800 + 0x4000000000 + 0x800000000 + 0x10000 + 0x40 + 0x4000),
      guild_id: "100000000000000002",
      disable_guild_select: "true",
    });
  });

  test("names what is missing, and nothing where somebody made the bot an administrator", () => {
    expect(missingPermissions(0x400n + 0x800n + 0x10000n)).toEqual([
      "SendMessagesInThreads",
      "CreatePublicThreads",
      "AddReactions",
      "EmbedLinks",
    ]);
    expect(missingPermissions(8n)).toEqual([]);
  });
});

function argument(
  name: string,
  type: ArgumentEntry["type"],
  more: Partial<ArgumentEntry> = {},
): ArgumentEntry {
  const plain = { shown: name.toUpperCase(), about: `a ${name}`, required: false, place: null };
  return { name, type, bare: type === "flag", choices: null, statuses: null, long: false, ...plain, ...more };
}

function optionsOf(...given: readonly ArgumentEntry[]): readonly APIApplicationCommandOption[] {
  const entry: CommandEntry = {
    path: "do",
    summary: "Does it",
    example: "/gate do",
    usage: "/gate do",
    role: "viewer",
    visibility: "caller",
    answers: "at-once",
    confirms: false,
    changes: true,
    arguments: given,
  };
  const [command] = commandsOf([entry]) as [RESTPostAPIChatInputApplicationCommandsJSONBody];
  const [sub] = (command.options ?? []) as { options?: readonly APIApplicationCommandOption[] }[];
  return sub?.options ?? [];
}
