import type { Answer } from "../../ports/chat-answer.ts";
import { parseLine } from "./parse.ts";
import { hasRole } from "./role.ts";
import type { Context } from "./verb.ts";

export interface LineAnswer {
  readonly answer: Answer;
  /** Who sees it. What was not done is nobody else's business. */
  readonly visibility: "caller" | "channel";
}

/**
 * One typed line, from any platform: parsed, allowed, confirmed where that is asked for, run. `confirmed` is what a
 * platform's button says after a `confirm` answer.
 */
export async function runLine(context: Context, line: string, confirmed = false): Promise<LineAnswer> {
  const { house, speaker, place } = context;
  const verbs = context.verbs.filter((verb) => hasRole(speaker, verb.role));
  const parsed = parseLine(context.verbs, line);
  if ("fault" in parsed) {
    const { fault, suggestions, usage } = parsed;
    return toCaller({ kind: "misunderstood", text: fault, suggestions, usage });
  }
  const { verb, input } = parsed;
  if (!hasRole(speaker, verb.role)) {
    return toCaller({
      kind: "refused",
      refusal: {
        sort: "forbidden",
        gate: "queue-truth",
        code: "role",
        field: "role",
        expected: verb.role,
        got: speaker.role,
        hint: `\`/gate ${verb.path}\` is for an ${verb.role}: ask one, or ask for the role.`,
      },
    });
  }
  const question = confirmed ? null : verb.confirm(input);
  if (question !== null) return toCaller({ kind: "confirm", question, line });
  const answer = await verb.run({ house, speaker, place, verbs }, input);
  const shared = "share" in input && input.share === true;
  return { answer, visibility: answer.kind === "refused" ? "caller" : shared ? "channel" : verb.visibility };
}

function toCaller(answer: Answer): LineAnswer {
  return { answer, visibility: "caller" };
}
