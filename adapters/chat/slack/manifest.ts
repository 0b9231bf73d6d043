import type { CommandEntry } from "../../../src/ports/chat-catalogue.ts";
import { HISTORY_SCOPES, SCOPES } from "./scopes.ts";

/** How the app is to be connected, and how much it may hear. */
export interface ManifestOptions {
  /** Replies below cards are heard; without it proof comes by mention, shortcut and button. */
  readonly history: boolean;
  /** Where the bot is reached from outside, for signed requests; null: Socket Mode. */
  readonly address: string | null;
}

/** The callbacks of the two shortcuts. */
export const ATTACH_SHORTCUT = "gate:attach";
export const FORM_SHORTCUT = "gate:form";
const COMMAND = "/gate";

/** Where Slack sends signed requests, below the bot's own address. */
export const REQUESTS = "/slack/events";

const EVENTS = ["app_home_opened", "app_mention", "message.im"] as const;
const HISTORY_EVENTS = ["message.channels", "message.groups"] as const;
const HINT_MAX = 1000;

/** The scopes of the bot's token that the manifest asks for. */
export function wantedScopes({ history }: Pick<ManifestOptions, "history">): readonly string[] {
  return [...Object.keys(SCOPES), ...(history ? Object.keys(HISTORY_SCOPES) : [])].toSorted();
}

/** The app as Slack's settings take it, made from the catalogue: paste it under “App Manifest”. */
export function slackManifest(catalogue: readonly CommandEntry[], options: ManifestOptions) {
  const { history, address } = options;
  const requestUrl = address === null ? null : `${address}${REQUESTS}`;
  const url = requestUrl === null ? {} : { request_url: requestUrl };
  return {
    display_information: {
      name: "Gatehouse",
      description:
        "The honest work queue for autonomous agents: nothing is done before its proof was checked.",
      long_description: longDescription(catalogue),
      background_color: "#1d3b53",
    },
    features: {
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: "gatehouse", always_online: true },
      shortcuts: shortcuts(),
      slash_commands: [slashCommand(catalogue, requestUrl)],
    },
    oauth_config: { scopes: { bot: wantedScopes(options) } },
    settings: {
      event_subscriptions: { ...url, bot_events: [...EVENTS, ...(history ? HISTORY_EVENTS : [])].toSorted() },
      interactivity: {
        is_enabled: true,
        ...url,
        ...(requestUrl === null ? {} : { message_menu_options_url: requestUrl }),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === null,
      token_rotation_enabled: false,
    },
  };
}

function shortcuts() {
  return [
    {
      name: "Attach as proof",
      type: "message",
      callback_id: ATTACH_SHORTCUT,
      description: "Attach the links of this message to a task; they are checked at once",
    },
    {
      name: "Run a /gate command",
      type: "global",
      callback_id: FORM_SHORTCUT,
      description: "Choose what to do, and fill in a form",
    },
  ];
}

/** Mentions and links come marked, so that a name or a label is never taken for what it stands for. */
function slashCommand(catalogue: readonly CommandEntry[], requestUrl: string | null) {
  const paths = catalogue.map(({ path }) => path).join(" | ");
  return {
    command: COMMAND,
    description: "The work queue: look, steer, answer, attach proof",
    usage_hint: paths.length <= HINT_MAX ? `[${paths}]` : "[help]",
    should_escape: true,
    ...(requestUrl === null ? {} : { url: requestUrl }),
  };
}

/** Slack wants at least 175 characters of it. */
function longDescription(catalogue: readonly CommandEntry[]): string {
  const lines = catalogue.map(({ path, summary }) => `${COMMAND} ${path}: ${summary}`);
  const about =
    "Agents pull work from one queue, prove what they did, and people steer from here. A task is announced as complete only after every proof its policy asks for was checked by the bot itself.";
  return [about, "", ...lines].join("\n").slice(0, 4000);
}
