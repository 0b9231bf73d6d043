import type { Carried } from "../receive/lines.ts";
import { modal, plainLine, type View } from "./view.ts";

export const WORDS_BLOCK = "words";
export const WORDS = "words";

/** Asks for the words a button's line lacks. The line travels with the view. */
export function wordsForm(line: string, question: string, carried: Carried): View {
  const title = /^\/gate\s+(\S+)\s+(\S+)/u.exec(line);
  const look = {
    callback: "gate:words",
    title: title === null ? "Gatehouse" : `${title[1]} ${title[2]}`,
    submit: "Send",
    carried: { ...carried, line },
  } as const;
  return modal(look, [
    {
      type: "input",
      block_id: WORDS_BLOCK,
      label: plainLine(question, 2000),
      element: { type: "plain_text_input", action_id: WORDS, multiline: true, max_length: 2000 },
    },
  ]);
}
