import type { LogLevel, WebClient, WebClientOptions } from "@slack/web-api";
import type { Clock } from "../../../src/ports/clock.ts";

/** What Slack is told about this installation, and what its adapter needs of it. */
export interface SlackSettings {
  /** `xoxb-…` */
  readonly botToken: string;
  /** Another Slack than Slack's own, such as `http://127.0.0.1:4003/api`. */
  readonly apiUrl?: string | undefined;
  readonly clock: Clock;
  /** An IANA name: by its clock times are written where Slack cannot write them by the reader's. */
  readonly timezone: string;
  /** Hears in whole sentences what a person has to mend, once, and when it is mended. */
  readonly tell: (sentence: string) => void;
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 10_000;
/** Where Slack says "too many" without saying until when. */
const USUAL_RETRY_S = "30";

/** What came of a call: Slack's JSON, with `ok: true`. */
export type SlackAnswer = { readonly [field: string]: unknown };

/** Slack's Web API, one call at a time. Rejects with what the client throws; `troubleOf` reads it. */
export type SlackCall = (method: string, args: { readonly [name: string]: unknown }) => Promise<SlackAnswer>;

/**
 * The options every client of this app is made with. Nothing is sent twice by the client itself and nothing waits in its
 * queue: retries, limits and doubts are the outbox's.
 */
export function clientOptions({
  apiUrl,
  timeoutMs = TIMEOUT_MS,
}: Pick<SlackSettings, "apiUrl" | "timeoutMs">): WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    // A method's name is never an address: the token goes to this Slack alone.
    allowAbsoluteUrls: false,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const until = response.headers.get("retry-after");
      if (response.status !== 429 || (until !== null && Number(until) >= 0)) return response;
      const headers = new Headers(response.headers);
      headers.set("retry-after", USUAL_RETRY_S);
      return new Response(response.body, { status: 429, headers });
    },
    logger: silent,
  };
}

export function slackCall(settings: Pick<SlackSettings, "botToken" | "apiUrl" | "timeoutMs">): SlackCall {
  let client: Promise<WebClient> | undefined;
  return async (method, args) => {
    // Loading it takes longer than many a command that never speaks to Slack.
    client ??= import("@slack/web-api").then(
      ({ WebClient: Client }) => new Client(settings.botToken, clientOptions(settings)),
    );
    return (await (await client).apiCall(method, args)) as unknown as SlackAnswer;
  };
}

const nothing = (): void => undefined;
/** What matters is thrown; the rest would go to standard output, which is not the client's. */
export const silent: NonNullable<WebClientOptions["logger"]> = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => "error" as LogLevel,
  setName: nothing,
};
