import { floorReport, floorStanding, heartbeatNotice, heartbeatSubjects } from "../core/floor.ts";
import { canonicalJson } from "../core/json.ts";
import { hourStart } from "../core/local-time.ts";
import { needsTotal } from "../core/need.ts";
import type { Channel } from "../ports/channels.ts";
import { channelName, openChannels, zoneOf } from "./channel-time.ts";
import type { House } from "./house.ts";
import type { JobAnswer } from "./run-job.ts";

/** How much of each list a message shows: it is read on a phone. */
const SHOWN = 5;

/** What one channel was told: a new message, the one of this hour brought up to date, or nothing. */
export interface Told {
  readonly channel: string;
  readonly said: "posted" | "edited" | "nothing";
}

/**
 * One live message a channel and hour, edited in place. Code decides silence: nothing is said where nothing goes on and
 * nobody is needed, nor where nobody is at work and the last message tells of the same.
 */
export async function postHeartbeats(house: House): Promise<JobAnswer<readonly Told[]>> {
  const channels = await openChannels(house, "heartbeat", await house.queue.now());
  const told: Told[] = [];
  let waiting = 0;
  for (const channel of channels) {
    const { said, needs } = await postHeartbeat(house, channel);
    told.push({ channel: channelName(channel), said });
    waiting = Math.max(waiting, needs);
  }
  const count = (said: Told["said"]): number => told.filter((each) => each.said === said).length;
  const detail = `${count("posted")} posted, ${count("edited")} edited, ${count("nothing")} had nothing to say`;
  return { value: told, report: { outcome: "well", findings: waiting, detail } };
}

async function postHeartbeat(
  house: House,
  channel: Channel,
): Promise<{ readonly said: Told["said"]; readonly needs: number }> {
  const { platform, name, lanes } = channel;
  const zone = zoneOf(house, channel);
  const facts = await house.floor.floor({ lanes, limit: SHOWN });
  const needs = needsTotal(facts.needs);
  const report = floorReport(facts, zone);
  if (report === null) return { said: "nothing", needs };
  const where = { channel: channelName(channel), hour: hourStart(facts.now, zone), zone };
  const last = await house.outbox.newest(heartbeatSubjects(where.channel));
  const same =
    last !== null && canonicalJson(last.data["standing"] ?? null) === canonicalJson(floorStanding(facts));
  if (same && facts.attemptsTotal === 0) return { said: "nothing", needs };
  const notice = heartbeatNotice(facts, report, where);
  await house.outbox.post(notice, null, { platform, channel: name });
  return { said: last?.subject === notice.subject ? "edited" : "posted", needs };
}
