import { OAuth2Scopes, PermissionFlagsBits } from "discord-api-types/v10";

/** What the bot needs in a channel, and why: nothing else is asked for. */
export const PERMISSIONS = {
  ViewChannel: "see the channel",
  SendMessages: "post notices",
  SendMessagesInThreads: "answer below a card",
  CreatePublicThreads: "open a thread below a card",
  ReadMessageHistory: "read back what was written while it was away",
  AddReactions: "mark a proof ⏳, ✅ or ❌",
  EmbedLinks: "lay out its messages",
} as const satisfies Partial<Record<keyof typeof PermissionFlagsBits, string>>;

export type NeededPermission = keyof typeof PERMISSIONS;

/** All of them as Discord's bit set. */
const PERMISSION_BITS: bigint = (Object.keys(PERMISSIONS) as NeededPermission[]).reduce(
  (bits, name) => bits | PermissionFlagsBits[name],
  0n,
);

/** The link an administrator of a server opens to let the bot in, with the least it works with. */
export function inviteUrl(application: string, guild: string | undefined): string {
  const url = new URL("https://discord.com/oauth2/authorize");
  url.searchParams.set("client_id", application);
  url.searchParams.set("scope", [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(" "));
  url.searchParams.set("permissions", PERMISSION_BITS.toString());
  if (guild !== undefined) {
    url.searchParams.set("guild_id", guild);
    url.searchParams.set("disable_guild_select", "true");
  }
  return url.href;
}

/** What is missing of a set of permissions, as Discord's bit set. */
export function missingPermissions(bits: bigint): readonly NeededPermission[] {
  if ((bits & PermissionFlagsBits.Administrator) !== 0n) return [];
  return (Object.keys(PERMISSIONS) as NeededPermission[]).filter(
    (name) => (bits & PermissionFlagsBits[name]) === 0n,
  );
}
