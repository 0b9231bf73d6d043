import type { ArgumentEntry, ArgumentType } from "../../../../src/ports/chat-catalogue.ts";
import { type Fields, fieldsOf, listOf, textOf } from "../receive/payload.ts";
import { type Block, plainLine } from "./view.ts";

/** How long what stands on an option may be, and its value. */
const OPTION_MAX = 75;
const OPTION_VALUE_MAX = 150;
const PLACEHOLDER_MAX = 150;

/** Values that are looked up while somebody types. */
const SEARCHED: ReadonlySet<ArgumentType> = new Set([
  "task",
  "lane",
  "agent",
  "epic",
  "requirement",
  "contradiction",
  "verb",
]);

export function blockOf(path: string, name: string): string {
  return `arg:${path}:${name}`;
}

/** The action of a searching select: which argument of which command is asked for. */
function offerAction(path: string, name: string): string {
  return `offer:${path}:${name}`;
}

export function readOfferAction(action: string): { readonly verb: string; readonly name: string } | null {
  const [own, verb, name] = action.split(":");
  return own === "offer" && verb !== undefined && name !== undefined ? { verb, name } : null;
}

export interface Choice {
  readonly text: string;
  readonly about: string;
}

/** An option; null where its value is longer than Slack takes. */
function option({ text, about }: Choice) {
  if (text === "" || text.length > OPTION_VALUE_MAX) return null;
  return {
    text: plainLine(text, OPTION_MAX),
    value: text,
    ...(about === "" ? {} : { description: plainLine(about, OPTION_MAX) }),
  };
}

export function options(choices: readonly Choice[]) {
  return choices.map(option).filter((one) => one !== null);
}

/** One argument as Slack's own best field for it. `initial`: what stands in it already. */
export function field(path: string, argument: ArgumentEntry, initial: string | null = null): Block {
  const { name, about, required } = argument;
  return {
    type: "input",
    block_id: blockOf(path, name),
    optional: !required,
    label: plainLine(labelOf(argument), 2000),
    hint: plainLine(about, 2000),
    element: element(path, argument, initial),
  };
}

function labelOf({ name }: ArgumentEntry): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll(/[-_]/gu, " ")}`;
}

function element(path: string, argument: ArgumentEntry, initial: string | null): Block {
  const { type, name, choices, long, about } = argument;
  const chosen = initial === null ? null : option({ text: initial, about: "" });
  const initialOption = chosen === null ? {} : { initial_option: chosen };
  if (SEARCHED.has(type)) {
    const searching = { type: "external_select", action_id: offerAction(path, name), min_query_length: 0 };
    return { ...searching, placeholder: plainLine("Type to search", PLACEHOLDER_MAX), ...initialOption };
  }
  if (choices !== null && choices.length > 0) {
    const all = options(choices.map((text) => ({ text, about: "" })));
    return { type: "static_select", action_id: "value", options: all, ...initialOption };
  }
  const simple = SIMPLE[type];
  if (simple !== undefined) return simple(about);
  return {
    type: "plain_text_input",
    action_id: "value",
    ...(long ? { multiline: true } : {}),
    ...(initial === null ? {} : { initial_value: initial }),
  };
}

/** Types Slack has a field of its own for. */
const SIMPLE: Readonly<Partial<Record<ArgumentType, (about: string) => Block>>> = {
  flag: (about) => ({
    type: "checkboxes",
    action_id: "value",
    options: [{ text: plainLine(about, OPTION_MAX), value: "yes" }],
  }),
  person: () => ({ type: "users_select", action_id: "value" }),
  channel: () => ({
    type: "conversations_select",
    action_id: "value",
    filter: { include: ["public", "private"] },
  }),
  integer: () => ({ type: "number_input", action_id: "value", is_decimal_allowed: false }),
};

/** What was filled in, by argument, as a line writes it: people by mention, channels by platform. */
export function valuesOf(state: Fields, path: string): Readonly<Record<string, string | true>> {
  const values: Record<string, string | true> = {};
  for (const [block, held] of Object.entries(state)) {
    const [own, of, name] = block.split(":");
    if (own !== "arg" || of !== path || name === undefined) continue;
    const [input = {}] = Object.values(fieldsOf(held)).map((value) => fieldsOf(value));
    const value = filledIn(input);
    if (value !== null) values[name] = value;
  }
  return values;
}

function filledIn(input: Fields): string | true | null {
  if (Array.isArray(input["selected_options"]))
    return listOf(input["selected_options"]).length > 0 ? true : null;
  const user = textOf(input["selected_user"]);
  if (user !== null) return `<@${user}>`;
  const channel = textOf(input["selected_conversation"]) ?? textOf(input["selected_channel"]);
  if (channel !== null) return `slack:${channel}`;
  return textOf(fieldsOf(input["selected_option"])["value"]) ?? textOf(input["value"]);
}
