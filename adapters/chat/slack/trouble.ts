import type { ChatTroubleCode } from "../../../src/ports/chat.ts";
import { Trouble } from "../../../src/ports/trouble.ts";

/** What became of a call, with Slack's own word for it where it said one. */
export class SlackTrouble extends Trouble {
  readonly word: string | null;

  constructor(code: ChatTroubleCode, message: string, word: string | null, retryAfterMs?: number) {
    super(code, message, retryAfterMs);
    this.word = word;
  }
}

/** A call as far as its failure matters. */
export interface Tried {
  readonly method: string;
  readonly channel: string;
  /** Done twice it would be seen twice; anything else is simply tried again. */
  readonly once: boolean;
}

interface Spoken {
  readonly code: "slack_webapi_platform_error";
  readonly data: { readonly error: string; readonly needed?: unknown };
}

/**
 * The errors of @slack/web-api's calls, as its `errors.d.ts` has them, told apart by their code: the client need not be
 * loaded to read one.
 */
type ClientError =
  | Spoken
  | { readonly code: "slack_webapi_rate_limited_error"; readonly retryAfter: number }
  | { readonly code: "slack_webapi_http_error"; readonly statusCode: number }
  | { readonly code: "slack_webapi_request_error"; readonly original: Error };

function fromClient(error: unknown): ClientError | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("slack_webapi_") ? (error as ClientError) : null;
}

/** Slack's own word for what is wrong, such as `channel_not_found`; null where it said none. */
function slackError(error: Spoken): string | null {
  return /^[a-z][a-z0-9_]{0,99}$/.test(error.data.error) ? error.data.error : null;
}

/** Errors of the token: nothing can be done with it before somebody mends it. */
const TOKEN: Readonly<Record<string, string>> = {
  invalid_auth: "does not know SLACK_BOT_TOKEN: copy the Bot User OAuth Token anew from the app's page",
  not_authed: "got no token: set SLACK_BOT_TOKEN to the Bot User OAuth Token from the app's page",
  not_allowed_token_type:
    "takes a bot token here: set SLACK_BOT_TOKEN to the xoxb-… token from the app's page",
  token_revoked: "says that SLACK_BOT_TOKEN was revoked: install the app again and set the new token",
  token_expired: "says that SLACK_BOT_TOKEN has expired: install the app again and set the new token",
  account_inactive:
    "says that the app was removed from the workspace: install it again and set the new SLACK_BOT_TOKEN",
  app_missing: "says that the app was removed from the workspace: install it again",
  team_access_not_granted: "says that the app may not act in this workspace: an admin has to let it",
  access_denied: "says that the app may not act in this workspace: an admin has to let it",
  accesslimited: "says that the app may not act in this workspace now: an admin has to let it",
  enterprise_is_restricted: "says that the organisation restricts this method: an admin has to let it",
  ekm_access_denied: "says that an admin has suspended the use of this workspace",
  org_login_required: "says that the workspace is being moved: try again when that is over",
};

/** Errors of a channel that stays as it is: told once, and what was meant for it fails, visibly. */
const GONE: Readonly<Record<string, string>> = {
  channel_not_found:
    "there is no such channel, or it is a private one the bot was not invited to: /invite the bot there, or unsubscribe it",
  is_archived: "the channel is archived: unarchive it, or unsubscribe it",
  channel_type_not_supported: "this kind of conversation takes no messages of a bot: unsubscribe it",
  restricted_action: "posting there is kept to some people: let the app post, or unsubscribe it",
  restricted_action_read_only_channel:
    "posting there is kept to some people: let the app post, or unsubscribe it",
  restricted_action_thread_only_channel: "only answers in threads are let in there: unsubscribe it",
  user_is_restricted: "the app may not post there: let it, or unsubscribe it",
};

/** Errors after which a part of the call may have been done. */
const HALFWAY = new Set(["internal_error", "fatal_error", "team_added_to_org"]);
const LATER = new Set(["service_unavailable", "request_timeout", "team_not_found"]);
const LIMITED = new Set(["ratelimited", "rate_limited", "message_limit_exceeded", "rate_limited_error"]);
const LIMITED_MS = 30_000;

