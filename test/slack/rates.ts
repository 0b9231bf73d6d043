// How much Slack takes: a number of calls a minute by the tier of the method, and for posting one message a second in
// each channel, with a small burst.

/** Calls a minute; `channel`: one a second in each channel. */
type Tier = 1 | 20 | 50 | 100 | 300 | "channel";

const TIERS: Readonly<Record<string, Tier>> = {
  "apps.connections.open": 1,
  "auth.test": 300,
  "bots.info": 50,
  "chat.delete": 50,
  "chat.getPermalink": 300,
  "chat.postEphemeral": 100,
  "chat.postMessage": "channel",
  "chat.update": 50,
  "conversations.history": 50,
  "conversations.info": 50,
  "conversations.list": 20,
  "conversations.open": 50,
  "conversations.replies": 50,
  "reactions.add": 50,
  "reactions.remove": 20,
  "usergroups.list": 20,
  "usergroups.users.list": 20,
  "users.info": 100,
  "users.list": 20,
  "views.open": 100,
  "views.publish": 100,
  "views.push": 100,
  "views.update": 100,
};

/** How many messages a channel takes at once before the second each is counted. */
const CHANNEL_BURST = 4;
/** Slack lets an app open a handful of sockets in a row. */
const LEAST_BURST = 10;

export class Rates {
  readonly #tokens = new Map<string, { left: number; at: number }>();

  /** Null where the call may pass, else after how many seconds it may be made again. */
  take(method: string, channel: string, now: number): number | null {
    const tier = TIERS[method] ?? 50;
    const aSecond = tier === "channel" ? 1 : tier / 60;
    const most = tier === "channel" ? CHANNEL_BURST : Math.max(tier, LEAST_BURST);
    const key = tier === "channel" ? `${method} ${channel}` : method;
    const last = this.#tokens.get(key) ?? { left: most, at: now };
    const left = Math.min(most, last.left + ((now - last.at) / 1000) * aSecond);
    if (left < 1) return Math.ceil((1 - left) / aSecond);
    this.#tokens.set(key, { left: left - 1, at: now });
    return null;
  }
}
