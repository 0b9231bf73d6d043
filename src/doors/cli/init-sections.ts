/** One setting `init` asks for. */
export interface Question {
  readonly variable: string;
  /** What to answer, and where it is found. */
  readonly ask: string;
  /** Not shown while it is typed. */
  readonly secret: boolean;
}

/** A platform somebody may want to connect: what to do there first, and what to bring back. */
export interface Section {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** What to do before the questions, a line each. */
  readonly steps: readonly string[];
  readonly questions: readonly Question[];
}

/** What `gatehouse init` can set up, in the order it asks. A new one is an entry here. */
export const sections: readonly Section[] = [
  {
    name: "slack",
    label: "Slack",
    hint: "/gate, cards and threads, by Socket Mode",
    steps: [
      "In another terminal: gatehouse slack manifest > gatehouse.yaml",
      "At https://api.slack.com/apps: Create New App, From a manifest, and paste it.",
      "Install App: install it to the workspace.",
      "Basic Information, App-Level Tokens: generate one with connections:write.",
    ],
    questions: [
      {
        variable: "SLACK_BOT_TOKEN",
        ask: "Bot token, from OAuth & Permissions (xoxb-…)",
        secret: true,
      },
      {
        variable: "SLACK_APP_TOKEN",
        ask: "App-level token, from Basic Information (xapp-…)",
        secret: true,
      },
    ],
  },
  {
    name: "discord",
    label: "Discord",
    hint: "/gate, cards and threads",
    steps: [
      "At https://discord.com/developers/applications: New Application.",
      "Bot: Reset Token, and copy it.",
      "Bot: tick Message Content Intent if links below a card shall be picked up by themselves.",
      "Afterwards: gatehouse discord invite prints the link that lets the bot into your server.",
    ],
    questions: [
      { variable: "DISCORD_TOKEN", ask: "The bot's token", secret: true },
      {
        variable: "DISCORD_GUILD_ID",
        ask: "The server's id (right click on its name, Copy Server ID)",
        secret: false,
      },
    ],
  },
];
