import type { House } from "../../commands/house.ts";
import { shownNeeds } from "../../core/need.ts";
import type { Overview } from "../../ports/chat-receiver.ts";
import type { Speaker } from "./role.ts";

/** Of each kind of need the oldest: more than a page shows, so that one's own are among them. */
const LOOKED_AT = 25;

/** What waits for people, this one first, and how the lanes stand. */
export async function overview(house: House, { actor, role }: Speaker): Promise<Overview> {
  const { now, needs, lanes } = await house.floor.floor({ lanes: null, limit: LOOKED_AT });
  const shown = shownNeeds(needs, now, house.timezone);
  return {
    actor,
    role,
    at: now,
    mine: shown.filter(({ owner }) => owner === actor),
    needs: shown.filter(({ owner }) => owner !== actor),
    counts: needs.counts,
    lanes,
  };
}
