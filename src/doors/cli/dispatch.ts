import { dispatchReadyWork } from "../../commands/dispatch-ready-work.ts";
import { runJob } from "../../commands/run-job.ts";
import { byHand } from "./by-hand.ts";
import type { VerbGroup } from "./cli.ts";
import { conclude, printJson, printLine, printTable } from "./print.ts";

export const dispatchVerb: VerbGroup = (program, cli) => {
  program
    .command("dispatch-ready-work")
    .description("take back what lapsed, then offer what is runnable to lanes that do not pull")
    .option("--json", "print JSON: {reclaimed, promoted, lanes}")
    .action(({ json }: { readonly json?: boolean }) =>
      cli.inHouse(async (house) => {
        const run = await runJob(house, byHand("dispatch-ready-work", cli), () => dispatchReadyWork(house));
        return conclude(cli, run, (dispatched) => {
          if (json === true) return printJson(cli, dispatched);
          const { reclaimed, promoted, lanes } = dispatched;
          printLine(cli, `${reclaimed} taken back, ${promoted} let in`);
          return printTable(
            cli,
            ["LANE", "OFFERED", "NOTHING BECAUSE"],
            lanes.map(({ lane, offered, skipped }) => [lane, offered.join(", "), skipped]),
          );
        });
      }),
    );
};
