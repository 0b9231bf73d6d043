import { APP_SCOPE } from "../scopes.ts";
import type { SlackRefusal } from "./web.ts";

export type TokenName = "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN";

const WHERE = "https://api.slack.com/apps";
/** Where each token is found in the app's settings. */
const FOUND: Readonly<Record<TokenName, string>> = {
  SLACK_BOT_TOKEN: `the app's “OAuth & Permissions” at ${WHERE} (it begins with xoxb-)`,
  SLACK_APP_TOKEN: `the app's “Basic Information”, “App-Level Tokens” at ${WHERE} (it begins with xapp- and has ${APP_SCOPE})`,
};

/** Why Slack does not let the bot in, which token that is about, and how to mend it. */
export function refusalWords(token: TokenName, { error, needed }: SlackRefusal): string {
  const again = `Copy it anew from ${FOUND[token]}, then start Gatehouse again.`;
  switch (error) {
    case "invalid_auth":
    case "not_authed":
      return `Slack does not know the token in ${token} (${error}). ${again}`;
    case "token_revoked":
    case "token_expired":
    case "account_inactive":
    case "app_uninstalled":
      return `The token in ${token} was revoked or its app uninstalled (${error}). Install the app to the workspace again at ${WHERE}. ${again}`;
    case "not_allowed_token_type":
      return `The token in ${token} is of another kind (${error}). ${again}`;
    case "missing_scope":
    case "no_permission":
      return `The token in ${token} lacks the scope ${needed ?? "this needs"} (${error}). ${scopeWords(token)}`;
    case "link_disabled":
    case "socket_mode_not_enabled":
    case "socket_mode_disabled":
      return `Socket Mode is switched off for this app (${error}). Switch it on under “Socket Mode” at ${WHERE}, or set SLACK_SIGNING_SECRET in place of SLACK_APP_TOKEN.`;
    default:
      return `Slack refuses ${token}: ${error}. \`gatehouse doctor\` looks closer.`;
  }
}

function scopeWords(token: TokenName): string {
  return token === "SLACK_APP_TOKEN"
    ? `Make an app-level token with ${APP_SCOPE} under “Basic Information” at ${WHERE}.`
    : `Update the app with \`gatehouse slack manifest\` under “App Manifest” at ${WHERE}, then install it to the workspace again.`;
}

/** What the token is short of, though it is good. */
export function scopesWords(missing: readonly string[]): string {
  return `The token in SLACK_BOT_TOKEN lacks ${missing.join(", ")}. ${scopeWords("SLACK_BOT_TOKEN")}`;
}