/** What is wrong with the whole token, or with what it may do; null where it is something else. */
export function tokenFault(word: string | null): string | null {
  return word !== null && Object.hasOwn(TOKEN, word) ? `Slack ${TOKEN[word] ?? ""} (${word}).` : null;
}

/** What is wrong with the channel, so that a person has to look at it; null where it is something else. */
export function channelFault(word: string | null, channel: string): string | null {
  if (word === "not_in_channel") {
    return `Slack channel ${channel}: the bot is not in it: /invite the bot there (${word}).`;
  }
  return word !== null && Object.hasOwn(GONE, word)
    ? `Slack channel ${channel}: ${GONE[word] ?? ""} (${word}).`
    : null;
}

/** Which right a call lacks; null where that is not it. */
function missingScope(error: Spoken): string | null {
  if (slackError(error) !== "missing_scope") return null;
  const { needed } = error.data as { readonly needed?: unknown };
  return typeof needed === "string" ? needed : "another scope";
}

/** What the outbox makes of a failed call. */
export function troubleOf(error: unknown, tried: Tried): SlackTrouble {
  const { method, once } = tried;
  const unsure = once ? "doubtful" : "unreachable";
  const failed = fromClient(error);
  // The answer broke off while it was read.
  if (failed === null)
    return trouble(unsure, `Slack's answer to ${method} could not be read: ${String(error)}.`);
  switch (failed.code) {
    case "slack_webapi_rate_limited_error":
      return trouble("rate-limited", "Slack asks to wait.", failed.retryAfter * 1000);
    case "slack_webapi_http_error": {
      const after = failed.statusCode >= 500 || failed.statusCode === 408;
      const words = `Slack's ${method} answered with status ${failed.statusCode}.`;
      return trouble(after ? unsure : "unreachable", words);
    }
    case "slack_webapi_request_error": {
      const why = neverLeft(failed.original);
      return why === null
        ? trouble(unsure, `Slack's ${method} did not answer: ${failed.original.message}.`)
        : trouble("unreachable", `Slack cannot be reached (${why}).`);
    }
    case "slack_webapi_platform_error":
      return spoken(failed, tried);
  }
}

function spoken(error: Spoken, { method, channel, once }: Tried): SlackTrouble {
  const word = slackError(error);
  const said = (code: ChatTroubleCode, message: string, retryAfterMs?: number) =>
    new SlackTrouble(code, message, word, retryAfterMs);
  const unsure = once ? "doubtful" : "unreachable";
  if (word === null) return said(unsure, `Slack's answer to ${method} is none of Slack's.`);
  if (LIMITED.has(word)) return said("rate-limited", "Slack asks to wait.", LIMITED_MS);
  if (HALFWAY.has(word)) return said(unsure, `Slack broke on ${method} (${word}).`);
  if (LATER.has(word)) return said("unreachable", `Slack cannot take ${method} now (${word}).`);
  const token = tokenFault(word);
  if (token !== null) return said("locked-out", token);
  const scope = missingScope(error);
  if (scope !== null) return said("locked-out", scopeWords(method, scope));
  const there = channelFault(word, channel);
  if (there !== null) return said(word === "not_in_channel" ? "locked-out" : "rejected", there);
  return said("rejected", `Slack refuses ${method}: ${word}.`);
}

function scopeWords(method: string, scope: string): string {
  return `Slack lets the app not use ${method} without the scope ${scope}: add it on the app's page and install the app again (missing_scope).`;
}

function trouble(code: ChatTroubleCode, message: string, retryAfterMs?: number): SlackTrouble {
  return new SlackTrouble(code, message, null, retryAfterMs);
}

/** Failures of a connection that was never made: nothing was sent over it. */
const BEFORE = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

function neverLeft(error: Error): string | null {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? String(cause.code) : "";
    if (BEFORE.test(code) || /^(?:ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) return code;
  }
  return null;
}
