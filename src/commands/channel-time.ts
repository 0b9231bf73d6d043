import { quietSpell } from "../core/local-time.ts";
import type { NoticeKind } from "../core/notice.ts";
import type { Channel } from "../ports/channels.ts";
import type { House } from "./house.ts";

/** The zone whose clock a channel's people read. */
export function zoneOf(house: Pick<House, "timezone">, channel: Pick<Channel, "timezone">): string {
  return channel.timezone ?? house.timezone;
}

export function channelName({ platform, name }: Pick<Channel, "platform" | "name">): string {
  return `${platform}:${name}`;
}

/** Nothing but escalations is sent to it now: what is written for it waits. */
function isHeld({ quiet, mutedUntil }: Channel, now: number): boolean {
  return (
    (mutedUntil !== null && now < mutedUntil) || (quiet !== null && now >= quiet.from && now < quiet.until)
  );
}

/** The channels that take this kind and are not quiet now. Each quiet spell that is over is followed by the next one. */
export async function openChannels(house: House, kind: NoticeKind, now: number): Promise<readonly Channel[]> {
  const channels = await house.channels.channels();
  const current = await Promise.all(channels.map((channel) => followQuiet(house, channel, now)));
  const taking = current.filter(({ kinds }) => kinds === null || kinds.includes(kind));
  return taking.filter((channel) => !isHeld(channel, now));
}

/** Keeps the spell in the row ahead of time, where the delivery compares it with its own clock. */
async function followQuiet(house: House, channel: Channel, now: number): Promise<Channel> {
  if (channel.quietHours === null || (channel.quiet !== null && now < channel.quiet.until)) return channel;
  return house.channels.setChannel(channel, {
    quiet: quietSpell(channel.quietHours, now, zoneOf(house, channel)),
  });
}
