import type { Context } from "./verb.ts";

/** `<@U123>`, `<@U123|ada>`, `<@!123>`: how Slack and Discord write a mention into a line. */
const MENTION = /^<@!?([A-Z0-9]+)(?:\|[^>]*)?>$/iu;

/**
 * Who is meant, as the log names people: a mention by the platform's own id, `me` for whoever asks. Any other words stay as
 * they are, without the `@` somebody typed before a name.
 */
export function personMeant({ place, speaker }: Context, text: string): string {
  if (text.toLowerCase() === "me") return speaker.actor;
  const id = MENTION.exec(text)?.[1];
  if (id !== undefined && place !== undefined) return `person:${place.platform}:${id}`;
  return text.replace(/^@(?=.)/u, "");
}
