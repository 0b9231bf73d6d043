// What Discord holds: one guild with its channels, members, roles and messages, and the bot's applications in it.
import type {
  APIApplicationCommand,
  APIGuildMember,
  APIMessage,
  APIMessageComponent,
  APIRole,
  APIUser,
  GuildMemberFlags,
  RoleFlags,
} from "discord-api-types/v10";
import { ChannelType, PermissionFlagsBits } from "discord-api-types/v10";
import { snowflakes } from "./snowflake.ts";

export type Permission = keyof typeof PermissionFlagsBits;

export interface Overwrite {
  readonly id: string;
  /** 0 a role, 1 a member. */
  readonly type: 0 | 1;
  readonly allow: string;
  readonly deny: string;
}

export interface FakeChannel {
  readonly id: string;
  readonly type: number;
  name: string;
  readonly guild: string | null;
  readonly parent: string | null;
  owner: string | null;
  overwrites: Overwrite[];
  /** Only of threads. */
  archived: boolean;
  locked: boolean;
  readonly messages: Map<string, FakeMessage>;
}

export interface FakeMessage {
  readonly id: string;
  readonly channel: string;
  readonly author: APIUser;
  readonly at: number;
  content: string;
  components: APIMessageComponent[];
  flags: number;
  embeds: unknown[];
  editedAt: number | null;
  /** How often it was edited since it was older than an hour. */
  lateEdits: number;
  nonce: string | null;
  readonly repliesTo: string | null;
  /** Who it made a sound for: `everyone`, user ids, `&` and role ids. */
  pinged: readonly string[];
  /** By emoji: who put it there. */
  readonly reactions: Map<string, Set<string>>;
  thread: string | null;
}

export interface FakeMember {
  readonly user: APIUser;
  roles: string[];
}

/** The bot needs no more than these; a test takes some away. */
export const BOT_PERMISSIONS: readonly Permission[] = [
  "ViewChannel",
  "SendMessages",
  "SendMessagesInThreads",
  "CreatePublicThreads",
  "ReadMessageHistory",
  "AddReactions",
  "EmbedLinks",
  "UseApplicationCommands",
];

export function bits(...names: readonly Permission[]): bigint {
  return names.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n);
}

export class World {
  readonly now: () => number;
  readonly nextId: () => string;
  readonly bot: APIUser;
  readonly application: string;
  readonly guild: { readonly id: string; readonly name: string; readonly owner: string };
  readonly channels = new Map<string, FakeChannel>();
  readonly members = new Map<string, FakeMember>();
  readonly roles = new Map<string, APIRole>();
  readonly commands = new Map<string, APIApplicationCommand>();
  /** Whether the bot was given the privileged intent of reading what people write. */
  messageContent = false;
  /** How long a nonce is remembered. */
  nonceMs = 300_000;
  /** Created commands count against 200 a day. */
  commandsCreated = 0;

  constructor(now: () => number) {
    this.now = now;
    this.nextId = snowflakes(now);
    this.application = this.nextId();
    this.bot = user(this.application, "gatehouse", true);
    this.guild = { id: this.nextId(), name: "A crew", owner: this.nextId() };
    this.role("@everyone", ["ViewChannel", "SendMessages", "ReadMessageHistory"], this.guild.id);
    const own = this.role("gatehouse", BOT_PERMISSIONS);
    this.members.set(this.bot.id, { user: this.bot, roles: [own] });
    this.members.set(this.guild.owner, { user: user(this.guild.owner, "owner", false), roles: [] });
  }

  /** Answers with the role's id. */
  role(name: string, permissions: readonly Permission[], id = this.nextId(), mentionable = false): string {
    const role = { id, name, permissions: String(bits(...permissions)), position: this.roles.size };
    const plain = { color: 0, colors: { primary_color: 0, secondary_color: null, tertiary_color: null } };
    this.roles.set(id, {
      ...role,
      ...plain,
      hoist: false,
      managed: false,
      mentionable,
      flags: 0 as RoleFlags,
    });
    return id;
  }

  /** Answers with the user's id. */
  member(name: string, roles: readonly string[] = []): string {
    const id = this.nextId();
    this.members.set(id, { user: user(id, name, false), roles: [...roles] });
    return id;
  }

  channel(name: string, more: Partial<FakeChannel> = {}): FakeChannel {
    const id = more.id ?? this.nextId();
    const channel: FakeChannel = {
      type: ChannelType.GuildText,
      name,
      guild: this.guild.id,
      parent: null,
      owner: null,
      overwrites: [],
      archived: false,
      locked: false,
      messages: new Map(),
      ...more,
      id,
    };
    this.channels.set(id, channel);
    return channel;
  }

