import type { ChatPlatform } from "../../src/ports/chat.ts";
import type { ChatMessages, PlatformMessages } from "../../src/ports/chat-messages.ts";
import type { ChatReceiver } from "../../src/ports/chat-receiver.ts";
import type { LocalChatStore } from "../../src/ports/local-chat.ts";
import type { LocalSpeech } from "../../src/ports/local-speech.ts";
import type { ChatProbe } from "../../src/ports/probes.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { discordMessages } from "./discord/messages.ts";
import { discordPlatform } from "./discord/platform.ts";
import { discordReceiver } from "./discord/receive/receiver.ts";
import type { DiscordReceiverSettings } from "./discord/receive/settings.ts";
import type { DiscordSettings } from "./discord/settings.ts";
import { localMessages } from "./local/messages.ts";
import { localPlatform } from "./local/platform.ts";
import { LocalReceiver } from "./local/receiver.ts";
import type { SlackSettings } from "./slack/client.ts";
import { slackFindings } from "./slack/doctor.ts";
import { slackMessages } from "./slack/messages.ts";
import { slackPlatform } from "./slack/platform.ts";
import { slackReceiver } from "./slack/receive/receiver.ts";
import type { SlackSettings as SlackReceiverSettings } from "./slack/receive/web.ts";

/** What the platforms are told about this installation. */
export interface ChatSettings {
  readonly localChat: LocalChatStore;
  readonly slack?: SlackSettings | undefined;
  readonly discord?: DiscordSettings | undefined;
}

/** Every chat this build can talk to. A new one is a folder here and one line below. */
export function allPlatforms({ localChat, slack, discord }: ChatSettings): readonly ChatPlatform[] {
  return [
    localPlatform(localChat),
    ...(slack === undefined ? [] : [slackPlatform(slack)]),
    ...(discord === undefined ? [] : [discordPlatform(discord)]),
  ];
}

/** The same with a token that may not have been given: then this installation is not connected there. */
type Unset<Settings, Token extends keyof Settings> = Omit<Settings, Token> &
  Readonly<Record<Token, Settings[Token] | undefined>>;

/** What each platform was given to connect with. */
export interface ReceiverSettings {
  readonly slack: Unset<SlackReceiverSettings, "botToken">;
  readonly discord: Unset<DiscordReceiverSettings, "token">;
}

/** What the local chat's page speaks to, and what listens there: one and the same. */
export function localReceiver(store: LocalChatStore): ChatReceiver & LocalSpeech {
  return new LocalReceiver(store);
}

/** The incoming side of every chat people write in, and this installation is connected to. A new one's is one line below. */
export function allReceivers(
  { slack, discord }: ReceiverSettings,
  local: ChatReceiver,
): readonly ChatReceiver[] {
  const { botToken } = slack;
  const { token } = discord;
  return [
    local,
    ...(botToken === undefined ? [] : [slackReceiver({ ...slack, botToken })]),
    ...(token === undefined ? [] : [discordReceiver({ ...discord, token })]),
  ];
}

/** Looks at the connection of every chat that is set up, for the doctor. A new one's is one line below. */
export function allChatProbes({ slack, discord }: ReceiverSettings): readonly ChatProbe[] {
  const { botToken } = slack;
  const { token } = discord;
  return [
    ...(botToken === undefined ? [] : [() => slackFindings({ ...slack, botToken })]),
    ...(token === undefined
      ? []
      : [
          async (channels: Parameters<ChatProbe>[0]) =>
            (await discordDoctor())({ ...discord, token }, channels),
        ]),
  ];
}

/** The link that lets the bot into a Discord server. Throws Trouble where there is no token, or Discord does not take it. */
export async function discordInvite({ discord }: Pick<ReceiverSettings, "discord">): Promise<string> {
  const { token, guildId } = discord;
  if (token === undefined)
    throw new Trouble("not-connected", "DISCORD_TOKEN is not set: `gatehouse init` asks for it.");
  const { inviteFor } = await import("./discord/invite.ts");
  return inviteFor({ ...discord, token }, guildId);
}

/** The library is loaded only where it is asked for. */
async function discordDoctor() {
  const { discordFindings } = await import("./discord/doctor.ts");
  return (settings: DiscordReceiverSettings, channels: Parameters<ChatProbe>[0]) =>
    discordFindings(
      settings,
      channels.filter(({ platform }) => platform === "discord"),
    );
}

/** What finding messages takes of this installation. */
export interface MessageSettings {
  readonly localChat: Pick<LocalChatStore, "find">;
  /** The addresses the local chat's page is reached at. */
  readonly pageOrigins: readonly string[];
  readonly slack?: SlackSettings | undefined;
  readonly discord?: DiscordSettings | undefined;
}

/** The messages of every chat that can be asked for one. A new platform's is one line below. */
export function allMessages({ localChat, pageOrigins, slack, discord }: MessageSettings): ChatMessages {
  const all: readonly PlatformMessages[] = [
    localMessages(localChat, pageOrigins),
    ...(slack === undefined ? [] : [slackMessages(slack)]),
    ...(discord === undefined ? [] : [discordMessages(discord)]),
  ];
  const of = (platform: string) => all.find((one) => one.platform === platform);
  return {
    recognises: (platform, permalink) => of(platform)?.recognises(permalink) === true,
    async find(platform, permalink) {
      const messages = of(platform);
      if (messages === undefined) throw new Trouble("not-connected", `${platform} is not connected here.`);
      return messages.find(permalink);
    },
  };
}
