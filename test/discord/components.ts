// The limits of components, refused as Discord refuses them. The numbers are those of the shared notes on both platforms
// and of discord-api-types.
import { ButtonStyle, ComponentType } from "discord-api-types/v10";
import type { Faults } from "./refusals.ts";

type Path = readonly (string | number)[];
type Loose = { readonly [field: string]: unknown };

const COMPONENTS_MAX = 40;
export const TEXT_MAX = 4000;
const ROWS_MAX = 5;
const INT32_MAX = 2 ** 31 - 1;

const IN_MESSAGE = [1, 9, 10, 12, 13, 14, 17];
const IN_CONTAINER = [1, 9, 10, 12, 13, 14];
export const SELECTS = [3, 5, 6, 7, 8];

export interface Totals {
  components: number;
  text: number;
  readonly customIds: Set<string>;
  readonly ids: Set<number>;
}

/** The components of a message. `v2`: with IsComponentsV2; without it, only rows of buttons and selects. */
export function checkMessageComponents(faults: Faults, components: unknown, v2: boolean): void {
  const path = ["components"];
  if (!Array.isArray(components)) {
    faults.add(path, "LIST_TYPE_CONVERT", "Must be a list.");
    return;
  }
  if (!v2 && components.length > ROWS_MAX)
    faults.add(path, "BASE_TYPE_BAD_LENGTH", `Must be ${ROWS_MAX} or fewer in length.`);
  if (v2 && components.length === 0) faults.add(path, "BASE_TYPE_REQUIRED", "This field is required");
  const totals: Totals = { components: 0, text: 0, customIds: new Set(), ids: new Set() };
  components.forEach((each: unknown, index) => {
    check(faults, [...path, index], each, v2 ? IN_MESSAGE : [1], totals);
  });
  if (totals.components > COMPONENTS_MAX)
    faults.add(
      path,
      "BASE_TYPE_BAD_LENGTH",
      `The number of components in total must be ${COMPONENTS_MAX} or fewer.`,
    );
  if (totals.text > TEXT_MAX)
    faults.add(
      path,
      "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
      `The total size of displayable text exceeds ${TEXT_MAX} characters.`,
    );
}

function check(faults: Faults, path: Path, value: unknown, allowed: readonly number[], totals: Totals): void {
  const component = loose(value);
  const type = Number(component["type"]);
  totals.components += 1;
  if (!allowed.includes(type)) {
    faults.add(
      [...path, "type"],
      "UNION_TYPE_CHOICES",
      `Value of field "type" must be one of (${allowed.join(", ")}).`,
    );
    return;
  }
  ownId(faults, path, component, totals);
  const children = list(component["components"]);
  const within = (kinds: readonly number[], min: number, max: number): void => {
    if (children.length < min || children.length > max)
      faults.add(
        [...path, "components"],
        "BASE_TYPE_BAD_LENGTH",
        `Must be between ${min} and ${max} in length.`,
      );
    children.forEach((each, index) => {
      check(faults, [...path, "components", index], each, kinds, totals);
    });
  };
  switch (type as ComponentType) {
    case ComponentType.Container: {
      only(faults, path, component, ["type", "id", "components", "accent_color", "spoiler"]);
      const colour = component["accent_color"];
      if (
        colour != null &&
        !(Number.isInteger(colour) && Number(colour) >= 0 && Number(colour) <= 0xff_ff_ff)
      )
        faults.add(
          [...path, "accent_color"],
          "NUMBER_TYPE_MAX",
          "int value should be less than or equal to 16777215.",
        );
      within(IN_CONTAINER, 1, COMPONENTS_MAX);
      return;
    }
    case ComponentType.Section:
      only(faults, path, component, ["type", "id", "components", "accessory"]);
      within([ComponentType.TextDisplay], 1, 3);
      check(faults, [...path, "accessory"], component["accessory"], [2, 11], totals);
      return;
    case ComponentType.ActionRow:
      only(faults, path, component, ["type", "id", "components"]);
      if (children.some((child) => SELECTS.includes(Number(child["type"])))) within(SELECTS, 1, 1);
      else within([ComponentType.Button], 1, 5);
      return;
    case ComponentType.TextDisplay: {
      only(faults, path, component, ["type", "id", "content"]);
      faults.text([...path, "content"], component["content"], 1, TEXT_MAX);
      totals.text += String(component["content"]).length;
      return;
    }
    case ComponentType.Separator:
      only(faults, path, component, ["type", "id", "divider", "spacing"]);
      return;
    case ComponentType.Button:
      button(faults, path, component, totals);
      return;
    case ComponentType.StringSelect:
    case ComponentType.UserSelect:
    case ComponentType.RoleSelect:
    case ComponentType.MentionableSelect:
    case ComponentType.ChannelSelect:
      select(faults, path, component, totals);
      return;
    // biome-ignore lint/complexity/noUselessSwitchCase: media is not looked at; the product sends none.
    case ComponentType.MediaGallery:
    default:
      return;
  }
}

