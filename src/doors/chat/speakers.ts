import type { House } from "../../commands/house.ts";
import { roleFor } from "../../core/grant.ts";
import type { ChatReceiver, Person } from "../../ports/chat-receiver.ts";
import type { Speaker } from "./role.ts";

/**
 * So long a person's groups are taken for what they were, in milliseconds. A platform that asks for all groups at once
 * may keep them for the rest of a minute.
 */
const KEPT_MS = 40_000;

/** Tells who somebody is here, and what they may do. */
export interface Speakers {
  of(person: Person): Promise<Speaker>;
}

/**
 * Roles by the platform's ids. Groups are asked for only where a group was given a role, and kept for less than a minute; where
 * they cannot be told, what they would give is denied.
 */
export function speakers(
  house: Pick<House, "roles" | "clock">,
  receivers: readonly Pick<ChatReceiver, "name" | "groups" | "owner">[],
): Speakers {
  const kept = new Map<string, { readonly until: number; readonly groups: Promise<readonly string[]> }>();
  const groupsOf = ({ platform, id, groups }: Person): Promise<readonly string[]> => {
    if (groups !== null) return Promise.resolve(groups);
    const receiver = receivers.find(({ name }) => name === platform);
    if (receiver === undefined) return Promise.resolve([]);
    const name = `${platform}:${id}`;
    const now = house.clock.now();
    const known = kept.get(name);
    if (known !== undefined && known.until > now) return known.groups;
    for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
    const asked = receiver.groups(id).catch(() => {
      kept.delete(name);
      return [];
    });
    kept.set(name, { until: now + KEPT_MS, groups: asked });
    return asked;
  };
  return {
    async of(person) {
      const actor = `person:${person.platform}:${person.id}`;
      const own = receivers.find(({ name }) => name === person.platform)?.owner;
      if (own !== undefined && own === person.id) return { actor, role: "admin" };
      const grants = (await house.roles.grants()).filter(({ platform }) => platform === person.platform);
      const groups = grants.some(({ sort }) => sort === "group") ? await groupsOf(person) : [];
      const role = roleFor(grants, { platform: person.platform, person: person.id, groups });
      return { actor, role };
    },
  };
}
