import type { SlackAnswer, SlackCall, SlackSettings } from "./client.ts";
import { slackCall } from "./client.ts";
import { Pace, type Rate } from "./pace.ts";
import { channelFault, SlackTrouble, tokenFault, troubleOf } from "./trouble.ts";

/** A method's name on Slack, with what matters when it is called. */
export interface Asked {
  readonly method: string;
  readonly channel: string;
  /** Whose turn it is, so that it is kept for whoever comes back. */
  readonly who: string;
  /** Done twice it would be seen twice. */
  readonly once?: boolean;
}

/** Posting: about one message a second in each channel, with small bursts. */
const POSTING: Rate = { everyMs: 1000, burst: 3 };
/** Slack's tiers two and three: 20 and 50 calls a minute, of which a part may come at once. */
const TIER_2: Rate = { everyMs: 3000, burst: 10 };
const TIER_3: Rate = { everyMs: 1200, burst: 25 };

const RATES: Readonly<Record<string, Rate>> = {
  "chat.update": TIER_3,
  "chat.delete": TIER_3,
  "conversations.history": TIER_3,
  "conversations.replies": TIER_3,
  "reactions.add": TIER_3,
  "reactions.remove": TIER_2,
};

/** Between two looks whether a lock was taken away, in milliseconds. */
const LOCKED_MS = 60_000;

/**
 * Slack's Web API at the pace Slack allows. Rejects with a Trouble alone. Whoever comes too early is sent away with the
 * time of his turn, a channel that was told to wait holds up no other, and a token or scope that is refused is tried once a
 * minute. What a person has to mend is told once, and once more when it is mended.
 */
export class SlackWeb {
  readonly #call: SlackCall;
  readonly #pace: Pace;
  readonly #settings: SlackSettings;
  /** By what is locked, the token or a method's scope: the sentence, and when it is tried again. */
  readonly #locks = new Map<string, { readonly sentence: string; until: number }>();
  readonly #told = new Map<string, string>();

  constructor(settings: SlackSettings) {
    this.#settings = settings;
    this.#call = slackCall(settings);
    this.#pace = new Pace(settings.clock);
  }

  async call(asked: Asked, args: { readonly [name: string]: unknown }): Promise<SlackAnswer> {
    const { method, channel, once = false } = asked;
    this.#checkLocks(method);
    this.#checkPace(asked);
    try {
      const answer = await this.#call(method, args);
      this.#well(method, channel);
      return answer;
    } catch (error) {
      const trouble = troubleOf(error, { method, channel, once });
      this.#ill(trouble, asked);
      throw trouble;
    }
  }

  /** Tells a sentence, unless it is the one told last about this. */
  complain(about: string, sentence: string): void {
    if (this.#told.get(about) === sentence) return;
    this.#told.set(about, sentence);
    this.#settings.tell(sentence);
  }

  #checkLocks(method: string): void {
    const now = this.#settings.clock.now();
    for (const name of [TOKEN, `scope of ${method}`]) {
      const lock = this.#locks.get(name);
      if (lock === undefined) continue;
      if (lock.until > now) throw new SlackTrouble("locked-out", lock.sentence, null, lock.until - now);
      // This one tries; whoever comes meanwhile waits for the next time.
      lock.until = now + LOCKED_MS;
    }
  }

  #checkPace({ method, channel, who }: Asked): void {
    const pausedMs = method === "chat.postMessage" ? 0 : this.#pace.paused(`${method} ${channel}`);
    const [lane, rate] = laneOf(method, channel);
    const waitMs = pausedMs > 0 || rate === undefined ? pausedMs : this.#pace.wait(lane, rate, who);
    if (waitMs > 0) {
      const words = `Slack's limit on ${method}: its turn is in ${(waitMs / 1000).toFixed(1)} s.`;
      throw new SlackTrouble("rate-limited", words, null, waitMs);
    }
  }

  #well(method: string, channel: string): void {
    for (const name of [TOKEN, `scope of ${method}`]) {
      this.#locks.delete(name);
      if (this.#told.delete(name)) this.#settings.tell(`Slack takes ${method} again.`);
    }
    if (channel !== "" && this.#told.delete(`channel ${channel}`)) {
      this.#settings.tell(`Slack channel ${channel}: the bot can write there again.`);
    }
  }

  #ill({ code, message, word, retryAfterMs = 0 }: SlackTrouble, { method, channel }: Asked): void {
    if (code === "rate-limited") {
      this.#pace.pause(`${method} ${channel}`, laneOf(method, channel)[1] ?? POSTING, retryAfterMs);
      return;
    }
    const name = tokenFault(word) !== null ? TOKEN : word === "missing_scope" ? `scope of ${method}` : null;
    if (name !== null) {
      this.#locks.set(name, { sentence: message, until: this.#settings.clock.now() + LOCKED_MS });
      this.complain(name, message);
    } else if (channelFault(word, channel) !== null) {
      this.complain(`channel ${channel}`, message);
    }
  }
}

const TOKEN = "the token";

function laneOf(method: string, channel: string): readonly [name: string, rate: Rate | undefined] {
  return method === "chat.postMessage" ? [`${method} ${channel}`, POSTING] : [method, RATES[method]];
}
