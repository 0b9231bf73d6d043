import { actionsOf } from "../../core/notice-actions.ts";
import type { ChatDesk } from "../../ports/chat-receiver.ts";
import type { Nudge } from "../../ports/nudge.ts";
import { taskSoon } from "./below.ts";
import { catalogue } from "./catalogue.ts";
import type { Hearing } from "./hear.ts";
import { offersFor } from "./offers.ts";
import { overviews } from "./overview.ts";
import { parseLine } from "./parse.ts";
import { lineFault, roleRefusal, runLine } from "./run-line.ts";

/** What the receiver of one platform may ask of the house. `arrived` is rung for each arrival, `nudge` when anything was written. */
export function chatDesk({
  house,
  speakers,
  verbs,
  platform,
  arrived,
  nudge,
  broke,
}: Hearing & {
  readonly platform: string;
  readonly arrived: Nudge;
  readonly nudge: Nudge;
  readonly broke: ChatDesk["broke"];
}): ChatDesk {
  const overviewOf = overviews(house);
  return {
    catalogue: catalogue(verbs),
    async receive(arrival) {
      const fresh = await house.inbox.receive(arrival);
      if (fresh) arrived.ring();
      return fresh;
    },
    roleOf: async (person) => (await speakers.of(person)).role,
    offers: async (person, argument) =>
      offersFor({ house, speaker: await speakers.of(person), verbs }, argument),
    faultOf: async (person, line) => lineFault({ speaker: await speakers.of(person), verbs }, line),
    refusalOf: async (person, line) => roleRefusal({ speaker: await speakers.of(person), verbs }, line),
    async actionLine(notice, index) {
      const data = await house.outbox.dataOf(notice);
      return data === null ? null : (actionsOf(data)[index]?.line ?? null);
    },
    async task(key) {
      const facts = await house.queue.task(key);
      if (facts === null) return null;
      const { title, status, version, requirements, block } = facts.task;
      return { key, title, status, version, requirements, block };
    },
    taskAt: (message) => taskSoon(house, message),
    async look(person, channel, line) {
      const parsed = parseLine(verbs, line);
      if (!("fault" in parsed) && parsed.verb.changes) throw new Error(`${line} does not only look`);
      const context = {
        house,
        speaker: await speakers.of(person),
        place: { platform, name: channel },
        verbs,
      };
      return (await runLine(context, line)).answer;
    },
    overview: async (person) => overviewOf(await speakers.of(person)),
    lastReceived: () => house.inbox.lastReceived(platform),
    threads: (limit) => house.outbox.cards(platform, limit),
    onChange: (listener) => nudge.listen(listener),
    broke,
  };
}
