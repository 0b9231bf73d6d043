import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import { writeLine } from "../../src/ports/chat-catalogue.ts";
import { chatReceiverContract, type Values } from "../chat/receiver-contract.ts";
import { BOT_TOKEN, startSlack } from "./server.ts";
import { answers, found, newReceiver } from "./support/bot.ts";

const CHANNEL = "C0GENERAL";
const NAMES: Readonly<Record<string, string>> = {
  hourglass_flowing_sand: "⏳",
  white_check_mark: "✅",
  x: "❌",
};

chatReceiverContract("Slack", async () => {
  const slack = await startSlack({ rates: false });
  const began = Date.now();
  const typed = async (verb: string, values: Values, user: string) => {
    const before = slack.responses.length;
    await slack.slash(writeLine(verb, values).replace(/^\/gate /u, ""), { user });
    return { answer: found(() => slack.responses.length > before).then(() => answers(slack)[before] ?? "") };
  };
  return {
    platform: slackPlatform({
      botToken: BOT_TOKEN,
      apiUrl: slack.apiUrl,
      timezone: "UTC",
      tell: () => undefined,
      // Runs a thousand times as fast: it never has to wait for its turn in a channel.
      clock: { now: () => began + (Date.now() - began) * 1000, sleep: () => Promise.resolve() },
    }),
    receiver: () => newReceiver(slack, { gapMs: 0 }),
    channel: CHANNEL,
    person: "U0ADA",
    actor: "person:slack:U0ADA",
    connected: () => slack.sockets.connected(2),
    gone: () => slack.sockets.connected(0),
    types: (verb, values) => typed(verb, values, "U0ADA"),
    strangerTypes: async (verb, values) => (await typed(verb, values, "U0BEN")).answer,
    async writes(text, head, times = 1) {
      const { ts, event } = slack.write(text, { thread: head });
      for (let time = 0; time < times; time += 1)
        await slack.event(event, time === 0 ? {} : { retry: { attempt: time, reason: "http_timeout" } });
      return ts;
    },
    rewrites: async (message, text) => void (await slack.event(slack.rewrite(CHANNEL, message, text))),
    erases: async (message) => void (await slack.event(slack.erase(CHANNEL, message))),
    presses: async (message, label) => void (await slack.press(CHANNEL, message, label)),
    reactions: (message) => {
      const names = [...(slack.workspace.message(CHANNEL, message)?.reactions.keys() ?? [])];
      return Promise.resolve(names.map((name) => NAMES[name] ?? name));
    },
    close: () => slack.close(),
  };
});
