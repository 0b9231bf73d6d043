import { done, type Outcome, refused } from "../core/refusal.ts";
import { epicFault } from "../core/roster.ts";
import type { Epic } from "../core/task.ts";
import type { Caller, House } from "./house.ts";

export interface AddEpic {
  readonly key: string;
  readonly title: string;
  readonly goal?: string | undefined;
}

/** Adds an epic; its tasks will be KEY-1, KEY-2 and so on. */
export async function addEpic(house: House, input: AddEpic, caller: Caller): Promise<Outcome<Epic>> {
  const epic = { key: input.key, title: input.title, goal: input.goal ?? "" };
  const fault = epicFault(epic);
  if (fault) return refused(fault);
  const added = await house.roster.addEpic(epic, caller.actor);
  return "gate" in added ? refused(added) : done(added);
}