  /** What somebody may do in a channel, as Discord computes it: everyone, roles, then the channel's overwrites. */
  permissions(userId: string, channel: FakeChannel): bigint {
    const member = this.members.get(userId);
    if (member === undefined) return 0n;
    if (userId === this.guild.owner) return (1n << 53n) - 1n;
    const roles = [this.guild.id, ...member.roles];
    let sum = roles.reduce((all, id) => all | BigInt(this.roles.get(id)?.permissions ?? "0"), 0n);
    if ((sum & PermissionFlagsBits.Administrator) !== 0n) return (1n << 53n) - 1n;
    const overwrites = this.head(channel).overwrites;
    const apply = (those: readonly Overwrite[]): void => {
      for (const { deny } of those) sum &= ~BigInt(deny);
      for (const { allow } of those) sum |= BigInt(allow);
    };
    apply(overwrites.filter(({ id }) => id === this.guild.id));
    apply(overwrites.filter(({ id }) => id !== this.guild.id && member.roles.includes(id)));
    apply(overwrites.filter(({ id }) => id === userId));
    return sum;
  }

  /** Whom a message of somebody's makes a sound for: a role only where everybody may mention it, or they may mention all. */
  heardBy(author: string, channel: FakeChannel, pinged: readonly string[]): readonly string[] {
    return pinged.filter((who) => {
      if (!who.startsWith("&")) return true;
      const role = this.roles.get(who.slice(1));
      return role !== undefined && (role.mentionable || this.may(author, channel, "MentionEveryone"));
    });
  }

  may(userId: string, channel: FakeChannel, ...names: readonly Permission[]): boolean {
    if (channel.guild === null) return true;
    const wanted = bits(...names);
    return (this.permissions(userId, channel) & wanted) === wanted;
  }

  /** Takes permissions away from the bot in one channel; none gives all back. */
  deny(channelId: string, ...names: readonly Permission[]): void {
    const channel = this.channels.get(channelId);
    if (channel === undefined) throw new Error(`There is no channel ${channelId}.`);
    channel.overwrites = channel.overwrites.filter(({ id }) => id !== this.bot.id);
    channel.overwrites.push({ id: this.bot.id, type: 1, allow: "0", deny: String(bits(...names)) });
  }

  /** The channel itself, or the one a thread belongs to. */
  head(channel: FakeChannel): FakeChannel {
    return (isThread(channel) ? this.channels.get(channel.parent ?? "") : undefined) ?? channel;
  }

  memberJson({ user: who, roles }: FakeMember): APIGuildMember {
    const joined = new Date(1_700_000_000_000).toISOString();
    return { user: who, roles, joined_at: joined, deaf: false, mute: false, flags: 0 as GuildMemberFlags };
  }

  channelJson(channel: FakeChannel): Record<string, unknown> {
    const { id, type, name, guild, parent, owner, overwrites, archived, locked, messages } = channel;
    const plain = { id, type, name, guild_id: guild, parent_id: parent, position: 0 };
    if (guild === null) return { id, type, recipients: [], last_message_id: null };
    if (!isThread(channel)) return { ...plain, permission_overwrites: overwrites, nsfw: false, topic: null };
    const when = new Date(this.now()).toISOString();
    const state = { archived, locked, auto_archive_duration: 1440, archive_timestamp: when };
    const counts = { message_count: messages.size, member_count: 1 };
    return { ...plain, owner_id: owner, thread_metadata: state, ...counts };
  }

  /** As the bot may read it: what people write only with the privileged intent, or where it is named or spoken to alone. */
  readJson(message: FakeMessage): APIMessage {
    const json = this.messageJson(message);
    const open = this.messageContent || this.channels.get(message.channel)?.guild === null;
    if (open || message.author.id === this.bot.id || message.pinged.includes(this.bot.id)) return json;
    return { ...json, content: "", components: [], embeds: [], attachments: [] };
  }

  messageJson(message: FakeMessage): APIMessage {
    const { id, channel, author, at, content, components, flags, embeds, editedAt, nonce } = message;
    const thread = message.thread === null ? undefined : this.channels.get(message.thread);
    const reference = message.repliesTo;
    const json = {
      id,
      channel_id: channel,
      author,
      content,
      timestamp: new Date(at).toISOString(),
      edited_timestamp: editedAt === null ? null : new Date(editedAt).toISOString(),
      tts: false,
      mention_everyone: message.pinged.includes("everyone"),
      mentions: message.pinged.flatMap((who) => this.members.get(who)?.user ?? []),
      mention_roles: message.pinged.filter((who) => who.startsWith("&")).map((who) => who.slice(1)),
      attachments: [],
      embeds,
      pinned: false,
      type: reference === null ? 0 : 19,
      flags,
      components,
      reactions: [...message.reactions].map(([emoji, who]) => ({
        emoji: { id: null, name: emoji },
        count: who.size,
        count_details: { burst: 0, normal: who.size },
        me: who.has(this.bot.id),
        me_burst: false,
        burst_colors: [],
      })),
      ...(nonce === null ? {} : { nonce }),
      ...(thread === undefined ? {} : { thread: this.channelJson(thread) }),
      ...(reference === null
        ? {}
        : { message_reference: { type: 0, channel_id: channel, message_id: reference } }),
    };
    return json as unknown as APIMessage;
  }
}

const THREADS: readonly number[] = [
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
];

export function isThread({ type }: { readonly type: number }): boolean {
  return THREADS.includes(type);
}

export function user(id: string, username: string, bot: boolean): APIUser {
  return { id, username, discriminator: "0", global_name: username, avatar: null, bot };
}
