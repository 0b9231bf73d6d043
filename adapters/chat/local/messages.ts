import type { PlatformMessages } from "../../../src/ports/chat-messages.ts";
import type { LocalChatStore } from "../../../src/ports/local-chat.ts";

const NAMED = /^local:([^:\s]+):([1-9]\d{0,14})$/u;
const FRAGMENT = /^#message-([1-9]\d{0,14})$/u;

/**
 * Permalinks of the local chat: `local:CHANNEL:ID`, or the page's address with `#message-ID`, as the time stamps there
 * are linked. `origins` are the addresses the page is reached at.
 */
export function localMessages(
  store: Pick<LocalChatStore, "find">,
  origins: readonly string[],
): PlatformMessages {
  const read = (permalink: string): { readonly id: number; readonly channel: string | null } | null => {
    const named = NAMED.exec(permalink);
    if (named !== null) return { id: Number(named[2]), channel: named[1] ?? "" };
    if (!URL.canParse(permalink)) return null;
    const { origin, hash, href } = new URL(permalink);
    const fragment = FRAGMENT.exec(hash);
    // Only the plain spelling: nothing before the fragment but the page's own address.
    if (fragment === null || !origins.includes(origin) || href !== `${origin}/${hash}` || href !== permalink)
      return null;
    return { id: Number(fragment[1]), channel: null };
  };
  return {
    platform: "local",
    recognises: (permalink) => read(permalink) !== null,
    async find(permalink) {
      const link = read(permalink);
      const message = link && (await store.find(link.id));
      if (message === null || (link?.channel ?? message.channel) !== message.channel) return null;
      const { id, channel, author, kind, text, at, data } = message;
      if (data["deletedAt"] !== undefined) return null;
      const person = /^person:local:(.+)$/su.exec(author);
      const editedAt = data["editedAt"];
      return {
        id: String(id),
        channel,
        author: person?.[1] ?? author,
        // A command's echo stands under a person's name, but the bot wrote it.
        bot: person === null || kind !== "said",
        text,
        at,
        editedAt: typeof editedAt === "number" ? editedAt : null,
      };
    },
  };
}
