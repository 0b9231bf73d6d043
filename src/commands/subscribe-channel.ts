import { groupShape, readGroup } from "../core/group.ts";
import { quietSpell, readQuietHours } from "../core/local-time.ts";
import { NOTICE_KINDS, type NoticeKind } from "../core/notice.ts";
import { done, invalid, missing, type Outcome, type Refusal, refused } from "../core/refusal.ts";
import type { Channel, ChannelSettings } from "../ports/channels.ts";
import { zoneOf } from "./channel-time.ts";
import type { Caller, House } from "./house.ts";

/** A mute always ends, within a week. */
const MUTE_MAX_MS = 7 * 86_400_000;

export interface Subscription {
  readonly channel: { readonly platform: string; readonly name: string };
  /** What is not said stays. `all`: every kind, every lane; `off`: no quiet hours. */
  readonly kinds?: readonly string[] | "all" | undefined;
  readonly lanes?: readonly string[] | "all" | undefined;
  readonly quietHours?: string | undefined;
  readonly timezone?: string | undefined;
  /** A group by the platform's id, as itself or mentioned; `off`: nobody. */
  readonly ping?: string | undefined;
}

/** Says what a channel is told, and when not. A channel that is new gets what was said, and all of the rest. */
export async function subscribeChannel(
  house: House,
  input: Subscription,
  caller: Caller,
): Promise<Outcome<Channel>> {
  const { channel: place, kinds, lanes, quietHours, timezone, ping } = input;
  const fault =
    kindsFault(kinds) ??
    (await lanesFault(house, lanes)) ??
    zoneFault(timezone) ??
    pingFault(place.platform, ping);
  if (fault !== null) return refused(fault);
  const before = await house.channels.channel(place.platform, place.name);
  const hours =
    quietHours === undefined ? before?.quietHours : quietHours === "off" ? null : readQuietHours(quietHours);
  if (hours === null && quietHours !== undefined && quietHours !== "off") {
    const hint = "Say from when to when it is quiet, or off.";
    return refused(invalid("quiet", { expected: "22:00-07:00, or off", got: quietHours, hint }));
  }
  const zone = timezone ?? zoneOf(house, before ?? { timezone: null });
  const settings: ChannelSettings = {
    ...(kinds === undefined ? {} : { kinds: kinds === "all" ? null : (kinds as readonly NoticeKind[]) }),
    ...(lanes === undefined ? {} : { lanes: lanes === "all" ? null : lanes }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(ping === undefined ? {} : { ping: ping === "off" ? null : readGroup(place.platform, ping) }),
    quietHours: hours ?? null,
    quiet: hours == null ? null : quietSpell(hours, await house.queue.now(), zone),
    mutedUntil: null,
  };
  return done(await house.channels.setChannel(place, settings, caller));
}

/** Ends some kinds, or all of them; with `forMs` for so long only, and then everything goes on as it was. */
export async function unsubscribeChannel(
  house: House,
  {
    channel: place,
    kinds,
    forMs,
  }: Pick<Subscription, "channel"> & {
    readonly kinds?: readonly string[] | undefined;
    readonly forMs?: number | undefined;
  },
  caller: Caller,
): Promise<Outcome<Channel>> {
  const fault = kindsFault(kinds);
  if (fault !== null) return refused(fault);
  const before = await house.channels.channel(place.platform, place.name);
  if (before === null) {
    const hint = "Nothing is sent there: /gate subscribe adds it.";
    return refused(missing("channel", `${place.platform}:${place.name}`, hint));
  }
  if (forMs === undefined) {
    const left =
      kinds === undefined ? [] : (before.kinds ?? NOTICE_KINDS).filter((kind) => !kinds.includes(kind));
    return done(await house.channels.setChannel(place, { kinds: left }, caller));
  }
  if (kinds !== undefined || forMs <= 0 || forMs > MUTE_MAX_MS) {
    const hint = "Mute the whole channel for a while, or end some kinds for good.";
    return refused(invalid("for", { expected: "at most 7d, and no kinds", got: forMs, hint }));
  }
  const mutedUntil = (await house.queue.now()) + forMs;
  return done(await house.channels.setChannel(place, { mutedUntil }, caller));
}

function kindsFault(kinds: Subscription["kinds"]): Refusal | null {
  const wrong =
    kinds === "all" ? undefined : kinds?.find((kind) => !NOTICE_KINDS.some((one) => one === kind));
  if (wrong === undefined) return null;
  return invalid("kinds", {
    expected: [...NOTICE_KINDS],
    got: wrong,
    hint: "Name kinds of notices, between commas.",
  });
}

async function lanesFault(house: House, lanes: Subscription["lanes"]): Promise<Refusal | null> {
  if (lanes === undefined || lanes === "all") return null;
  const known = (await house.roster.lanes()).map(({ name }) => name);
  const wrong = lanes.find((lane) => !known.includes(lane));
  return wrong === undefined ? null : missing("lane", wrong, "`gatehouse lane list` shows the lanes.");
}

function zoneFault(timezone: string | undefined): Refusal | null {
  if (timezone === undefined) return null;
  try {
    return Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions() && null;
  } catch {
    const hint = "Name a zone of the IANA list.";
    return invalid("timezone", { expected: "a time zone such as Europe/Berlin", got: timezone, hint });
  }
}

function pingFault(platform: string, ping: string | undefined): Refusal | null {
  if (ping === undefined || ping === "off" || readGroup(platform, ping) !== null) return null;
  const expected = groupShape(platform);
  if (expected === null) {
    const hint = "Only Discord's roles and Slack's user groups can be pinged.";
    return invalid("ping", { expected: "off", got: ping, hint });
  }
  return invalid("ping", { expected, got: ping, hint: "Mention it, or give its id; off pings nobody." });
}
