import type { Delivery } from "../../../../src/ports/outbox.ts";
import type { Block } from "./blocks.ts";
import { announced, lines } from "./text.ts";

/** A message as Slack is handed it: a layout, and words for screen readers, notifications and clients without layouts. */
export interface SlackText {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Slack recommends 4,000 and cuts at 40,000. */
const TEXT_MAX = 4000;

export function renderNotice(delivery: Delivery, zone: string): SlackText {
  const { kind, text } = delivery;
  const words = kind === "auto-complete" ? announced(text, TEXT_MAX) : lines(text, TEXT_MAX);
  return { text: words || "–", blocks: zone === "" ? [] : [] };
}
