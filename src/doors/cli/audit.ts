import type { VerbGroup } from "./cli.ts";
import { isoTime, printJson, printTable } from "./print.ts";
import { readWholeNumber } from "./read-arguments.ts";

const PAGE = 100;
const PAGE_MAX = 10_000;

interface ShowOptions {
  readonly task?: string;
  readonly after?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

export const auditVerbs: VerbGroup = (program, cli) => {
  program
    .command("audit")
    .description("look at the event log, which is never changed")
    .command("show")
    .description("print events, oldest first")
    .option("--task <key>", "only of this task")
    .option("--after <id>", "only after this event (without: the newest)", readWholeNumber)
    .option("--limit <n>", `how many (without: ${PAGE})`, readWholeNumber)
    .option("--json", "print JSON: {events}")
    .action(({ task, after, limit: wanted, json }: ShowOptions) =>
      cli.inHouse(async (house) => {
        const limit = Math.max(1, Math.min(wanted ?? PAGE, PAGE_MAX));
        const from = after ?? (task === undefined ? Math.max(0, (await house.log.lastEvent()) - limit) : 0);
        const events = await house.log.events({ after: from, task, limit });
        if (json === true)
          printJson(cli, { events: events.map((each) => ({ ...each, at: isoTime(each.at) })) });
        else {
          printTable(
            cli,
            ["ID", "AT", "TASK", "VERSION", "EVENT", "BY", "DATA"],
            events.map((each) => [
              each.id,
              isoTime(each.at),
              each.task,
              each.version,
              each.kind,
              each.actor,
              JSON.stringify(each.data),
            ]),
          );
        }
        return 0;
      }),
    );
};
