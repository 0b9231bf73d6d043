import { expect } from "vitest";
import { deceivingInText } from "../../src/core/text.ts";

export interface ShownText {
  readonly text: string;
  readonly mrkdwn: boolean;
}

/** Every text somebody reads, and whether Slack reads mrkdwn in it. */
export function shownTexts(value: unknown): readonly ShownText[] {
  if (value === null || typeof value !== "object") return [];
  const { type, text } = value as { readonly type?: unknown; readonly text?: unknown };
  if (typeof text === "string") return [{ text, mrkdwn: type === "mrkdwn" }];
  return Object.values(value).flatMap(shownTexts);
}

/** No mention, no command, no false link, nothing that turns or hides; `mentions` are the ones that are meant. */
export function harmless({ text, mrkdwn }: ShownText, mentions: RegExp | null = null): void {
  expect(deceivingInText(text)).toBeNull();
  if (!mrkdwn) return;
  for (const [whole, inside = ""] of text.matchAll(/<([^<>]*)>/g)) {
    if (mentions?.test(whole) === true) continue;
    if (/^!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|]+$/.test(inside)) continue;
    const [address = "", label = ""] = inside.split("|");
    expect(address).toMatch(/^https?:\/\//);
    expect(
      label.replaceAll("&amp;", "&").startsWith(new URL(address.replaceAll("&amp;", "&")).host.slice(0, 78)),
    ).toBe(true);
  }
}
