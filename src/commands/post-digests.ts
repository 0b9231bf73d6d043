import {
  type DigestFacts,
  digestNotice,
  digestSubjects,
  isQuiet,
  quietDigest,
  type Window,
} from "../core/digest.ts";
import { hourStart } from "../core/local-time.ts";
import type { PlainNotice } from "../core/notice.ts";
import { shownNotice } from "../core/notice-data.ts";
import type { Channel } from "../ports/channels.ts";
import type { LastNotice } from "../ports/outbox.ts";
import { channelName, openChannels, zoneOf } from "./channel-time.ts";
import type { House } from "./house.ts";
import type { Told } from "./post-heartbeats.ts";
import type { JobAnswer } from "./run-job.ts";
import { digestOf } from "./show-digest.ts";

const HOUR_MS = 3_600_000;
/** After a longer silence the digest begins there: nobody reads a week on one card. */
const LONGEST_MS = 24 * HOUR_MS;

/**
 * The hourly digest of each channel, up to the last full hour there. An hour in which nothing changed edits the last
 * digest and posts nothing. Hours nobody was told about (a quiet night, a bot that was away) are told with the next.
 */
export async function postDigests(house: House): Promise<JobAnswer<readonly Told[]>> {
  const now = await house.queue.now();
  const channels = await openChannels(house, "digest", now);
  const told: Told[] = [];
  for (const channel of channels) {
    told.push({ channel: channelName(channel), said: await postDigest(house, channel, now) });
  }
  const count = (said: Told["said"]): number => told.filter((each) => each.said === said).length;
  const detail = `${count("posted")} posted, ${count("edited")} edited, ${count("nothing")} had nothing to say`;
  return { value: told, report: { outcome: "well", findings: 0, detail } };
}

async function postDigest(house: House, channel: Channel, now: number): Promise<Told["said"]> {
  const zone = zoneOf(house, channel);
  const name = channelName(channel);
  const last = await house.outbox.newest(digestSubjects(name));
  const toldUpTo = last === null ? null : Number(last.data["to"]);
  const facts = await untold(house, channel, hourStart(now, zone), toldUpTo);
  if (facts === null) return "nothing";
  const quiet = isQuiet(facts.counts);
  const notice = quiet ? stillQuiet(last, zone) : digestNotice(facts, { channel: name, zone });
  if (notice === null) return "nothing";
  await post(house, channel, notice);
  return quiet ? "edited" : "posted";
}

/** Null where there is none to hold still, or one of another version, which stays as it is. */
function stillQuiet(last: LastNotice | null, zone: string): PlainNotice | null {
  const shown = last && shownNotice({ kind: "digest", data: last.data });
  return last !== null && shown?.kind === "digest" ? quietDigest({ ...last, data: shown.data }, zone) : null;
}

function post(house: House, { platform, name }: Channel, notice: PlainNotice): Promise<void> {
  return house.outbox.post(notice, null, { platform, channel: name });
}

/** From where the last digest ended, or only the last hour where nothing happened before it. Null where all is told. */
async function untold(
  house: House,
  { lanes }: Channel,
  to: number,
  toldUpTo: number | null,
): Promise<DigestFacts | null> {
  if (toldUpTo !== null && toldUpTo >= to) return null;
  const hour: Window = { from: Math.max(to - HOUR_MS, toldUpTo ?? 0), to };
  const from = Math.max(toldUpTo ?? hour.from, to - LONGEST_MS);
  if (from >= hour.from) return digestOf(house, hour, lanes);
  const earlier = await house.digests.count({ from, to: hour.from }, lanes);
  return digestOf(house, isQuiet(earlier) ? hour : { from, to }, lanes);
}
