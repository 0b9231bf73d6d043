import type { Answer } from "../../ports/chat-answer.ts";
import type { LineFault } from "../../ports/chat-receiver.ts";
import { runOnce } from "./once.ts";
import { parseLine } from "./parse.ts";
import { hasRole, type Speaker } from "./role.ts";
import type { Context, Question, Verb } from "./verb.ts";
import { splitWords } from "./words.ts";

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
  const { speaker } = context;
  const verbs = context.verbs.filter((verb) => hasRole(speaker, verb.role));
  const parsed = parseLine(context.verbs, line);
  if ("fault" in parsed) {
    const { fault, suggestions, usage } = parsed;
    return toCaller({ kind: "misunderstood", text: fault, suggestions, usage });
  }
  const { verb, input } = parsed;
  if (!hasRole(speaker, verb.role)) return toCaller(notAllowed(verb, speaker));
  const answer = await runOnce({ ...context, verbs }, verb, input, async (allowed) => {
    const question = confirmed ? null : await verb.confirm(allowed, input);
    return question === null
      ? null
      : { kind: "confirm", question: question.text, line: pinned(line, question) };
  });
  const shared = "share" in input && input.share === true;
  return { answer, visibility: visibilityOf(answer, verb, shared) };
}

/** What was not done, or not yet, is nobody else's business. */
function visibilityOf({ kind }: Answer, { visibility }: Verb, shared: boolean): LineAnswer["visibility"] {
  if (["refused", "misunderstood", "confirm"].includes(kind)) return "caller";
  return shared ? "channel" : visibility;
}

/** The line as it is done once confirmed. Flags right after the verb are flags, whatever follows. */
function pinned(line: string, { pins = {} }: Question): string {
  const at = splitWords(line)[1]?.end ?? line.length;
  const flags = Object.entries(pins).map(([name, value]) => ` --${name} ${value}`);
  return `${line.slice(0, at)}${flags.join("")}${line.slice(at)}`;
}

/** What a line would be answered that cannot be run as it is, or not by this speaker; null where it may be tried. */
export function lineFault(
  { speaker, verbs }: Pick<Context, "speaker" | "verbs">,
  line: string,
): LineFault | null {
  const parsed = parseLine(verbs, line);
  if ("fault" in parsed) {
    const { fault, suggestions, usage, argument = null } = parsed;
    return { answer: { kind: "misunderstood", text: fault, suggestions, usage }, argument };
  }
  if (hasRole(speaker, parsed.verb.role)) return null;
  return { answer: notAllowed(parsed.verb, speaker), argument: null };
}

/** What is answered to this speaker who begins a line that is for others, whatever it still lacks; null where it is for them. */
export function roleRefusal(
  { speaker, verbs }: Pick<Context, "speaker" | "verbs">,
  line: string,
): Answer | null {
  const path = /^\/gate\s+(\S+)/iu.exec(line)?.[1]?.toLowerCase();
  const verb = verbs.find((one) => one.path === path);
  return verb === undefined || hasRole(speaker, verb.role) ? null : notAllowed(verb, speaker);
}

function notAllowed({ path, role }: Verb, speaker: Speaker): Answer {
  return {
    kind: "refused",
    refusal: {
      sort: "forbidden",
      gate: "queue-truth",
      code: "role",
      field: "role",
      expected: role,
      got: speaker.role,
      hint: `\`/gate ${path}\` is for an ${role}: ask one, or ask for the role.`,
    },
  };
}

function toCaller(answer: Answer): LineAnswer {
  return { answer, visibility: "caller" };
}
