import { type Block, written } from "./blocks.ts";

/** A message as Slack is handed it: a layout, and words for screen readers, notifications and clients without layouts. */
export interface SlackText {
  readonly text: string;
  readonly blocks: readonly Block[];
}

const BLOCKS_MAX = 50;
/** Slack refuses messages whose blocks hold more than about 13,000 characters. */
const WRITTEN_MAX = 12_000;

/** As many blocks as Slack takes, the last ones left out first; what can be done about it is kept. */
export function bounded(blocks: readonly Block[]): readonly Block[] {
  let length = 0;
  let count = 0;
  return blocks.filter((block) => {
    const more = written(block);
    const kept =
      block.type === "actions" ? count < BLOCKS_MAX : count < BLOCKS_MAX && length + more <= WRITTEN_MAX;
    if (kept) {
      length += more;
      count += 1;
    }
    return kept;
  });
}