function button(faults: Faults, path: Path, component: Loose, totals: Totals): void {
  only(faults, path, component, [
    "type",
    "id",
    "style",
    "label",
    "emoji",
    "custom_id",
    "url",
    "disabled",
    "sku_id",
  ]);
  const { style, label, emoji, url } = component;
  if (!Number.isInteger(style) || Number(style) < 1 || Number(style) > 6)
    faults.add([...path, "style"], "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.");
  if (label === undefined && emoji === undefined)
    faults.add([...path, "label"], "BUTTON_COMPONENT_INVALID", "A label or an emoji is required.");
  if (label !== undefined) faults.text([...path, "label"], label, 1, 80);
  if (style === ButtonStyle.Link) {
    faults.text([...path, "url"], url, 1, 512);
    if (typeof url === "string" && !/^(?:https?|discord):\/\//.test(url))
      faults.add(
        [...path, "url"],
        "URL_TYPE_INVALID_SCHEME",
        "Scheme must be one of ('http', 'https', 'discord').",
      );
    if (component["custom_id"] !== undefined)
      faults.add(
        [...path, "custom_id"],
        "BUTTON_COMPONENT_CUSTOM_ID_LINK",
        "A custom id and url cannot both be specified",
      );
  } else {
    if (url !== undefined)
      faults.add(
        [...path, "url"],
        "BUTTON_COMPONENT_CUSTOM_ID_LINK",
        "A custom id and url cannot both be specified",
      );
    customId(faults, path, component, totals);
  }
}

export function select(faults: Faults, path: Path, component: Loose, totals: Totals): void {
  customId(faults, path, component, totals);
  if (component["placeholder"] !== undefined)
    faults.text([...path, "placeholder"], component["placeholder"], 0, 150);
  if (component["type"] !== ComponentType.StringSelect) return;
  const options = list(component["options"]);
  if (options.length < 1 || options.length > 25)
    faults.add([...path, "options"], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.");
  const most = Number(component["max_values"] ?? 1);
  if (most < 1 || most > options.length)
    faults.add([...path, "max_values"], "NUMBER_TYPE_MAX", "Cannot be more than the options there are.");
  const values = new Set<unknown>();
  options.forEach((option, index) => {
    const at = [...path, "options", index];
    only(faults, at, option, ["label", "value", "description", "emoji", "default"]);
    faults.text([...at, "label"], option["label"], 1, 100);
    faults.text([...at, "value"], option["value"], 1, 100);
    if (option["description"] !== undefined)
      faults.text([...at, "description"], option["description"], 1, 100);
    if (values.has(option["value"]))
      faults.add(
        [...at, "value"],
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        "The specified option value is already used",
      );
    values.add(option["value"]);
  });
}

export function customId(faults: Faults, path: Path, component: Loose, totals: Totals): void {
  const id = component["custom_id"];
  faults.text([...path, "custom_id"], id, 1, 100);
  if (typeof id !== "string") return;
  if (totals.customIds.has(id))
    faults.add(
      [...path, "custom_id"],
      "COMPONENT_CUSTOM_ID_DUPLICATED",
      "Component custom id cannot be duplicated",
    );
  totals.customIds.add(id);
}

function ownId(faults: Faults, path: Path, { id }: Loose, totals: Totals): void {
  if (id === undefined || id === 0) return;
  if (!Number.isInteger(id) || Number(id) < 0 || Number(id) > INT32_MAX)
    faults.add([...path, "id"], "NUMBER_TYPE_MAX", `int value should be less than or equal to ${INT32_MAX}.`);
  else if (totals.ids.has(Number(id)))
    faults.add([...path, "id"], "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated");
  totals.ids.add(Number(id));
}

/** Discord overlooks a field it does not know; the stand-in does not, since one is always a slip of ours. */
export function only(faults: Faults, path: Path, value: Loose, known: readonly string[]): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field))
      faults.add([...path, field], "UNKNOWN_FIELD", `There is no field ${field} here.`);
  }
}

/** Gives each component that has no id of its own one, in order, as Discord does. */
export function withIds(components: readonly unknown[]): unknown[] {
  const taken = new Set<number>();
  const gather = (value: unknown): void => {
    const component = loose(value);
    if (Number(component["id"] ?? 0) > 0) taken.add(Number(component["id"]));
    list(component["components"]).forEach(gather);
    if (component["accessory"] !== undefined) gather(component["accessory"]);
  };
  components.forEach(gather);
  let next = 1;
  const give = (value: unknown): unknown => {
    const component = loose(value);
    while (taken.has(next)) next += 1;
    const id = Number(component["id"] ?? 0) > 0 ? Number(component["id"]) : next++;
    const { components: children, accessory } = component;
    return {
      ...component,
      id,
      ...(children === undefined ? {} : { components: list(children).map(give) }),
      ...(accessory === undefined ? {} : { accessory: give(accessory) }),
    };
  };
  return components.map(give);
}

export function loose(value: unknown): Loose {
  return typeof value === "object" && value !== null ? (value as Loose) : {};
}

export function list(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.map(loose) : [];
}

/** A field that should be a text; empty where it is none. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
