import type {
  APIAllowedMentions,
  APIMessage,
  APIMessageComponent,
  APIMessageTopLevelComponent,
} from "discord-api-types/v10";

/** A message as it is sent: components alone, nobody is mentioned who was not asked for, no previews. */
export interface Body {
  readonly components: APIMessageTopLevelComponent[];
  readonly flags: number;
  readonly allowed_mentions: APIAllowedMentions;
}

/**
 * The id of the container that holds all of a notice: what a message is found by after a doubtful send. Discord keeps the
 * ids of components and gives those without one small numbers in order, so they stay apart.
 */
const MARK = 1_000_000_000;
const MARK_MAX = 2 ** 31 - 1;

export function markOf(notice: number): number {
  return MARK + (notice % (MARK_MAX - MARK));
}

/** Whether a message is what this notice became. The caller knows that the bot itself wrote it. */
export function isMarked(message: Pick<APIMessage, "components">, notice: number): boolean {
  const mark = markOf(notice);
  return message.components?.some((component: APIMessageComponent) => component.id === mark) === true;
}
