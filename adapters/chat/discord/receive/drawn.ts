import {
  type APIMessage,
  type APIMessageComponent,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
} from "discord-api-types/v10";
import type { Answer } from "../../../../src/ports/chat-answer.ts";
import { block } from "../escape.ts";
import { pressId } from "../press.ts";
import { answerBody } from "../render/answer.ts";

/** The button under a question whose line stands in the message itself, being too long for a button. */
export const CONFIRM_ID = "y1";
const FENCE = "```";
const QUESTION_MAX = 1500;
const LINE_MAX = 2000;

/** An answer as Discord shows it. */
export function drawn(answer: Answer): readonly APIMessageTopLevelComponent[] {
  if (answer.kind !== "confirm" || pressId({ wants: "yes", what: { line: answer.line } }) !== null)
    return answerBody(answer).components;
  const { question, line } = answer;
  if (line.includes(FENCE) || line.length > LINE_MAX) return answerBody(answer).components;
  const yes = { type: ComponentType.Button as const, style: ButtonStyle.Danger as const };
  return [
    { type: ComponentType.TextDisplay, content: block(question, QUESTION_MAX) },
    { type: ComponentType.TextDisplay, content: `${FENCE}\n${line}\n${FENCE}` },
    {
      type: ComponentType.ActionRow,
      components: [{ ...yes, label: "Yes, do it", custom_id: CONFIRM_ID }],
    },
  ];
}

/** The line a question of that kind asked about, as its message shows it; null where it shows none. */
export function askedLine({
  components = [],
  content,
}: Pick<APIMessage, "components" | "content">): string | null {
  const texts = components.map((each: APIMessageComponent) =>
    each.type === ComponentType.TextDisplay ? each.content : "",
  );
  return (
    [content, ...texts]
      .map((text) => /```\n([\s\S]*?)\n```/u.exec(text)?.[1] ?? null)
      .find((line) => line !== null) ?? null
  );
}
