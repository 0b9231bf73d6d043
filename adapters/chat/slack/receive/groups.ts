import type { WebClient } from "@slack/web-api";
import { slackTrouble } from "./web.ts";

/** With the house's own forty seconds a group is never taken for what it was more than a minute ago. */
const KEPT_MS = 20_000;

/**
 * Who is in which user group, asked for all of them at once: one look for everybody who does something meanwhile. Where
 * Slack does not tell, it rejects, and what the group would give is denied.
 */
export function userGroups(client: () => Promise<WebClient>, now: () => number = Date.now) {
  let kept: {
    readonly until: number;
    readonly members: Promise<ReadonlyMap<string, readonly string[]>>;
  } | null = null;
  return async (user: string): Promise<readonly string[]> => {
    if (kept === null || kept.until <= now()) {
      const members = client().then(membersOfAll);
      kept = { until: now() + KEPT_MS, members };
      members.catch(() => {
        kept = null;
      });
    }
    const members = await kept.members;
    return [...members].filter(([, users]) => users.includes(user)).map(([group]) => group);
  };
}

async function membersOfAll(client: WebClient): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const { usergroups = [] } = await client.usergroups.list({ include_users: true });
    const members = new Map<string, readonly string[]>();
    for (const { id, users } of usergroups) {
      if (id === undefined) continue;
      // Large groups come without their members.
      members.set(id, users ?? (await client.usergroups.users.list({ usergroup: id })).users ?? []);
    }
    return members;
  } catch (error) {
    throw slackTrouble(error, "The user groups cannot be told");
  }
}
