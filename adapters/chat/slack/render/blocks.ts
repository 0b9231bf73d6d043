import type { Json } from "../../../../src/core/json.ts";
import { plain } from "./text.ts";

/** A block as Slack takes it. Only the functions below make them, so that each keeps to Slack's limits. */
export type Block = { readonly type: string; readonly [field: string]: Json };
export type Element = Block;
/** What somebody may choose in a menu. */
export type Option = { readonly text: Json; readonly value: string };

export const SECTION_MAX = 3000;
export const BUTTON_VALUE_MAX = 2000;
export const OPTION_VALUE_MAX = 150;
export const OVERFLOW_MAX = 5;
const HEADER_MAX = 150;
const LABEL_MAX = 75;
const FIELDS_MAX = 10;
const CONTEXT_ELEMENTS_MAX = 10;
const ELEMENTS_MAX = 25;
const TABLE_ROWS_MAX = 100;
const CELL_MAX = 120;

const plainText = (text: string, max: number): Json => ({
  type: "plain_text",
  text: plain(text, max) || "–",
  emoji: true,
});
/** Slack takes no empty text. */
const mrkdwn = (text: string): Json => ({ type: "mrkdwn", text: text.trim() || "–", verbatim: true });

/** `text` is plain; `lead` stands before it as it is, for the one kind that begins with signs of its own. */
export function header(text: string, lead = ""): Block {
  return {
    type: "header",
    text: { type: "plain_text", text: `${lead}${plain(text, HEADER_MAX - lead.length)}` || "–", emoji: true },
  };
}

/** `text` is mrkdwn, of at most `SECTION_MAX` characters. */
export function section(text: string, accessory?: Element): Block {
  return { type: "section", text: mrkdwn(text), ...(accessory === undefined ? {} : { accessory }) };
}

/** Pairs of a name and mrkdwn, two beside each other. None: no block. */
export function fields(pairs: readonly (readonly [name: string, text: string])[]): readonly Block[] {
  const shown = pairs.filter(([, text]) => text !== "").slice(0, FIELDS_MAX);
  if (shown.length === 0) return [];
  return [{ type: "section", fields: shown.map(([name, text]) => mrkdwn(`*${name}*\n${text}`)) }];
}

/** Small print. None: no block. */
export function context(...texts: readonly string[]): readonly Block[] {
  const shown = texts.filter((text) => text !== "").slice(0, CONTEXT_ELEMENTS_MAX);
  return shown.length === 0 ? [] : [{ type: "context", elements: shown.map(mrkdwn) }];
}

export function actions(elements: readonly Element[]): readonly Block[] {
  if (elements.length === 0) return [];
  return [{ type: "actions", elements: elements.slice(0, ELEMENTS_MAX) }];
}

export function button(
  label: string,
  {
    actionId,
    value,
    style,
  }: { readonly actionId: string; readonly value: string; readonly style?: "primary" | "danger" },
): Element {
  return {
    type: "button",
    text: plainText(label, LABEL_MAX),
    action_id: actionId,
    value,
    ...(style === undefined ? {} : { style }),
  };
}

export function option(label: string, value: string): Option {
  return { text: plainText(label, LABEL_MAX), value };
}

export function overflow(actionId: string, options: readonly Option[]): Element {
  return { type: "overflow", action_id: actionId, options: [...options] };
}

export function select(actionId: string, placeholder: string, options: readonly Option[]): Element {
  return {
    type: "static_select",
    action_id: actionId,
    placeholder: plainText(placeholder, 150),
    options: [...options],
  };
}

/** Rows of plain cells below a row of names. A message takes one table. */
export function table(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ("left" | "right")[],
): Block {
  const cell = (text: string): Json => ({ type: "raw_text", text: plain(text, CELL_MAX) || "–" });
  return {
    type: "table",
    column_settings: align.map((side) => ({ align: side, is_wrapped: side === "left" })),
    rows: [names, ...rows.slice(0, TABLE_ROWS_MAX - 1)].map((row) => row.map(cell)),
  };
}

/** How many characters somebody reads in blocks: Slack takes about 13,000 in a message. */
export function written(value: Json | undefined): number {
  if (Array.isArray(value))
    return (value as readonly Json[]).reduce<number>((sum, one) => sum + written(one), 0);
  if (value === null || value === undefined || typeof value !== "object") return 0;
  return Object.entries(value as { readonly [field: string]: Json }).reduce(
    (sum, [name, one]) => sum + (name === "text" && typeof one === "string" ? one.length : written(one)),
    0,
  );
}
