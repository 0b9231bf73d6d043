import type { Json } from "./json.ts";

/** Something a person may do about what a notice says: what the button says, and the whole `/gate` line it stands for. */
export interface NoticeAction {
  readonly label: string;
  readonly line: string;
}

/**
 * Every action in a notice's data, in the order it is written there. A platform whose buttons are too short for a line
 * lets them name the notice and the action's place in this list.
 */
export function actionsOf(data: Json): readonly NoticeAction[] {
  if (data === null || typeof data !== "object") return [];
  if (Array.isArray(data)) return data.flatMap(actionsOf);
  const { label, line } = data as { readonly [field: string]: Json };
  if (typeof label === "string" && typeof line === "string") return [{ label, line }];
  return Object.values(data).flatMap(actionsOf);
}
