/** What the bot's token is asked for, and what for. Least privilege: nothing here reads a channel it is not named in. */
export const SCOPES: Readonly<Record<string, string>> = {
  commands: "`/gate`, shortcuts and forms",
  "chat:write": "cards, digests and answers",
  "app_mentions:read": "messages that name the bot",
  "reactions:write": "⏳ ✅ ❌ on what people attach",
  "usergroups:read": "roles by user group",
  "im:history": "messages to the bot alone",
  "im:write": "answers to one person alone",
};

/** What hearing replies in threads takes; without it proof comes by mention, shortcut and button. */
export const HISTORY_SCOPES: Readonly<Record<string, string>> = {
  "channels:history": "replies below cards in public channels",
  "groups:history": "replies below cards in private channels",
};

/** Without these nothing works. */
export const NEEDED_SCOPES = ["commands", "chat:write"] as const;

/** What the app-level token is asked for: Socket Mode. */
export const APP_SCOPE = "connections:write";

/** The scopes that were not granted, as sentences. */
export function missingScopes(granted: readonly string[], wanted: readonly string[]): readonly string[] {
  return wanted.filter((scope) => !granted.includes(scope));
}
