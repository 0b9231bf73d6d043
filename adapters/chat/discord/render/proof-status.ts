import type { ProofReplyStatus, ProofUnanswered } from "../../../../src/core/proof-status.ts";
import { line } from "../escape.ts";
import type { Presses } from "./buttons.ts";
import { type Part, part, text } from "./layout.ts";
import { COLOURS, place } from "./words.ts";

const LINKS_MAX = 12;

/** What became of the links in somebody's message. The words are the notice's own: they say what a verdict alone does not. */
export function proofReplyParts(data: ProofReplyStatus, words: readonly string[]): readonly Part[] {
  const links = data.proofs.slice(0, LINKS_MAX);
  return [
    ...words.slice(0, LINKS_MAX).map((each, index) => text(index, line(each, 400))),
    text(30, `-# ${line(data.task, 60)}${links.map(({ uri }) => ` · ${place(uri)}`).join("")}`),
  ];
}

export function replyColour({ reaction }: ProofReplyStatus): number {
  return reaction === "✅" ? COLOURS.green : reaction === "❌" ? COLOURS.red : COLOURS.amber;
}

/** A proof nobody has answered for so long that a person should look. */
export function unansweredParts(data: ProofUnanswered, presses: Presses): readonly Part[] {
  const { task, requirement, uri, reason, buttons } = data;
  return [
    text(0, `### ⏳ ${line(task, 60)}: no verdict on ${line(requirement, 80)}`, line(reason, 400)),
    text(1, `-# ${place(uri)}`),
    ...presses.rows(buttons, 1).map((row) => part(1, row)),
  ];
}
