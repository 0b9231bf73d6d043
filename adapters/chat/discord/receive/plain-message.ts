import {
  type APIActionRowComponent,
  type APIComponentInMessageActionRow,
  type APIMessageTopLevelComponent,
  ComponentType,
} from "discord-api-types/v10";

const CONTENT_MAX = 2000;
const ROWS_MAX = 5;

type Component =
  | APIMessageTopLevelComponent
  | Extract<APIMessageTopLevelComponent, { components: unknown }>["components"][number];
type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** The same words and buttons for a message that cannot be laid out in components. */
export function plainMessage(components: readonly APIMessageTopLevelComponent[]): {
  readonly content: string;
  readonly components: readonly Row[];
} {
  const texts: string[] = [];
  const rows: Row[] = [];
  const walk = (component: Component): void => {
    if (component.type === ComponentType.TextDisplay) texts.push(component.content);
    else if (component.type === ComponentType.ActionRow) rows.push(component);
    else if (component.type === ComponentType.Container) component.components.forEach(walk);
    else if (component.type === ComponentType.Section) {
      component.components.forEach(walk);
      if (component.accessory.type === ComponentType.Button)
        rows.push({ type: ComponentType.ActionRow, components: [component.accessory] });
    }
  };
  for (const component of components) walk(component);
  return { content: fitting(texts.join("\n")), components: rows.slice(0, ROWS_MAX) };
}

/** Cut at a line where there is one, so that no mark is left open. */
function fitting(text: string): string {
  if (text.length <= CONTENT_MAX) return text === "" ? "—" : text;
  const cut = text.slice(0, CONTENT_MAX - 2);
  const end = cut.lastIndexOf("\n");
  return `${end > 0 ? cut.slice(0, end) : cut}\n…`;
}
