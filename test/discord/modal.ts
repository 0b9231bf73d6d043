import { ComponentType } from "discord-api-types/v10";
import { customId, list, loose, only, SELECTS, select, TEXT_MAX, type Totals } from "./components.ts";
import type { Faults } from "./refusals.ts";

type Path = readonly (string | number)[];
type Loose = { readonly [field: string]: unknown };

/** A modal: title 45, custom id 100, one to five components that take a text or one of a list. */
export function checkModal(faults: Faults, data: Loose): void {
  const path = ["data"];
  only(faults, path, data, ["title", "custom_id", "components"]);
  faults.text([...path, "title"], data["title"], 1, 45);
  faults.text([...path, "custom_id"], data["custom_id"], 1, 100);
  const components = list(data["components"]);
  if (components.length < 1 || components.length > 5)
    faults.add([...path, "components"], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
  const totals: Totals = { components: 0, text: 0, customIds: new Set(), ids: new Set() };
  components.forEach((each, index) => {
    const at = [...path, "components", index];
    if (each["type"] === ComponentType.Label) {
      faults.text([...at, "label"], each["label"], 1, 45);
      if (each["description"] !== undefined) faults.text([...at, "description"], each["description"], 1, 100);
      inModal(faults, [...at, "component"], each["component"], totals, false);
    } else if (each["type"] === ComponentType.ActionRow) {
      inModal(faults, [...at, "components", 0], list(each["components"])[0], totals, true);
    } else if (each["type"] === ComponentType.TextDisplay) {
      faults.text([...at, "content"], each["content"], 1, TEXT_MAX);
    } else {
      faults.add([...at, "type"], "BASE_TYPE_CHOICES", "Value must be one of {1, 10, 18}.");
    }
  });
}

function inModal(faults: Faults, path: Path, value: unknown, totals: Totals, labelled: boolean): void {
  const component = loose(value);
  if (component["type"] === ComponentType.TextInput) {
    customId(faults, path, component, totals);
    if (labelled) faults.text([...path, "label"], component["label"], 1, 45);
    if (![1, 2].includes(Number(component["style"])))
      faults.add([...path, "style"], "BASE_TYPE_CHOICES", "1 or 2.");
    if (component["placeholder"] !== undefined)
      faults.text([...path, "placeholder"], component["placeholder"], 0, 100);
    if (component["value"] !== undefined) faults.text([...path, "value"], component["value"], 0, 4000);
    for (const name of ["min_length", "max_length"]) {
      const length = component[name];
      if (length !== undefined && (Number(length) < 0 || Number(length) > 4000))
        faults.add([...path, name], "NUMBER_TYPE_MAX", "int value should be less than or equal to 4000.");
    }
  } else if (!labelled && SELECTS.includes(Number(component["type"]))) {
    select(faults, path, component, totals);
  } else {
    faults.add([...path, "type"], "BASE_TYPE_CHOICES", "Value must be a text input or a select.");
  }
}
