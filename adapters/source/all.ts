import type { Source } from "../../src/ports/source.ts";
import { beads } from "./beads.ts";
import { jsonl } from "./jsonl.ts";
import { markdown } from "./markdown.ts";

/** Everything tasks can be imported from. A new source is one file here and one line below. */
export const allSources: readonly Source[] = [beads, markdown, jsonl];
