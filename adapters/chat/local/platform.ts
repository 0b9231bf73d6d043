import { type MessageRef, messageName } from "../../../src/core/message.ts";
import type { ChatPlatform, Reaction } from "../../../src/ports/chat.ts";
import type { LocalChatStore } from "../../../src/ports/local-chat.ts";
import type { Delivery } from "../../../src/ports/outbox.ts";
import { Trouble } from "../../../src/ports/trouble.ts";

/** Whose messages these are on the page. */
const BOT = "bot:gatehouse";

/**
 * The chat that Gatehouse brings along: messages are rows of its own database, laid out by the page at the HTTP
 * address. A notice has one message a channel, so posting twice, editing and posting after a doubt are the same.
 */
export function localPlatform(store: LocalChatStore): ChatPlatform {
  const write = async (delivery: Delivery, thread: number | null): Promise<string> => {
    const { channel, notice, kind, task, text, data } = delivery;
    const id = await store.post({ channel, thread, author: BOT, kind, notice, task, text, data });
    if (id === null) throw new Trouble("rejected", `There is no message ${thread} in ${channel} to answer.`);
    return String(id);
  };
  return {
    name: "local",
    post: (delivery) => write(delivery, null),
    edit: (delivery) => write(delivery, null),
    reply: async (to, delivery) => write(delivery, await headOf(store, to)),
    react: (to, reaction: Reaction) => store.react(to.channel, idOf(to), reaction),
    find: () => Promise.resolve(null),
  };
}

/** Threads are one deep: an answer to a reply stands below the same head. */
async function headOf(store: LocalChatStore, to: MessageRef): Promise<number> {
  const id = idOf(to);
  const message = await store.message(to.channel, id);
  return message?.thread ?? id;
}

function idOf(to: MessageRef): number {
  const id = Number(to.message);
  if (!Number.isSafeInteger(id))
    throw new Trouble("rejected", `${messageName(to)} is no message of the local chat.`);
  return id;
}
