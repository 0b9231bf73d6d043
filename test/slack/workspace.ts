// A workspace as Slack keeps it: people, groups, channels, messages and their threads, views. It knows no clock: who asks
// tells the time.

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly real_name?: string;
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
  readonly tz?: string;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly is_private: boolean;
  is_archived: boolean;
  /** Whether the bot has been invited. */
  is_member: boolean;
}

export interface SlackGroup {
  readonly id: string;
  readonly handle: string;
  users: readonly string[];
}

export interface SlackMessage {
  readonly ts: string;
  readonly user: string;
  readonly bot_id?: string;
  text: string;
  blocks: readonly { readonly [field: string]: any }[];
  metadata: { readonly event_type: string; readonly event_payload: { readonly [field: string]: any } } | null;
  readonly thread_ts: string | null;
  edited: { readonly user: string; readonly ts: string } | null;
  /** By name, who put it there. */
  readonly reactions: Map<string, Set<string>>;
  /** The flags it was posted with. */
  readonly unfurl: { readonly links: boolean; readonly media: boolean };
}

export interface Seed {
  readonly channels?: readonly (Partial<SlackChannel> & { readonly id: string })[];
  readonly users?: readonly SlackUser[];
  readonly groups?: readonly SlackGroup[];
}

export const TEAM = { id: "T0GATE", domain: "acme", url: "https://acme.slack.com/", name: "Acme" } as const;
export const BOT = { user: "U0BOT", id: "B0BOT", app: "A0GATE", name: "gatehouse" } as const;

/** What Slack would hold for an installed app and two people. */
const USUAL: Required<Seed> = {
  channels: [{ id: "C0GENERAL", name: "general" }],
  users: [
    { id: "U0ADA", name: "ada", real_name: "Ada", tz: "Europe/London" },
    { id: "U0BEN", name: "ben", real_name: "Ben", tz: "Europe/Berlin" },
    { id: BOT.user, name: BOT.name, is_bot: true },
  ],
  groups: [],
};

export class Workspace {
  readonly channels = new Map<string, SlackChannel>();
  readonly users = new Map<string, SlackUser>();
  readonly groups = new Map<string, SlackGroup>();
  readonly #messages = new Map<string, Map<string, SlackMessage>>();
  #lastMicros = 0;

  constructor(seed: Seed = {}) {
    for (const channel of seed.channels ?? USUAL.channels) this.addChannel(channel);
    for (const user of [...USUAL.users, ...(seed.users ?? [])]) this.users.set(user.id, user);
    for (const group of seed.groups ?? USUAL.groups) this.groups.set(group.id, group);
  }

  addChannel(channel: Partial<SlackChannel> & { readonly id: string }): SlackChannel {
    const whole = {
      name: channel.id.toLowerCase(),
      is_private: false,
      is_archived: false,
      is_member: true,
      ...channel,
    };
    this.channels.set(channel.id, whole);
    return whole;
  }

  /** The next time stamp: never twice, never before an earlier one. */
  stamp(now: number): string {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Math.floor(now) * 1000);
    const micros = String(this.#lastMicros);
    return `${micros.slice(0, -6)}.${micros.slice(-6)}`;
  }

  write(
    channel: string,
    message: Partial<SlackMessage> & { readonly user: string; readonly text: string },
    now: number,
  ): SlackMessage {
    const ts = this.stamp(now);
    const whole: SlackMessage = {
      blocks: [],
      metadata: null,
      thread_ts: null,
      edited: null,
      reactions: new Map(),
      unfurl: { links: true, media: true },
      ...message,
      ts,
    };
    this.#of(channel).set(ts, whole);
    return whole;
  }

  message(channel: string, ts: string): SlackMessage | null {
    return this.#of(channel).get(ts) ?? null;
  }

  remove(channel: string, ts: string): boolean {
    return this.#of(channel).delete(ts);
  }

  /** Every message of a channel and its threads, oldest first. */
  messages(channel: string): readonly SlackMessage[] {
    return [...this.#of(channel).values()];
  }

  /** What stands in the channel itself. */
  heads(channel: string): readonly SlackMessage[] {
    return this.messages(channel).filter(({ thread_ts, ts }) => thread_ts === null || thread_ts === ts);
  }

  /** A head and what stands below it; the message alone where it is a reply. */
  thread(channel: string, ts: string): readonly SlackMessage[] {
    const at = this.message(channel, ts);
    if (at === null) return [];
    if (at.thread_ts !== null && at.thread_ts !== ts) return [at];
    return this.messages(channel).filter((one) => one.ts === ts || one.thread_ts === ts);
  }

  #of(channel: string): Map<string, SlackMessage> {
    const all = this.#messages.get(channel) ?? new Map<string, SlackMessage>();
    this.#messages.set(channel, all);
    return all;
  }
}
