import type { VerbGroup } from "./cli.ts";
import { printLine } from "./print.ts";

export const serveVerb: VerbGroup = (program, cli) => {
  program
    .command("serve")
    .description("run the bot: the queue, its API, the local chat and the dashboard")
    // Scripts wait for this one line: it is printed when the address answers, not before.
    .action(() => cli.host.serve((url) => printLine(cli, `Gatehouse is ready at ${url}`)));
};
