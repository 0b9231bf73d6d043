import { afterAll, beforeAll } from "vitest";
import { discordPlatform } from "../../adapters/chat/discord/platform.ts";
import { chatPlatformContract } from "../chat/platform-contract.ts";
import { textsOf } from "./message-body.ts";
import { type Discord, startDiscord } from "./server.ts";

let discord: Discord;
beforeAll(async () => {
  discord = await startDiscord();
});
afterAll(() => discord.close());

chatPlatformContract("Discord", async () => {
  const { world, people, url, token } = discord;
  const channel = world.channel("work").id;
  const settings = { token, guild: world.guild.id, apiUrl: url };
  const by = world.member("mara");
  return {
    platform: discordPlatform(settings),
    channel,
    async somebodyWrites(text, below) {
      // Writing below a message that has no thread yet starts one, as people's clients do.
      const head = below === undefined ? undefined : world.channels.get(channel)?.messages.get(below);
      if (head === undefined) return people.message(text, { by, channel });
      const thread = head.thread ?? people.startThread("talk", { channel, message: head.id });
      return `${thread}/${people.message(text, { by, channel: thread })}`;
    },
    async seen() {
      return people
        .messages(channel)
        .map(({ id, channel_id: where, content, components = [], reactions }) => ({
          anchor: where === channel ? id : `${where}/${id}`,
          below: where === channel ? null : where,
          text: content === "" ? textsOf(components) : content,
          reaction:
            reactions
              ?.filter(({ me }) => me)
              .map(({ emoji }) => emoji.name)
              .join(" ") || null,
        }));
    },
    close: () => Promise.resolve(),
  };
});
