import {
  type APIModalInteractionResponseCallbackComponent,
  type APIModalInteractionResponseCallbackData,
  type APIModalSubmission,
  ComponentType,
  TextInputStyle,
} from "discord-api-types/v10";
import { tidyLine } from "../../../../src/core/text.ts";

/** Discord's limits, in characters. */
const TITLE_MAX = 45;
const LABEL_MAX = 45;
const ABOUT_MAX = 100;
const TEXT_MAX = 4000;
const OPTION_MAX = 100;
const OPTIONS_MAX = 25;
/** More fields, Discord does not show; a text that stands above them counts as one. */
export const FIELDS_MAX = 5;

/** One question of a form. */
export interface Field {
  /** The name its answer comes back under. */
  readonly name: string;
  readonly label: string;
  readonly about?: string | undefined;
  readonly required: boolean;
  readonly as:
    | { readonly kind: "text"; readonly long: boolean; readonly value?: string | undefined }
    | { readonly kind: "choice"; readonly choices: readonly Choice[] };
}

export interface Choice {
  readonly value: string;
  readonly about?: string | undefined;
}

export interface Form {
  /** What it is for, as its answer brings it back: a `custom_id`. */
  readonly id: string;
  readonly title: string;
  /** Words above the fields; null for none. */
  readonly text: string | null;
  readonly fields: readonly Field[];
}

export function modal({ id, title, text, fields }: Form): APIModalInteractionResponseCallbackData {
  const above: readonly APIModalInteractionResponseCallbackComponent[] =
    text === null ? [] : [{ type: ComponentType.TextDisplay, content: cut(text, TEXT_MAX) }];
  return {
    custom_id: id,
    title: cut(tidyLine(title), TITLE_MAX),
    components: [...above, ...fields.map(component)].slice(0, FIELDS_MAX),
  };
}

function component({
  name,
  label,
  about,
  required,
  as,
}: Field): APIModalInteractionResponseCallbackComponent {
  const described =
    about === undefined || about === "" ? {} : { description: cut(tidyLine(about), ABOUT_MAX) };
  const labelled = {
    type: ComponentType.Label as const,
    label: cut(tidyLine(label), LABEL_MAX),
    ...described,
  };
  if (as.kind === "choice") {
    const options = as.choices.slice(0, OPTIONS_MAX).map(({ value, about: what }) => ({
      label: cut(value, OPTION_MAX),
      value: value.slice(0, OPTION_MAX),
      ...(what === undefined || what === "" ? {} : { description: cut(tidyLine(what), OPTION_MAX) }),
    }));
    const select = { type: ComponentType.StringSelect as const, custom_id: name, required, options };
    return { ...labelled, component: { ...select, min_values: required ? 1 : 0, max_values: 1 } };
  }
  const value = as.value === undefined || as.value === "" ? {} : { value: as.value.slice(0, TEXT_MAX) };
  const style = as.long ? TextInputStyle.Paragraph : TextInputStyle.Short;
  const input = { type: ComponentType.TextInput as const, custom_id: name, style, required };
  return { ...labelled, component: { ...input, max_length: TEXT_MAX, ...value } };
}

/** What was filled in, by field; without what was left empty. */
export function readForm({ components }: APIModalSubmission): ReadonlyMap<string, string> {
  const filled = components.flatMap((each) => {
    if (each.type === ComponentType.Label) return [each.component];
    return each.type === ComponentType.ActionRow ? each.components : [];
  });
  return new Map(
    filled.flatMap((one) => {
      const value = "value" in one ? String(one.value ?? "") : (one.values[0] ?? "");
      return value.trim() === "" ? [] : [[one.custom_id, value.trim()] as const];
    }),
  );
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/u, "")}…`;
}
