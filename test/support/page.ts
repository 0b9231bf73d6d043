// The local chat's page without its browser: what is done there is received as from any chat, handled and answered.
import { vi } from "vitest";
import { localReceiver } from "../../adapters/chat/all.ts";
import { localPlatform } from "../../adapters/chat/local/platform.ts";
import type { House } from "../../src/commands/house.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { listen } from "../../src/listen.ts";
import type { LocalSpeech, Spoken } from "../../src/ports/local-speech.ts";
import { Nudge } from "../../src/ports/nudge.ts";

export interface OpenPage {
  readonly speech: LocalSpeech;
  /** A line in the channel, or below a message. */
  line(line: string, thread?: number | null, confirmed?: boolean): Promise<Spoken>;
  /** Words below a message, or in the channel; when it resolves they are handled and answered. */
  say(text: string, thread?: number | null): Promise<Spoken | null>;
  revise(message: number, text: string | null): Promise<Spoken | null>;
  /** Until nothing that was received waits, and what is to be said there stands there. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const CHANNEL = "gatehouse";
const LOCAL = ["local"];

/** `broken` is told of what could not be handled: nothing, in a good run. */
export function openPage(house: House, broken: unknown[] = []): OpenPage {
  const speech = localReceiver(house.localChat);
  const stopping = new AbortController();
  const log = {
    info: () => undefined,
    error: (facts: object, message: string) => void broken.push({ ...facts, message }),
  };
  const running = listen({ house, receivers: [speech], nudge: new Nudge(), log, signal: stopping.signal });
  let requests = 0;
  const request = (): string => {
    requests += 1;
    return `request-${requests}`;
  };
  const settle = async (): Promise<void> => {
    await vi.waitUntil(async () => (await house.inbox.dueInMs(LOCAL)) === null, {
      timeout: 25_000,
      interval: 2,
    });
    while ((await deliverOutbox(house, [localPlatform(house.localChat)])).nextDueMs === 0);
  };
  const settled = async <T>(doing: Promise<T>): Promise<T> => {
    const done = await doing;
    await settle();
    return done;
  };
  return {
    speech,
    line: (line, thread = null, confirmed = false) =>
      speech.line({ channel: CHANNEL, thread }, line, request(), confirmed),
    say: (text, thread = null) => {
      const place = { channel: CHANNEL, thread };
      // As the page's door tells a command from talk.
      return settled<Spoken | null>(
        /^\/gate\b/u.test(text)
          ? speech.line(place, text, request(), false)
          : speech.say(place, text, request(), false),
      );
    },
    revise: (message, text) => settled(speech.revise(CHANNEL, message, text)),
    settle,
    async close() {
      stopping.abort();
      await running;
    },
  };
}
