import type { House } from "../commands/house.ts";
import type { Nudge } from "../ports/nudge.ts";

/** The same house, ringing where something was written that a job or a live page waits for. */
export function ringOnWrite(house: House, nudge: Nudge): House {
  const { queue, roster, outbox, localChat } = house;
  const rung = async <T>(writing: Promise<T>, wrote: (answer: T) => boolean = () => true): Promise<T> => {
    const answer = await writing;
    if (wrote(answer)) nudge.ring();
    return answer;
  };
  return {
    ...house,
    queue: {
      ...queue,
      commit: (change, before) => rung(queue.commit(change, before), (committed) => committed !== null),
      add: (task) => rung(queue.add(task)),
      claim: (request) => rung(queue.claim(request), (claimed) => claimed !== null),
    },
    roster: {
      ...roster,
      setLane: (lane, actor) => rung(roster.setLane(lane, actor)),
      pauseLane: (name, reason, actor, change) => rung(roster.pauseLane(name, reason, actor, change)),
      addEpic: (epic, actor) => rung(roster.addEpic(epic, actor)),
      setAgent: (name, change, actor, why) => rung(roster.setAgent(name, change, actor, why)),
    },
    outbox: {
      ...outbox,
      post: (notice, task, only) => rung(outbox.post(notice, task, only)),
      // A view that only looked again has nothing to tell, and would wake itself without end.
      derive: (view, from, to, postings) =>
        rung(outbox.derive(view, from, to, postings), (moved) => moved && to > from),
    },
    localChat: {
      ...localChat,
      post: (message) => rung(localChat.post(message)),
      revise: (channel, id, author, text) => rung(localChat.revise(channel, id, author, text)),
      react: (channel, id, reaction) => rung(localChat.react(channel, id, reaction)),
    },
  };
}
