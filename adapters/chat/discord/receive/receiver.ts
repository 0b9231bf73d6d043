import type { ChatReceiver } from "../../../../src/ports/chat-receiver.ts";
import { Trouble } from "../../../../src/ports/trouble.ts";
import { PLATFORM, readKept } from "./kept.ts";
import type { openDiscord } from "./open.ts";
import type { DiscordReceiverSettings, Pace } from "./settings.ts";

type Open = ReturnType<typeof openDiscord>;

const USUAL: Pace = { retryMs: 5_000 };

/** The incoming side of Discord, by its gateway. The client is loaded only where Discord is connected. */
export function discordReceiver(settings: DiscordReceiverSettings, pace: Pace = USUAL): ChatReceiver {
  let opened: Promise<Open> | null = null;
  const open = (): Promise<Open> => {
    opened ??= import("./open.ts").then((library) => library.openDiscord(settings, pace));
    return opened;
  };
  return {
    name: PLATFORM,
    run: async (desk, signal, told) => (await open()).run(desk, signal, told),
    read: (payload) => readKept(payload)?.heard ?? null,
    async answer(payload, line) {
      const kept = readKept(payload);
      if (kept?.sort !== "line") throw new Trouble("rejected", "Only a line is answered.");
      await (await open()).answer(kept.reply, line);
    },
    groups: async (person) => (await open()).groups(person),
  };
}
