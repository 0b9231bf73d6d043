import { environmentExample } from "../../environment-example.ts";
import type { VerbGroup } from "./cli.ts";
import { printLine } from "./print.ts";

const NEXT = `Next:
  gatehouse serve                                                   the bot, at the address it prints
  gatehouse lane set builder --route PROVIDER/MODEL                 who may work, and on what
  gatehouse agent add ada --lane builder                            an agent and its key
  gatehouse task add TITLE --lane builder --acceptance TEXT --require JSON
  gatehouse doctor                                                  whether anything is missing`;

export const initVerb: VerbGroup = (program, cli) => {
  program
    .command("init")
    .description("write a .env with every setting explained, make the database, and say what comes next")
    .action(async () => {
      const written = await cli.host.writeNewFile(".env", environmentExample);
      printLine(
        cli,
        written
          ? "Wrote .env: every line in it is optional."
          : "There is a .env already; it was left as it is.",
      );
      await cli.inHouse(async (house) => {
        await house.queue.now();
        printLine(cli, "The database is there and can be written.");
        printLine(cli, NEXT);
        return 0;
      });
    });
};
