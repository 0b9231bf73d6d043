import { type House, noTask } from "../../commands/house.ts";
import type { Outcome } from "../../core/refusal.ts";
import type { Cli, ExitStatus } from "./cli.ts";
import { printJson, printLine, printRefusal } from "./print.ts";

/**
 * What a change of one task answers: a line, or with `--json` the task as the HTTP API shows it. The API's schemas
 * are loaded only for that, so that the other verbs start fast.
 */
export async function answerTask(
  cli: Cli,
  house: House,
  outcome: Outcome<unknown>,
  { key, json, said }: { readonly key: string; readonly json: boolean | undefined; readonly said: string },
): Promise<ExitStatus> {
  if (!outcome.ok) return printRefusal(cli, outcome.refusal);
  const facts = await house.queue.task(key);
  if (facts === null) return printRefusal(cli, noTask(key));
  if (json === true) {
    const { TaskJson, taskJson } = await import("../http/task-json.ts");
    printJson(cli, TaskJson.parse(taskJson(facts)));
  } else {
    printLine(cli, `${key} ${said}: ${facts.task.status}, version ${facts.task.version}`);
  }
  return 0;
}
