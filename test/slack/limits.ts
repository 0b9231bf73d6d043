// Slack's own look at blocks and views, as strict as its documentation: what is too long, too many, empty, unknown or
// named twice is an error with its place. Lax here would be a bug nobody sees until a channel stays silent.

type Fields = { readonly [field: string]: unknown };
export type Surface = "message" | "modal" | "home";

/** The place of a value, and the errors found so far. */
class Look {
  readonly errors: string[];
  readonly path: string;
  readonly #seen: { readonly blocks: Set<string>; readonly actions: Set<string> };

  constructor(
    errors: string[] = [],
    path = "",
    seen = { blocks: new Set<string>(), actions: new Set<string>() },
  ) {
    this.errors = errors;
    this.path = path;
    this.#seen = seen;
  }

  at(step: string | number): Look {
    return new Look(this.errors, `${this.path}/${step}`, this.#seen);
  }

  /** The same place, where ids of actions may be told anew. */
  block(): Look {
    return new Look(this.errors, this.path, { ...this.#seen, actions: new Set<string>() });
  }

  wrong(what: string): void {
    this.errors.push(`[ERROR] ${what} [json-pointer:${this.path || "/"}]`);
  }

  once(kind: "blocks" | "actions", id: string): void {
    if (this.#seen[kind].has(id))
      this.wrong(`\`${kind === "blocks" ? "block_id" : "action_id"}\` "${id}" already exists`);
    this.#seen[kind].add(id);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names what is there but unknown, and what is missing. */
function only(look: Look, value: Fields, needed: readonly string[], allowed: readonly string[] = []): void {
  for (const name of needed) if (value[name] === undefined) look.wrong(`missing required field: ${name}`);
  for (const name of Object.keys(value)) {
    if (name !== "type" && !needed.includes(name) && !allowed.includes(name))
      look.at(name).wrong("additional property");
  }
}

function string(look: Look, value: unknown, max: number, min = 1): void {
  if (value === undefined) return;
  if (typeof value !== "string") {
    look.wrong("must be a string");
    return;
  }
  if (value.length < min) look.wrong(`must be more than ${min - 1} characters`);
  if (value.length > max) look.wrong(`must be less than ${max + 1} characters`);
}

function list(
  look: Look,
  value: unknown,
  max: number,
  min: number,
  each: (look: Look, item: unknown) => void,
): void {
  if (!Array.isArray(value)) {
    look.wrong("must be an array");
    return;
  }
  if (value.length < min) look.wrong(`no fewer than ${min} items required`);
  if (value.length > max) look.wrong(`no more than ${max} items allowed`);
  for (const [index, item] of value.entries()) each(look.at(index), item);
}

function oneOf(look: Look, value: unknown, words: readonly string[]): void {
  if (value !== undefined && !words.includes(value as string))
    look.wrong(`must be one of ${words.join(", ")}`);
}

function text(
  look: Look,
  value: unknown,
  max: number,
  kinds: readonly string[] = ["plain_text", "mrkdwn"],
): void {
  if (value === undefined) return;
  if (!isFields(value)) {
    look.wrong("must be a text object");
    return;
  }
  only(look, value, ["text"], value["type"] === "mrkdwn" ? ["verbatim"] : ["emoji"]);
  oneOf(look.at("type"), value["type"] ?? "", kinds);
  string(look.at("text"), value["text"], max);
}

const plain = (look: Look, value: unknown, max: number): void => text(look, value, max, ["plain_text"]);

function confirm(look: Look, value: unknown): void {
  if (value === undefined) return;
  if (!isFields(value)) {
    look.wrong("must be a confirmation");
    return;
  }
  only(look, value, ["title", "text", "confirm", "deny"], ["style"]);
  plain(look.at("title"), value["title"], 100);
  text(look.at("text"), value["text"], 300);
  plain(look.at("confirm"), value["confirm"], 30);
  plain(look.at("deny"), value["deny"], 30);
  oneOf(look.at("style"), value["style"], ["primary", "danger"]);
}

function option(look: Look, value: unknown, url = false): void {
  if (!isFields(value)) {
    look.wrong("must be an option");
    return;
  }
  only(look, value, ["text", "value"], url ? ["description", "url"] : ["description"]);
  text(look.at("text"), value["text"], 75);
  string(look.at("value"), value["value"], 150);
  text(look.at("description"), value["description"], 75);
  string(look.at("url"), value["url"], 3000);
}

function options(look: Look, element: Fields, max: number, url = false): void {
  const { options: plainOnes, option_groups: groups } = element;
  if ((plainOnes === undefined) === (groups === undefined)) look.wrong("either options or option_groups");
  const values = new Set<unknown>();
  const each = (at: Look, item: unknown): void => {
    option(at, item, url);
    if (isFields(item) && values.has(item["value"])) at.at("value").wrong("duplicate option value");
    if (isFields(item)) values.add(item["value"]);
  };
  if (plainOnes !== undefined) list(look.at("options"), plainOnes, max, 1, each);
  if (groups === undefined) return;
  list(look.at("option_groups"), groups, 100, 1, (at, group) => {
    if (!isFields(group)) return at.wrong("must be an option group");
    only(at, group, ["label", "options"]);
    plain(at.at("label"), group["label"], 75);
    list(at.at("options"), group["options"], 100, 1, each);
  });
}

const SELECT = ["placeholder", "confirm", "focus_on_load"];

/** Each interactive element: which fields it takes besides `type` and `action_id`, and what else is looked at. */
const ELEMENTS: Readonly<Record<string, (look: Look, element: Fields) => void>> = {
  button(look, element) {
    only(look, element, ["text", "action_id"], ["value", "url", "style", "confirm", "accessibility_label"]);
    plain(look.at("text"), element["text"], 75);
    string(look.at("value"), element["value"], 2000);
    string(look.at("url"), element["url"], 3000);
    string(look.at("accessibility_label"), element["accessibility_label"], 75);
    oneOf(look.at("style"), element["style"], ["primary", "danger"]);
  },
  overflow(look, element) {
    only(look, element, ["action_id", "options"], ["confirm"]);
    options(look, element, 5, true);
  },
  static_select(look, element) {
    only(look, element, ["action_id"], [...SELECT, "options", "option_groups", "initial_option"]);
    options(look, element, 100);
  },
  multi_static_select(look, element) {
    only(
      look,
      element,
      ["action_id"],
      [...SELECT, "options", "option_groups", "initial_options", "max_selected_items"],
    );
    options(look, element, 100);
  },
  external_select(look, element) {
    only(look, element, ["action_id"], [...SELECT, "min_query_length", "initial_option"]);
  },
  multi_external_select(look, element) {
    only(
      look,
      element,
      ["action_id"],
      [...SELECT, "min_query_length", "initial_options", "max_selected_items"],
    );
  },
  users_select: (look, element) => only(look, element, ["action_id"], [...SELECT, "initial_user"]),
  conversations_select(look, element) {
    const more = [
      "initial_conversation",
      "default_to_current_conversation",
      "response_url_enabled",
      "filter",
    ];
    only(look, element, ["action_id"], [...SELECT, ...more]);
  },
  channels_select: (look, element) =>
    only(look, element, ["action_id"], [...SELECT, "initial_channel", "response_url_enabled"]),
  datepicker: (look, element) => only(look, element, ["action_id"], [...SELECT, "initial_date"]),
  timepicker: (look, element) => only(look, element, ["action_id"], [...SELECT, "initial_time", "timezone"]),
  datetimepicker: (look, element) =>
    only(look, element, ["action_id"], ["confirm", "focus_on_load", "initial_date_time"]),
  radio_buttons(look, element) {
    only(look, element, ["action_id", "options"], ["initial_option", "confirm", "focus_on_load"]);
    options(look, element, 10);
  },
  checkboxes(look, element) {
    only(look, element, ["action_id", "options"], ["initial_options", "confirm", "focus_on_load"]);
    options(look, element, 10);
  },
  plain_text_input(look, element) {
    const more = [
      "multiline",
      "min_length",
      "max_length",
      "dispatch_action_config",
      "focus_on_load",
      "placeholder",
    ];
    only(look, element, ["action_id"], [...more, "initial_value"]);
    string(look.at("initial_value"), element["initial_value"], 3000, 0);
    if (Number(element["max_length"] ?? 1) > 3000) look.at("max_length").wrong("must be less than 3001");
  },
  number_input(look, element) {
    const more = [
      "min_value",
      "max_value",
      "initial_value",
      "placeholder",
      "focus_on_load",
      "dispatch_action_config",
    ];
    only(look, element, ["action_id", "is_decimal_allowed"], more);
  },
  url_text_input(look, element) {
    only(
      look,
      element,
      ["action_id"],
      ["initial_value", "placeholder", "focus_on_load", "dispatch_action_config"],
    );
  },
};

const IN_ACTIONS = Object.keys(ELEMENTS).filter((type) => !type.endsWith("_input"));
const IN_SECTION = IN_ACTIONS;
const IN_INPUT = Object.keys(ELEMENTS).filter((type) => type !== "button" && type !== "overflow");

function element(look: Look, value: unknown, allowed: readonly string[]): void {
  if (!isFields(value)) {
    look.wrong("must be an element");
    return;
  }
  const type = String(value["type"]);
  const rule = ELEMENTS[type];
  if (rule === undefined || !allowed.includes(type)) {
    look.at("type").wrong(`unsupported element: ${type}`);
    return;
  }
  rule(look, value);
  string(look.at("action_id"), value["action_id"], 255);
  plain(look.at("placeholder"), value["placeholder"], 150);
  confirm(look.at("confirm"), value["confirm"]);
  if (typeof value["action_id"] === "string") look.once("actions", value["action_id"]);
}

function image(look: Look, value: Fields, more: readonly string[] = []): void {
  only(look, value, ["image_url", "alt_text"], more);
  string(look.at("image_url"), value["image_url"], 3000);
  string(look.at("alt_text"), value["alt_text"], 2000);
}

/** What may stand in a piece of rich text, and the fields that it takes. */
const RICH: Readonly<Record<string, readonly [needed: readonly string[], allowed?: readonly string[]]>> = {
  text: [["text"], ["style"]],
  link: [["url"], ["text", "style", "unsafe"]],
  emoji: [["name"], ["unicode", "style"]],
  user: [["user_id"], ["style"]],
  usergroup: [["usergroup_id"], ["style"]],
  channel: [["channel_id"], ["style"]],
  broadcast: [["range"], ["style"]],
  date: [
    ["timestamp", "format"],
    ["url", "fallback", "style"],
  ],
};

function richPiece(look: Look, value: unknown): void {
  const rule = isFields(value) ? RICH[String(value["type"])] : undefined;
  if (rule === undefined || !isFields(value)) {
    look.wrong("unsupported piece of rich text");
    return;
  }
  only(look, value, ...rule);
  string(look.at("text"), value["text"], 3000);
  string(look.at("url"), value["url"], 3000);
}

function richElement(look: Look, value: unknown): void {
  if (!isFields(value)) {
    look.wrong("must be an element");
    return;
  }
  const inner = (min: number): void => list(look.at("elements"), value["elements"], 1000, min, richPiece);
  switch (value["type"]) {
    case "rich_text_section":
    case "rich_text_quote":
      only(look, value, ["elements"], ["border"]);
      inner(0);
      return;
    case "rich_text_preformatted":
      only(look, value, ["elements"], ["border", "language"]);
      inner(0);
      return;
    case "rich_text_list":
      only(look, value, ["elements", "style"], ["indent", "offset", "border"]);
      oneOf(look.at("style"), value["style"], ["bullet", "ordered"]);
      list(look.at("elements"), value["elements"], 1000, 1, richElement);
      return;
    default:
      look.at("type").wrong(`unsupported element: ${String(value["type"])}`);
      return;
  }
}

function richText(look: Look, value: Fields, more: readonly string[]): void {
  only(look, value, ["elements"], more);
  list(look.at("elements"), value["elements"], 1000, 1, richElement);
}

function table(look: Look, value: Fields): void {
  only(look, value, ["rows"], ["block_id", "column_settings"]);
  let length = 0;
  list(look.at("rows"), value["rows"], 100, 1, (row, cells) =>
    list(row, cells, 20, 1, (at, cell) => {
      if (!isFields(cell)) return at.wrong("must be a cell");
      length += written(cell);
      if (cell["type"] === "rich_text") return richText(at, cell, []);
      if (cell["type"] !== "raw_text") return at.at("type").wrong("must be raw_text or rich_text");
      only(at, cell, ["text"]);
      return string(at.at("text"), cell["text"], 3000);
    }),
  );
  if (length > 10_000) look.wrong("the table holds more than 10000 characters");
  const settings = value["column_settings"];
  if (settings === undefined) return;
  list(look.at("column_settings"), settings, 20, 1, (at, column) => {
    if (!isFields(column)) return at.wrong("must be a column's settings");
    only(at, column, [], ["align", "is_wrapped"]);
    return oneOf(at.at("align"), column["align"], ["left", "center", "right"]);
  });
}

const BLOCKS: Readonly<Record<string, (look: Look, block: Fields) => void>> = {
  section(look, block) {
    only(look, block, [], ["block_id", "text", "fields", "accessory", "expand"]);
    if (block["text"] === undefined && block["fields"] === undefined)
      look.wrong("missing required field: text or fields");
    text(look.at("text"), block["text"], 3000);
    if (block["fields"] !== undefined) {
      list(look.at("fields"), block["fields"], 10, 1, (at, field) => text(at, field, 2000));
    }
    const { accessory } = block;
    if (isFields(accessory) && accessory["type"] === "image") image(look.at("accessory"), accessory);
    else if (accessory !== undefined) element(look.at("accessory"), accessory, IN_SECTION);
  },
  header(look, block) {
    only(look, block, ["text"], ["block_id"]);
    plain(look.at("text"), block["text"], 150);
  },
  divider: (look, block) => only(look, block, [], ["block_id"]),
  context(look, block) {
    only(look, block, ["elements"], ["block_id"]);
    list(look.at("elements"), block["elements"], 10, 1, (at, item) =>
      isFields(item) && item["type"] === "image" ? image(at, item) : text(at, item, 2000),
    );
  },
  actions(look, block) {
    only(look, block, ["elements"], ["block_id"]);
    list(look.at("elements"), block["elements"], 25, 1, (at, item) => element(at, item, IN_ACTIONS));
  },
  image(look, block) {
    image(look, block, ["block_id", "title"]);
    plain(look.at("title"), block["title"], 2000);
  },
  input(look, block) {
    only(look, block, ["label", "element"], ["block_id", "hint", "optional", "dispatch_action"]);
    plain(look.at("label"), block["label"], 2000);
    plain(look.at("hint"), block["hint"], 2000);
    element(look.at("element"), block["element"], IN_INPUT);
  },
  markdown(look, block) {
    only(look, block, ["text"], ["block_id"]);
    string(look.at("text"), block["text"], 12_000);
  },
  rich_text: (look, block) => richText(look, block, ["block_id"]),
  table,
};

/** Every error of the blocks of a message, a modal or a home tab; none where they are fit to be shown. */
export function blockErrors(blocks: unknown, surface: Surface): readonly string[] {
  const look = new Look();
  const at = look.at("blocks");
  list(at, blocks, surface === "message" ? 50 : 100, surface === "message" ? 0 : 1, (each, block) => {
    const rule = isFields(block) ? BLOCKS[String(block["type"])] : undefined;
    if (rule === undefined || !isFields(block)) return each.at("type").wrong("unsupported type");
    // An action's id is told apart by its block's: only within one block must it be unique.
    rule(each.block(), block);
    string(each.at("block_id"), block["block_id"], 255);
    if (typeof block["block_id"] === "string") each.once("blocks", block["block_id"]);
  });
  const tables = Array.isArray(blocks)
    ? blocks.filter((one) => isFields(one) && one["type"] === "table").length
    : 0;
  if (tables > 1 || (tables > 0 && surface !== "message")) at.wrong("only_one_table_allowed");
  return look.errors;
}

export function viewErrors(view: unknown): readonly string[] {
  const look = new Look([], "/view");
  if (!isFields(view)) return ["[ERROR] must be a view [json-pointer:/view]"];
  const surface: Surface = view["type"] === "home" ? "home" : "modal";
  oneOf(look.at("type"), view["type"] ?? "", ["modal", "home"]);
  const shared = ["private_metadata", "callback_id", "external_id"];
  const modal = ["submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"];
  if (surface === "home") only(look, view, ["blocks"], shared);
  else only(look, view, ["blocks", "title"], [...shared, ...modal]);
  for (const name of ["title", "submit", "close"]) plain(look.at(name), view[name], 24);
  string(look.at("private_metadata"), view["private_metadata"], 3000, 0);
  for (const name of ["callback_id", "external_id"]) string(look.at(name), view[name], 255, 0);
  const { blocks } = view;
  const inputs = Array.isArray(blocks) && blocks.some((one) => isFields(one) && one["type"] === "input");
  if (surface === "modal" && inputs && view["submit"] === undefined)
    look.wrong("submit is needed beside an input block");
  return [...look.errors, ...blockErrors(blocks, surface)];
}

/** How many characters somebody reads in it. */
export function written(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + written(one), 0);
  if (!isFields(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, one]) => sum + (name === "text" && typeof one === "string" ? one.length : written(one)),
    0,
  );
}
