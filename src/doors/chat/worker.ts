import type { House } from "../../commands/house.ts";
import { done, invalid, missing, type Outcome, refused } from "../../core/refusal.ts";

export interface Worker {
  readonly kind: "lane" | "agent";
  readonly name: string;
}

/** What is meant by a name: a lane or an agent; where there are both, `lane:NAME` or `agent:NAME` says which. */
export async function workerMeant(house: House, text: string): Promise<Outcome<Worker>> {
  const [, said, name = text] = /^(?:(lane|agent):)?(.*)$/su.exec(text) ?? [];
  const [lane, agents] = await Promise.all([
    said === "agent" ? null : house.roster.lane(name),
    said === "lane" ? [] : house.roster.agents(),
  ]);
  const agent = agents.find((one) => one.name === name);
  if (lane !== null && agent !== undefined) {
    const expected = [`lane:${name}`, `agent:${name}`];
    const hint = "There is a lane and an agent of that name: say which.";
    return refused(invalid("name", { expected, got: text, hint }));
  }
  if (lane !== null) return done({ kind: "lane", name });
  if (agent !== undefined) return done({ kind: "agent", name });
  return refused(missing("lane or agent", text, "`/gate status` shows the lanes."));
}
