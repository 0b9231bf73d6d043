import type { SlackSettings } from "../../adapters/chat/slack/client.ts";
import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import { chatPlatformContract } from "../chat/platform-contract.ts";
import { BOT_TOKEN, type SlackStandIn, startSlack } from "./server.ts";

const CHANNEL = "C0GENERAL";

const NAMES: Readonly<Record<string, string>> = {
  hourglass_flowing_sand: "⏳",
  white_check_mark: "✅",
  x: "❌",
};

chatPlatformContract("Slack", async () => {
  const slack = await startSlack();
  return {
    platform: slackPlatform(settings(slack)),
    channel: CHANNEL,
    somebodyWrites: async (text, below) => slack.write(text, below === undefined ? {} : { thread: below }).ts,
    seen: async () =>
      slack.messages(CHANNEL).map(({ ts, text, thread_ts: below, reactions }) => {
        const names = [...reactions.keys()].map((name) => NAMES[name]).join(" and ");
        return { anchor: ts, below, text, reaction: names || null };
      }),
    close: () => slack.close(),
  };
});

function settings(slack: SlackStandIn, more: Partial<SlackSettings> = {}): SlackSettings {
  return {
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    clock: systemClock,
    timezone: "UTC",
    tell: () => undefined,
    ...more,
  };
}
