import { afterAll, beforeAll } from "vitest";
import { discordPlatform } from "../../adapters/chat/discord/platform.ts";
import { discordReceiver } from "../../adapters/chat/discord/receive/receiver.ts";
import { chatPlatformContract } from "../chat/platform-contract.ts";
import { chatReceiverContract } from "../chat/receiver-contract.ts";
import { textsOf } from "./message-body.ts";
import { type Discord, startDiscord } from "./server.ts";
import { found, wordsOf } from "./support/bot.ts";

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

chatReceiverContract("Discord", async () => {
  const own = await startDiscord({ messageContent: true });
  const { world, people, gateway, channel, url, token } = own;
  const mara = world.member("mara");
  const settings = { token, guildId: world.guild.id, apiUrl: url };
  const typed = async (verb: string, values: Readonly<Record<string, string>>, by: string) => {
    const exchange = await people.command(`gate ${verb}`, values, { by, channel });
    return { answer: exchange.settled().then(wordsOf) };
  };
  /** As the receiver names a message, in the thread it stands in. */
  const placed = (name: string) => {
    const [thread = channel, message = thread] = name.split("/");
    return { channel: thread === message ? channel : thread, message };
  };
  const tell = gateway.dispatch.bind(gateway);
  let connections = 0;
  return {
    platform: discordPlatform({ token, guild: world.guild.id, apiUrl: url }),
    receiver: () => discordReceiver(settings, { retryMs: 20 }),
    channel,
    person: mara,
    actor: `person:discord:${mara}`,
    async connected() {
      connections += 1;
      await found(() => gateway.identified >= connections && world.commands.size > 0);
    },
    gone: () => Promise.resolve(),
    types: (verb, values) => typed(verb, values, mara),
    strangerTypes: async (verb, values) => (await typed(verb, values, world.member("stranger"))).answer,
    async writes(text, head, times = 1) {
      const thread =
        world.channels.get(head)?.id ?? people.startThread("about it", { channel, message: head });
      gateway.dispatch = (event, data) => {
        for (let time = 0; time < (event === "MESSAGE_CREATE" ? times : 1); time += 1) tell(event, data);
      };
      const message = people.message(text, { by: mara, channel: thread });
      gateway.dispatch = tell;
      return `${thread}/${message}`;
    },
    rewrites: async (message, text) => people.editMessage(text, placed(message)),
    erases: async (message) => people.deleteMessage(placed(message)),
    presses: async (message, label) =>
      void (await people.button({ label }, { by: mara, ...placed(message) })),
    async reactions(message) {
      const { message: id } = placed(message);
      const reactions = people.messages(channel).find((one) => one.id === id)?.reactions ?? [];
      return reactions.filter(({ me }) => me).map(({ emoji }) => emoji.name ?? "");
    },
    close: () => own.close(),
  };
});
