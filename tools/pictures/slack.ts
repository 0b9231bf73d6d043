// Block Kit as a Slack client draws it: every block, element and sign of mrkdwn that the Slack renderer uses, and an error
// for any other, so that nothing in a payload is missing from its picture unnoticed.
import type { Json } from "../../src/core/json.ts";
import { dayOf, escaped, type Rule, read, tag, timeOf } from "./html.ts";

type Fields = { readonly [field: string]: Json };

/** A message's blocks, or its text where it has none. `now`: the day that is today, milliseconds since 1970 UTC. */
export function slackHtml(
  { text, blocks }: { readonly text: string; readonly blocks: readonly Fields[] },
  now: number,
): string {
  if (blocks.length === 0) return tag("div", "section", mrkdwn(text, now));
  return blocks.map((block) => blockHtml(block, now)).join("");
}

function blockHtml(block: Fields, now: number): string {
  switch (words(block["type"])) {
    case "header":
      return tag("div", "header", textHtml(block["text"], now));
    case "section": {
      const text = block["text"] === undefined ? "" : tag("div", "text", textHtml(block["text"], now));
      const fields = all(block["fields"]).map((field) => tag("div", "field", textHtml(field, now)));
      const beside = block["accessory"] === undefined ? "" : elementHtml(block["accessory"], now);
      const grid = fields.length === 0 ? "" : tag("div", "fields", fields.join(""));
      return tag("div", "section", text + grid + beside);
    }
    case "context":
      return tag(
        "div",
        "context",
        all(block["elements"])
          .map((one) => tag("span", "", textHtml(one, now)))
          .join(""),
      );
    case "actions":
      return tag(
        "div",
        "actions",
        all(block["elements"])
          .map((one) => elementHtml(one, now))
          .join(""),
      );
    case "divider":
      return "<hr>";
    case "table":
      return tableHtml(block);
    default:
      throw new Error(`No picture of a ${JSON.stringify(block["type"])} block yet.`);
  }
}

function elementHtml(element: Json | undefined, now: number): string {
  const { type, text, style, placeholder } = record(element);
  switch (words(type)) {
    case "button":
      return tag("span", `button ${typeof style === "string" ? style : ""}`, textHtml(text, now));
    case "overflow":
      return tag("span", "button overflow", "<i></i><i></i><i></i>");
    case "static_select":
      return tag("span", "button select", textHtml(placeholder, now));
    default:
      throw new Error(`No picture of a ${JSON.stringify(type)} element yet.`);
  }
}

/** The first row holds the names. */
function tableHtml(block: Fields): string {
  const aligned = all(block["column_settings"]).map((one) => {
    const { align, is_wrapped: wrapped } = record(one);
    return `${align === "right" ? "right" : "left"} ${wrapped === true ? "wrapped" : ""}`;
  });
  const rows = all(block["rows"]).map((row, index) =>
    tag(
      "tr",
      "",
      all(row)
        .map((cell, column) => {
          const { type, text } = record(cell);
          if (type !== "raw_text") throw new Error(`No picture of a ${JSON.stringify(type)} cell yet.`);
          return tag(index === 0 ? "th" : "td", aligned[column] ?? "left", escaped(words(text)));
        })
        .join(""),
    ),
  );
  return tag("table", "", rows.join(""));
}

function textHtml(object: Json | undefined, now: number): string {
  const { type, text } = record(object);
  if (type === "plain_text") return escaped(words(text)).replaceAll("\n", "<br>");
  if (type === "mrkdwn") return mrkdwn(words(text), now);
  throw new Error(`No picture of a ${JSON.stringify(type)} text yet.`);
}

function mrkdwn(text: string, now: number): string {
  const lines = text.split("\n").map((line) => {
    const quoted = /^(?:>|&gt;) ?(.*)$/u.exec(line);
    return quoted === null
      ? tag("div", "line", inline(line, now))
      : tag("blockquote", "", inline(quoted[1] ?? "", now));
  });
  return lines.join("");
}

/** Slack's own escapes are HTML's. A pair of signs works around words, not inside one. */
function inline(text: string, now: number): string {
  const around = (sign: string, name: string): Rule => ({
    at: new RegExp(String.raw`(?<![\p{L}\p{N}])${sign}(?=\S)([^${sign}]*?\S)${sign}(?![\p{L}\p{N}])`, "uy"),
    as: ([, inside = ""]) => tag(name, "", inline(inside, now)),
  });
  return read(text, [
    { at: /`([^`]+)`/uy, as: ([, inside = ""]) => tag("code", "", entities(inside)) },
    { at: /<!date\^(\d+)\^([^|>]*)\|[^>]*>/uy, as: ([, at, form = ""]) => dateHtml(Number(at), form, now) },
    { at: /<[@!][^|>]*>/uy, as: ([whole]) => tag("span", "mention", escaped(`@${whole.slice(2, -1)}`)) },
    {
      at: /<(https?:[^|>]*)(?:\|([^>]*))?>/uy,
      as: ([, url = "", label = url]) => tag("a", "", entities(label)),
    },
    { at: /&(?:amp|lt|gt);/uy, as: ([entity]) => entity },
    around(String.raw`\*`, "b"),
    around("_", "em"),
    around("~", "s"),
  ]);
}

/** What Slack escaped stays escaped, anything else is. */
function entities(text: string): string {
  return read(text, [{ at: /&(?:amp|lt|gt);/uy, as: ([entity]) => entity }]);
}

function dateHtml(seconds: number, form: string, now: number): string {
  const at = seconds * 1000;
  const day = dayOf(at) === dayOf(now) ? "today" : dayOf(at);
  const known: Readonly<Record<string, string>> = { "{date_short_pretty}": day, "{time}": timeOf(at) };
  return form.replaceAll(/\{[a-z_]+\}/gu, (name) => {
    const shown = known[name];
    if (shown === undefined) throw new Error(`No picture of a date as ${name} yet.`);
    return shown;
  });
}

function record(value: Json | undefined): Fields {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new Error(`An object should stand here: ${JSON.stringify(value)}`);
  return value as Fields;
}

function words(value: Json | undefined): string {
  if (typeof value !== "string") throw new Error(`Words should stand here: ${JSON.stringify(value)}`);
  return value;
}

function all(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
