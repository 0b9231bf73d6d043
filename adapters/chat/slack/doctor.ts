import type { WebClient } from "@slack/web-api";
import type { ChatFinding } from "../../../src/ports/probes.ts";
import { clientOptions } from "./client.ts";
import { wantedScopes } from "./manifest.ts";
import { refusalWords, scopesWords, type TokenName } from "./receive/refusals.ts";
import { type SlackSettings, slackRefusal, webClient } from "./receive/web.ts";
import { HISTORY_SCOPES, missingScopes, NEEDED_SCOPES, SCOPES } from "./scopes.ts";

/** Whether Slack takes the tokens, and whether they may do what the manifest asks for. */
export async function slackFindings(settings: SlackSettings): Promise<readonly ChatFinding[]> {
  const bot = await botFindings(settings);
  return settings.appToken === undefined ? [...bot, byRequest()] : [...bot, await socketFinding(settings)];
}

async function botFindings(settings: SlackSettings): Promise<readonly ChatFinding[]> {
  const name = "slack";
  try {
    const client = await webClient(settings);
    const { team, user, response_metadata } = await client.auth.test();
    const granted = response_metadata?.scopes ?? [];
    const well = { name, ok: true, detail: `@${user ?? "?"} in ${team ?? "?"}`, fix: null };
    return [well, ...scopeFindings(granted)];
  } catch (error) {
    return [failed(name, "SLACK_BOT_TOKEN", error)];
  }
}

function scopeFindings(granted: readonly string[]): readonly ChatFinding[] {
  const name = "slack scopes";
  const missing = missingScopes(granted, wantedScopes({ history: false }));
  if (missing.length > 0) {
    const needed = NEEDED_SCOPES.some((scope) => missing.includes(scope));
    const what = missing.map((scope) => `${scope} (${SCOPES[scope] ?? "?"})`).join(", ");
    const detail = needed ? `lacks ${what}` : `without ${what}`;
    return [{ name, ok: false, detail, fix: scopesWords(missing) }];
  }
  const unheard = missingScopes(granted, Object.keys(HISTORY_SCOPES));
  return [
    unheard.length === 0
      ? { name, ok: true, detail: "all that the manifest asks for", fix: null }
      : {
          name,
          ok: true,
          detail: `without ${unheard.join(" and ")}: proof comes by mention, shortcut and button`,
          fix: "For replies in threads take the manifest of `gatehouse slack manifest`, without --no-history.",
        },
  ];
}

/** Opens nothing: it only asks whether it might. */
async function socketFinding(settings: SlackSettings): Promise<ChatFinding> {
  const name = "slack socket";
  try {
    const client = await appClient(settings);
    await client.apps.connections.open({});
    return { name, ok: true, detail: "Socket Mode can be opened", fix: null };
  } catch (error) {
    return failed(name, "SLACK_APP_TOKEN", error);
  }
}

async function appClient(settings: SlackSettings): Promise<WebClient> {
  const { WebClient: Client } = await import("@slack/web-api");
  return new Client(settings.appToken, clientOptions(settings));
}

function byRequest(): ChatFinding {
  const detail = "signed requests; whether Slack reaches the bot shows when the app's settings are saved";
  return { name: "slack requests", ok: true, detail, fix: null };
}

function failed(name: string, token: TokenName, error: unknown): ChatFinding {
  const refused = slackRefusal(error);
  if (refused !== null)
    return { name, ok: false, detail: `Slack says ${refused.error}`, fix: refusalWords(token, refused) };
  const why = error instanceof Error ? error.message : String(error);
  const fix = "Look whether this machine reaches the internet, or SLACK_API_URL where that is set.";
  return { name, ok: false, detail: `Slack cannot be reached: ${why}`, fix };
}
