// People who type `/gate` lines into a test's house, and what they look at afterwards.
import type { House } from "../../src/commands/house.ts";
import type { Role } from "../../src/core/role.ts";
import { type LineAnswer, runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { type Answer, answerText } from "../../src/ports/chat-answer.ts";

export interface Manner {
  readonly role?: Role;
  /** The person's id on the platform. */
  readonly who?: string;
  readonly confirmed?: boolean;
}

/** `house` is asked for at each line: most tests open a new one each time. */
export function gateLines(house: () => House) {
  const spoken = (line: string, manner: Manner = {}): Promise<LineAnswer> => {
    const { role = "operator", who = "someone", confirmed = false } = manner;
    const speaker = { actor: `person:slack:${who}`, role };
    const place = { platform: "slack", name: "C1" };
    return runLine({ house: house(), speaker, place, verbs: allVerbs }, line, confirmed);
  };
  const say = async (line: string, manner: Manner = {}): Promise<Answer> =>
    (await spoken(line, manner)).answer;
  return {
    spoken,
    /** What is answered to a line that is done without a question. */
    say,
    /** What is asked about a line, and then what is answered to it. */
    confirm: async (line: string, manner: Manner = {}) => {
      const asked = await say(line, manner);
      if (asked.kind !== "confirm") throw new Error(`it was not asked about: ${answerText(asked)}`);
      return { ...asked, answer: await say(asked.line, { ...manner, confirmed: true }) };
    },
    task: async (key: string) => (await house().queue.task(key))?.task,
    lane: async (name = "builder") => house().roster.lane(name),
    newest: async () => (await house().log.recent({ limit: 1 })).events[0],
  };
}
