import type { MessageRef } from "../../../src/core/message.ts";
import type { ChatPlatform, Reaction } from "../../../src/ports/chat.ts";
import type { Delivery } from "../../../src/ports/outbox.ts";
import type { Outgoing } from "./outgoing.ts";
import type { DiscordSettings } from "./settings.ts";

/**
 * Discord as a place where people read notices. The client is loaded with the first message: a command line that
 * sends nothing does not wait for it.
 */
export function discordPlatform(settings: DiscordSettings): ChatPlatform {
  let outgoing: Promise<Outgoing> | null = null;
  const out = (): Promise<Outgoing> => {
    outgoing ??= import("./outgoing.ts").then(({ outgoingFor }) => outgoingFor(settings));
    return outgoing;
  };
  return {
    name: "discord",
    post: async (delivery: Delivery) => (await out()).post(delivery),
    edit: async (delivery) => (await out()).edit(delivery),
    reply: async (to: MessageRef, delivery: Delivery) => (await out()).reply(to, delivery),
    react: async (to: MessageRef, reaction: Reaction) => (await out()).react(to, reaction),
    find: async (delivery: Delivery) => (await out()).find(delivery),
  };
}
