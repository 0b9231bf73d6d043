import {
  type APIComponentInContainer,
  type APIContainerComponent,
  type APITextDisplayComponent,
  ComponentType,
  SeparatorSpacingSize,
} from "discord-api-types/v10";

/** Discord counts nested components and this container too. */
const COMPONENTS_MAX = 40;
/** Of all texts together; button labels and options count along here, which leaves some to spare. */
const CHARACTERS_MAX = 4000;
/** For the line that says that there was more. */
const RESERVE = 100;
/** A message with nothing in it is none to Discord; what was to be said had no sign that shows. */
const NOTHING = "…";
const MORE = "-# There is more than one message holds.";

/** A stretch of a message. */
export interface Part {
  readonly components: readonly APIComponentInContainer[];
  /** 0 stays, whatever happens; of the others the highest goes first, the last of equals before the first. */
  readonly rank: number;
}

/** Lines of text; null and empty ones are left out, and with them the part. Already escaped. */
export function text(rank: number, ...lines: readonly (string | null)[]): Part {
  const content = lines.filter((line) => line !== null && line !== "").join("\n");
  return { rank, components: content === "" ? [] : [{ type: ComponentType.TextDisplay, content }] };
}

/** A thin line between two stretches. It goes with the first part behind it that stays out. */
export function rule(rank: number): Part {
  const spacing = SeparatorSpacingSize.Small;
  return { rank, components: [{ type: ComponentType.Separator, divider: true, spacing }] };
}

export function part(rank: number, ...components: readonly APIComponentInContainer[]): Part {
  return { rank, components };
}

/**
 * The container that holds all of it, within Discord's limits however long the parts are: what ranks lowest is left
 * out, and a line says so. Parts of rank 0 are short by their making; were they not, their longest text would be cut.
 */
export function container(colour: number, parts: readonly Part[], id?: number): APIContainerComponent {
  const kept = parts.filter(({ components }) => components.length > 0);
  let dropped = false;
  while (!fits(kept)) {
    const rank = Math.max(...kept.map((each) => each.rank));
    if (rank <= 0) break;
    kept.splice(
      kept.findLastIndex((each) => each.rank === rank),
      1,
    );
    dropped = true;
  }
  if (dropped) kept.push(text(0, MORE));
  if (kept.length === 0) kept.push(text(0, NOTHING));
  const components = withoutStrayRules(kept.flatMap((each) => [...each.components]));
  return {
    type: ComponentType.Container,
    ...(id === undefined ? {} : { id }),
    accent_color: colour,
    components: cutToFit(components),
  };
}

function fits(parts: readonly Part[]): boolean {
  const all = parts.flatMap(({ components }) => components);
  return (
    1 + all.reduce((sum, each) => sum + countOf(each), 0) < COMPONENTS_MAX &&
    all.reduce((sum, each) => sum + charactersOf(each), 0) <= CHARACTERS_MAX - RESERVE
  );
}

/** This component and those in it. */
function countOf(component: object): number {
  const { components = [], accessory } = component as { components?: readonly object[]; accessory?: object };
  const inside = accessory === undefined ? components : [...components, accessory];
  return inside.reduce((sum, each) => sum + countOf(each), 1);
}

/** Everything anybody reads, in UTF-16 units. */
function charactersOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + charactersOf(each), 0);
  return Object.entries(value).reduce((sum, [field, held]) => {
    if (typeof held !== "string") return sum + charactersOf(held);
    return READ.has(field) ? sum + held.length : sum;
  }, 0);
}

const READ = new Set(["content", "label", "description", "placeholder"]);

/** A line between two stretches has one on each side. */
function withoutStrayRules(components: readonly APIComponentInContainer[]): APIComponentInContainer[] {
  const isRule = (each: APIComponentInContainer | undefined): boolean =>
    each?.type === ComponentType.Separator;
  return components.filter(
    (each, index) =>
      !isRule(each) || (index > 0 && index + 1 < components.length && !isRule(components[index - 1])),
  );
}

/** The last resort: the longest text gives way. */
function cutToFit(components: readonly APIComponentInContainer[]): APIComponentInContainer[] {
  const over = charactersOf(components) - CHARACTERS_MAX;
  if (over <= 0) return [...components];
  const texts = components.filter(
    (each): each is APITextDisplayComponent => each.type === ComponentType.TextDisplay,
  );
  const longest = texts.toSorted((a, b) => b.content.length - a.content.length)[0];
  if (longest === undefined) return [...components];
  const lines = longest.content.split("\n");
  const kept = lines.slice(0, Math.max(1, Math.floor(lines.length / 2))).join("\n");
  const content =
    lines.length > 1 ? kept : `${kept.slice(0, kept.length >> 1).replace(/[\\<][^\s]*$/u, "")}…`;
  return cutToFit(components.map((each) => (each === longest ? { ...longest, content } : each)));
}
