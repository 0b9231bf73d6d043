import { fillTemplate } from "../core/policy-templates.ts";
import { done, invalid, missing, type Outcome, refused } from "../core/refusal.ts";
import type { DefaultPolicy, PolicyPlace } from "../ports/policies.ts";
import { requirementFault } from "./add-task.ts";
import type { Caller, House } from "./house.ts";

export interface SetPolicy {
  /** A lane's name or an epic's key; `lane:NAME` or `epic:KEY` where both have the name. */
  readonly on: string;
  /** The template; null takes the default away. */
  readonly from: string | null;
  readonly given: { readonly [placeholder: string]: string };
}

/** Says what tasks of a lane or an epic must show where nobody says it for the task. Tasks that are here keep theirs. */
export async function setPolicy(
  house: House,
  { on: name, from, given }: SetPolicy,
  caller: Caller,
): Promise<Outcome<DefaultPolicy | null>> {
  const place = await placeOf(house, name);
  if (!place.ok) return place;
  const on = place.value;
  if (from === null) {
    const cleared = await house.policies.clearPolicy(on, caller.actor);
    return cleared
      ? done(null)
      : refused(missing("policy", name, `The ${on.kind} ${on.name} has no default.`));
  }
  const filled = fillTemplate(from, given);
  if (!filled.ok) return filled;
  const fault = requirementFault(house, filled.value.requirements);
  if (fault !== null) return refused(fault);
  const set = await house.policies.setPolicy({ on, ...filled.value }, caller.actor);
  const now = set ? await house.policies.policy(on) : null;
  return now === null ? refused(noPlace(name)) : done(now);
}

/** What is meant by a name: a lane, or an epic. */
export async function placeOf(house: Pick<House, "roster">, text: string): Promise<Outcome<PolicyPlace>> {
  const [, said, name = text] = /^(?:(lane|epic):)?(.*)$/s.exec(text) ?? [];
  const [lane, epic] = await Promise.all([
    said === "epic" ? null : house.roster.lane(name),
    said === "lane" ? null : house.roster.epic(name),
  ]);
  if (lane !== null && epic !== null) {
    return refused(
      invalid("on", {
        expected: [`lane:${name}`, `epic:${name}`],
        got: text,
        hint: "There is a lane and an epic of that name: say which.",
      }),
    );
  }
  if (lane !== null) return done({ kind: "lane", name: lane.name });
  return epic === null ? refused(noPlace(text)) : done({ kind: "epic", name: epic.key });
}

function noPlace(name: string) {
  const hint = "`gatehouse lane list` and `gatehouse epic list` show what there is.";
  return missing("lane or epic", name, hint);
}
