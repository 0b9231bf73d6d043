// The bot as main wires it, with the unmodified client of discord.js on the Discord stand-in: what people do there comes
// back there.
import { vi } from "vitest";
import { discordPlatform } from "../../../adapters/chat/discord/platform.ts";
import { discordReceiver } from "../../../adapters/chat/discord/receive/receiver.ts";
import type { House } from "../../../src/commands/house.ts";
import { deliverOutbox } from "../../../src/jobs/deliver-outbox.ts";
import { type RunResult, startLoop } from "../../../src/jobs/loop.ts";
import { answerProofReplies } from "../../../src/jobs/proof-replies.ts";
import { ringOnWrite } from "../../../src/jobs/ring-on-write.ts";
import { updateTaskCards } from "../../../src/jobs/task-cards.ts";
import { listen } from "../../../src/listen.ts";
import type { ChatPlatform } from "../../../src/ports/chat.ts";
import type { ChatReceiver } from "../../../src/ports/chat-receiver.ts";
import { Nudge } from "../../../src/ports/nudge.ts";
import { asText } from "../components.ts";
import { flat } from "../people.ts";
import type { Discord } from "../server.ts";

export interface RunningBot {
  readonly house: House;
  /** What was said of the connection, in its order. */
  readonly states: string[];
  /** What broke: nothing, in a good run. */
  readonly broken: { readonly facts: object; readonly message: string }[];
  stop(): Promise<void>;
}

interface BotOptions {
  readonly house: House;
  readonly discord: Discord;
  readonly token?: string;
  readonly guildId?: string;
  /** Other chats beside it. */
  readonly platforms?: readonly ChatPlatform[];
  readonly receivers?: readonly ChatReceiver[];
  /** In place of the receiver's own way to be answered: to have it die in between. */
  readonly wrap?: (receiver: ChatReceiver) => ChatReceiver;
}

const PACE = { retryMs: 20 };

/** Listens, keeps cards and answers up to date, and sends what is due. */
export function startBot({ house: quiet, discord, wrap = (one) => one, ...options }: BotOptions): RunningBot {
  const nudge = new Nudge();
  const house = ringOnWrite(quiet, nudge);
  const stopping = new AbortController();
  const states: string[] = [];
  const broken: RunningBot["broken"][number][] = [];
  const { token = discord.token, guildId = discord.world.guild.id } = options;
  const receiver = wrap(discordReceiver({ token, guildId, apiUrl: discord.url }, PACE));
  const platforms = [
    discordPlatform({ token, guild: guildId, apiUrl: discord.url }),
    ...(options.platforms ?? []),
  ];
  const log = {
    info: (_: object, message: string) => void states.push(message),
    error: (facts: object, message: string) => {
      if ("state" in facts) states.push(message);
      else broken.push({ facts, message });
    },
  };
  const loop = (name: string, job: () => Promise<RunResult>) =>
    startLoop(name, job, {
      clock: house.clock,
      signal: stopping.signal,
      nudge,
      spacingMs: 0,
      log: ({ error }) => broken.push({ facts: { error }, message: name }),
    });
  const receivers = [receiver, ...(options.receivers ?? [])];
  const running = Promise.all([
    listen({ house, receivers, nudge, log, signal: stopping.signal }),
    loop("task-cards", () => updateTaskCards(house)),
    loop("proof-replies", () => answerProofReplies(house)),
    loop("deliver-outbox", () => deliverOutbox(house, platforms)),
  ]);
  return {
    house,
    states,
    broken,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Resolves with what the look finds, as soon as it finds something. */
export function found<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  return vi.waitUntil(async () => (await look()) || false, { timeout: 25_000, interval: 5 });
}

/** Everything a message says, in one text. */
export function wordsOf(message: {
  readonly content?: string;
  readonly components?: readonly object[];
}): string {
  const texts = flat(message.components ?? []).map(({ content, label }) => asText(content) || asText(label));
  return [message.content ?? "", ...texts].filter((text) => text !== "").join("\n");
}
