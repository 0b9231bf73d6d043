import type { Answer } from "../../ports/chat-answer.ts";
import type { EventRecord } from "../../ports/log.ts";
import type { Context, Verb } from "./verb.ts";

/**
 * Runs a verb once a request. Its id stands on the event of the change it makes, and the log takes an id only once: where
 * the event stands, what is asked again was done, whether the one who did it lived to answer or not. `first` may answer
 * instead, and nothing is done.
 */
export async function runOnce(
  context: Context,
  verb: Verb,
  input: object,
  first: (context: Context) => Promise<Answer | null>,
): Promise<Answer> {
  const before = async (): Promise<Answer | null> => {
    if (!verb.changes || context.requestId === undefined) return null;
    const made = await context.house.log.byRequest(context.requestId);
    if (made === null) return null;
    await verb.finish(context, input);
    return doneBefore(made);
  };
  const earlier = (await before()) ?? (await first(context));
  if (earlier !== null) return earlier;
  try {
    const answer = await verb.run(context, input);
    // The same request may have run elsewhere since it was looked for: then its own change is what stands in the way.
    return answer.kind === "refused" ? ((await before()) ?? answer) : answer;
  } catch (error) {
    const made = await before().catch(() => null);
    if (made === null) throw error;
    return made;
  }
}

function doneBefore({ id, task, kind, at }: EventRecord): Answer {
  const about = task === null ? "" : ` of ${task}`;
  const text = `Done before: this request made ${kind}${about}, event #${id}, at ${new Date(at).toISOString()}.`;
  return { kind: "done", task, text };
}
