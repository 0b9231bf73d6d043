import type { WebClient } from "@slack/web-api";
import { Trouble } from "../../../../src/ports/trouble.ts";
import { clientOptions } from "../client.ts";

/** What this installation holds of Slack. */
export interface SlackSettings {
  readonly botToken: string;
  /** Of Socket Mode; without it requests are taken, signed with the secret. */
  readonly appToken: string | undefined;
  readonly signingSecret: string | undefined;
  /** Instead of `https://slack.com/api`. */
  readonly apiUrl: string | undefined;
}

export async function webClient(settings: SlackSettings): Promise<WebClient> {
  const { WebClient: Client } = await import("@slack/web-api");
  return new Client(settings.botToken, clientOptions(settings));
}

/** Slack's word for what went wrong, with the scope that is missing; null where Slack said nothing. */
export interface SlackRefusal {
  readonly error: string;
  readonly needed: string | null;
}

/** A refusal that came in another way than as the answer to a call. */
export class SlackSays extends Error {
  readonly data: SlackRefusal;

  constructor(refusal: SlackRefusal) {
    super(refusal.error);
    this.data = refusal;
  }
}

export function slackRefusal(error: unknown): SlackRefusal | null {
  const data = (error as { readonly data?: { readonly error?: unknown; readonly needed?: unknown } } | null)
    ?.data;
  if (typeof data?.error !== "string") return null;
  return { error: data.error, needed: typeof data.needed === "string" ? data.needed : null };
}

/** As the inbox understands it: told when it may be tried again. */
export function slackTrouble(error: unknown, what: string): Trouble {
  if (error instanceof Trouble) return error;
  const { retryAfter } = (error ?? {}) as { readonly retryAfter?: unknown };
  if (typeof retryAfter === "number")
    return new Trouble("rate-limited", `${what}: Slack asks to wait ${retryAfter} s.`, retryAfter * 1000);
  const refused = slackRefusal(error);
  if (refused !== null) return new Trouble("rejected", `${what}: Slack says ${refused.error}.`);
  return new Trouble("unreachable", `${what}: ${error instanceof Error ? error.message : String(error)}`);
}
