import { tidyLine, tidyText } from "../../../../src/core/text.ts";
import { type Answer, answerText } from "../../../../src/ports/chat-answer.ts";
import { pressable, questionPresses } from "../press.ts";

type Block = { readonly type: string; readonly [field: string]: unknown };

/** A message as Slack takes it: blocks, and the same in words for notifications and screen readers. */
export interface AnswerMessage {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: Slack's own type of blocks is a union of what each client knows
  readonly blocks: any[];
}

const SECTION_MAX = 3000;
const SECTIONS_MAX = 10;
const BUTTON_TEXT_MAX = 75;
const SUGGESTIONS_MAX = 5;

/** An answer with what can be pressed below it. `below`: the message a question came from, to which its answer belongs. */
export function answerMessage(answer: Answer, below: string | null): AnswerMessage {
  const words = tidyText(answerText(answer));
  return {
    text: escapeText(cut(words, SECTION_MAX)),
    blocks: [...wordBlocks(words), ...buttonsOf(answer, below)],
  };
}

/** The three characters Slack reads marks from: escaped, nothing in a text mentions anybody or hides behind a label. */
function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Words in as many sections as they take. As plain text: nothing in them is a mark of Slack's. */
function wordBlocks(words: string): readonly Block[] {
  const sections: string[] = [];
  let section = "";
  for (const line of (words === "" ? "Done." : words).split("\n")) {
    const piece = cut(line, SECTION_MAX);
    if (section.length + piece.length + 1 > SECTION_MAX) {
      sections.push(section);
      section = piece;
    } else section = section === "" ? piece : `${section}\n${piece}`;
  }
  sections.push(section);
  return sections
    .filter((text) => text !== "")
    .slice(0, SECTIONS_MAX)
    .map((text) => ({ type: "section", text: { type: "plain_text", text, emoji: false } }));
}

function buttonsOf(answer: Answer, below: string | null): readonly Block[] {
  if (answer.kind === "confirm") {
    const presses = questionPresses(answer.line, below);
    if (presses === null) {
      const text = "The line is too long for a button: type it shorter.";
      return [{ type: "context", elements: [{ type: "plain_text", text, emoji: false }] }];
    }
    return [actions([{ ...button("Confirm", presses.yes), style: "danger" }, button("Cancel", presses.no)])];
  }
  if (answer.kind !== "misunderstood") return [];
  const buttons = answer.suggestions.slice(0, SUGGESTIONS_MAX).flatMap((line, number) => {
    const press = pressable({ label: line, line, asks: null }, number);
    return press === null ? [] : [button(line, press)];
  });
  return buttons.length === 0 ? [] : [actions(buttons)];
}

function actions(elements: readonly object[]): Block {
  return { type: "actions", elements };
}

function button(label: string, press: { readonly action_id: string; readonly value: string }) {
  const text = { type: "plain_text", text: cut(tidyLine(label), BUTTON_TEXT_MAX), emoji: false };
  return { type: "button", text, ...press };
}

/** Not longer than so many characters, with a mark where something was left out. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
