import { postHeartbeats } from "../../commands/post-heartbeats.ts";
import { runJob } from "../../commands/run-job.ts";
import { byHand } from "./by-hand.ts";
import type { VerbGroup } from "./cli.ts";
import { conclude, printJson, printTable } from "./print.ts";

export const heartbeatVerb: VerbGroup = (program, cli) => {
  program
    .command("heartbeat")
    .description("bring the live message of each channel up to date, as the job does every half hour")
    .option("--json", "print JSON: {channels}")
    .action(({ json }: { readonly json?: boolean }) =>
      cli.inHouse(async (house) => {
        const run = await runJob(house, byHand("heartbeat", cli), () => postHeartbeats(house));
        return conclude(cli, run, (channels) => {
          if (json === true) return printJson(cli, { channels });
          return printTable(
            cli,
            ["CHANNEL", "WAS"],
            channels.map(({ channel, said }) => [channel, said === "nothing" ? "told nothing" : said]),
          );
        });
      }),
    );
};
