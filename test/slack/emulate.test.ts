// The same adapter against a Slack that others wrote: it shows that we write and read Slack's shapes, and not our own idea of
// them. It takes nearly anything, so limits, rates and faults are in the tests on our own stand-in.
import { createEmulator } from "emulate";
import { slackPlatform } from "../../adapters/chat/slack/platform.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import { chatPlatformContract } from "../chat/platform-contract.ts";
import { BOT_TOKEN } from "./server.ts";

const NAMES: Readonly<Record<string, string>> = {
  hourglass_flowing_sand: "⏳",
  white_check_mark: "✅",
  x: "❌",
};

chatPlatformContract("the emulator of Slack", async () => {
  const emulator = await createEmulator({
    service: "slack",
    port: 0,
    seed: {
      tokens: { [BOT_TOKEN]: { login: "gatehouse", scopes: ["chat:write"] } },
      slack: {
        team: { name: "Acme", domain: "acme" },
        users: [{ name: "gatehouse", real_name: "Gatehouse" }],
        channels: [{ name: "general" }],
      },
    },
  });
  const call = async (method: string, args: Record<string, string>): Promise<any> => {
    const headers = { authorization: `Bearer ${BOT_TOKEN}` };
    const body = new URLSearchParams(args);
    return (await fetch(`${emulator.url}/api/${method}`, { method: "POST", headers, body })).json();
  };
  const { channels } = await call("conversations.list", {});
  const channel: string = channels[0].id;
  return {
    platform: slackPlatform({
      botToken: BOT_TOKEN,
      apiUrl: `${emulator.url}/api`,
      clock: systemClock,
      timezone: "UTC",
      tell: () => undefined,
    }),
    channel,
    async somebodyWrites(text, below) {
      const thread = below === undefined ? {} : { thread_ts: below };
      return (await call("chat.postMessage", { channel, text, ...thread })).ts;
    },
    async seen() {
      const { messages } = await call("conversations.history", { channel });
      const threads = await Promise.all(
        messages.toReversed().map(({ ts }: any) => call("conversations.replies", { channel, ts })),
      );
      return threads
        .flatMap((thread) => thread.messages)
        .map(({ ts, thread_ts: head, text, reactions = [] }: any) => ({
          anchor: ts,
          below: head === undefined || head === ts ? null : head,
          text,
          reaction: reactions.map(({ name }: any) => NAMES[name]).join(" and ") || null,
        }));
    },
    close: () => emulator.close(),
  };
});
