import type { APIMessage } from "discord.js";
import type { PlatformMessages } from "../../../src/ports/chat-messages.ts";
import { Trouble } from "../../../src/ports/trouble.ts";
import type { DiscordSettings } from "./settings.ts";

const ID = String.raw`(\d{17,20})`;
const LINK = new RegExp(`^https://(?:(?:ptb|canary)\\.)?discord\\.com/channels/${ID}/${ID}/${ID}$`, "u");
/** Plain messages and answers to one: what people write. */
const WRITTEN: readonly number[] = [0, 19];
const NO_SUCH: readonly number[] = [10_003, 10_008];

/** Permalinks of the one server this installation works in. A message in a thread counts as one of the thread's channel. */
export function discordMessages(settings: DiscordSettings): PlatformMessages {
  const read = (permalink: string): { readonly channel: string; readonly message: string } | null => {
    const match = LINK.exec(permalink);
    if (match === null || match[1] !== settings.guild) return null;
    return { channel: match[2] as string, message: match[3] as string };
  };
  return {
    platform: "discord",
    recognises: (permalink) => read(permalink) !== null,
    async find(permalink) {
      const link = read(permalink);
      if (link === null) return null;
      const { apiFor } = await import("./api.ts");
      const api = apiFor(settings);
      const route = `/channels/${link.channel}` as const;
      const what = "looking at a linked message";
      try {
        const channel = await api.call<Channel>("GET", route, { what });
        if (channel.guild_id !== settings.guild) return null;
        const message = await api.call<APIMessage>("GET", `${route}/messages/${link.message}`, { what });
        const head = channel.thread_metadata === undefined ? channel.id : channel.parent_id;
        return written(message, head ?? channel.id);
      } catch (error) {
        if (error instanceof Trouble && "discord" in error && NO_SUCH.includes(Number(error.discord)))
          return null;
        throw error;
      }
    },
  };
}

interface Channel {
  readonly id: string;
  readonly guild_id?: string;
  readonly parent_id?: string | null;
  readonly thread_metadata?: object;
}

function written(message: APIMessage, channel: string): Awaited<ReturnType<PlatformMessages["find"]>> {
  const { id, author, content, timestamp, edited_timestamp: edited, type, webhook_id: webhook } = message;
  const bot = author.bot === true || webhook !== undefined;
  const bare =
    content === "" && message.attachments.length === 0 && (message.sticker_items ?? []).length === 0;
  if (!bot && bare && WRITTEN.includes(type))
    throw new Trouble(
      "locked-out",
      "Discord does not show this bot what people write: grant it the Message Content intent in the Developer Portal under Bot.",
    );
  return {
    id,
    channel,
    author: author.id,
    bot: bot || !WRITTEN.includes(type),
    text: content,
    at: Date.parse(timestamp),
    editedAt: edited === null ? null : Date.parse(edited),
  };
}
