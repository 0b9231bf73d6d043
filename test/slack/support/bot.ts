// The bot as main wires it, with the real Bolt app on the Slack stand-in: what is typed there comes back as an answer there.
import { vi } from "vitest";
import { slackReceiver } from "../../../adapters/chat/slack/receive/receiver.ts";
import type { SlackSettings } from "../../../adapters/chat/slack/receive/web.ts";
import type { House } from "../../../src/commands/house.ts";
import { ringOnWrite } from "../../../src/jobs/ring-on-write.ts";
import { listen } from "../../../src/listen.ts";
import type { ChatReceiver } from "../../../src/ports/chat-receiver.ts";
import { Nudge } from "../../../src/ports/nudge.ts";
import { APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, type SlackStandIn } from "../server.ts";

export interface RunningBot {
  readonly house: House;
  readonly receiver: ChatReceiver;
  /** What was said of the connection, in its order. */
  readonly states: string[];
  /** What broke: nothing, in a good run. */
  readonly broken: { readonly facts: object; readonly message: string }[];
  stop(): Promise<void>;
}

interface BotOptions {
  readonly house: House;
  readonly slack: SlackStandIn;
  /** Instead of Socket Mode with the right tokens. */
  readonly settings?: Partial<SlackSettings>;
  /** How long without a connection before threads are read back. */
  readonly gapMs?: number;
}

/** Takes no time between its sockets, so that a test need not wait for the second. */
const PACE = { staggerMs: 0, retryMs: 20, drainMs: 50, homeMs: 50 };

/** The incoming side alone. */
export function newReceiver(
  slack: SlackStandIn,
  { settings, gapMs = 600_000 }: Pick<BotOptions, "settings" | "gapMs"> = {},
): ChatReceiver {
  return slackReceiver(
    {
      botToken: BOT_TOKEN,
      appToken: APP_TOKEN,
      signingSecret: undefined,
      apiUrl: slack.apiUrl,
      ...settings,
    },
    { ...PACE, gapMs },
  );
}

export function startBot({ house: quiet, slack, ...options }: BotOptions): RunningBot {
  const nudge = new Nudge();
  const house = ringOnWrite(quiet, nudge);
  const stopping = new AbortController();
  const states: string[] = [];
  const broken: RunningBot["broken"][number][] = [];
  const receiver = newReceiver(slack, options);
  const log = {
    info: (_: object, message: string) => void states.push(message),
    error: (facts: object, message: string) => {
      if ("state" in facts) states.push(message);
      else broken.push({ facts, message });
    },
  };
  const running = listen({ house, receivers: [receiver], nudge, log, signal: stopping.signal });
  return {
    house,
    receiver,
    states,
    broken,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Settings for signed requests. */
export const BY_REQUEST = { appToken: undefined, signingSecret: SIGNING_SECRET } as const;

/** Resolves with what the look finds, as soon as it finds something. */
export function found<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<NonNullable<T>> {
  return vi.waitUntil(async () => (await look()) ?? false, { timeout: 15_000, interval: 5 });
}

/** The texts that came to response addresses, in their order. */
export function answers(slack: SlackStandIn): readonly string[] {
  return slack.responses.map(({ body }) => String(body.text ?? ""));
}

/** Resolves when nothing that was received waits any more. */
export async function handled(house: House): Promise<void> {
  await found(async () => (await house.inbox.lastReceived("slack")) !== null);
  await found(async () => (await house.inbox.dueInMs(["slack"])) === null);
}
