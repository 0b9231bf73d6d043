// Everything that talks to Slack, in and out, on the stand-in: what a person does there, and what the channel shows after it.
import { slackPlatform } from "../../../adapters/chat/slack/platform.ts";
import { deliverOutbox } from "../../../src/jobs/deliver-outbox.ts";
import { answerProofReplies } from "../../../src/jobs/proof-replies.ts";
import { updateTaskCards } from "../../../src/jobs/task-cards.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../../support/house.ts";
import { OPERATOR, verified } from "../../support/story.ts";
import { BOT_TOKEN, type SlackOptions, type SlackStandIn, startSlack } from "../server.ts";
import type { SlackMessage } from "../workspace.ts";
import { found, type RunningBot, startBot } from "./bot.ts";

export const CHANNEL = "C0GENERAL";

export interface Story {
  readonly open: TestHouse;
  readonly slack: SlackStandIn;
  readonly bot: RunningBot;
  /** Until nothing that came in, is to be checked or is to be said waits any more. */
  settle(): Promise<void>;
  /** What stands in the channel: heads and, where one is named, what stands below it. */
  heads(): readonly SlackMessage[];
  below(head: string): readonly SlackMessage[];
  /** The card of a task, which must be the only one. */
  card(key: string): SlackMessage;
  /** The names of the bot's reactions on a message. */
  reactions(ts: string): readonly string[];
  close(): Promise<void>;
}

/** A channel that is told everything, and Ada, who may steer. */
export async function beginStory(options: SlackOptions = {}): Promise<Story> {
  const open = await openTestHouse();
  const { house } = open;
  await seedRoster(house);
  const ada = { platform: "slack", sort: "person", subject: "U0ADA", role: "operator" } as const;
  await house.roles.grant(ada, OPERATOR.actor);
  await house.channels.setChannel({ platform: "slack", name: CHANNEL }, {});
  const slack = await startSlack({ rates: false, ...options });
  const bot = startBot({ house, slack });
  await slack.sockets.connected(2);
  // Its clock runs a thousand times as fast: it never has to wait for its turn in a channel.
  const began = Date.now();
  const platform = slackPlatform({
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    timezone: "UTC",
    tell: () => undefined,
    clock: { now: () => began + (Date.now() - began) * 1000, sleep: () => Promise.resolve() },
  });
  const heads = () => slack.workspace.heads(CHANNEL);
  return {
    open,
    slack,
    bot,
    heads,
    async settle() {
      for (;;) {
        await found(async () => (await house.inbox.dueInMs(["slack"])) === null);
        const before = await house.log.lastEvent();
        await verified(house);
        await updateTaskCards(house);
        await answerProofReplies(house);
        while ((await deliverOutbox(house, [platform])).nextDueMs === 0);
        const after = await house.log.lastEvent();
        if (before === after && (await house.outbox.dueInMs(["slack"])) === null) return;
      }
    },
    below: (head) =>
      slack.messages(CHANNEL).filter(({ thread_ts: thread, ts }) => thread === head && ts !== head),
    card(key) {
      const cards = heads().filter(({ text }) => text.startsWith(`${key} `));
      const [card] = cards;
      if (card === undefined || cards.length > 1) throw new Error(`${key} has ${cards.length} cards`);
      return card;
    },
    reactions: (ts) => [...(slack.workspace.message(CHANNEL, ts)?.reactions.keys() ?? [])],
    async close() {
      await bot.stop();
      await slack.close();
      await open.close();
    },
  };
}
