import { refreshing, validating } from "../../commands/job-work.ts";
import { runJob } from "../../commands/run-job.ts";
import { tidyLine } from "../../core/text.ts";
import type { Finding, Validation } from "../../core/validation.ts";
import { byHand } from "./by-hand.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { conclude, printJson, printLine, printRefusal } from "./print.ts";

interface Json {
  readonly json?: boolean;
}

export const queueVerbs: VerbGroup = (program, cli) => {
  program
    .command("queue-validate")
    .description(
      "check the whole queue against every rule; ends with 1 where there is any finding, a warning too",
    )
    .option("--json", "print JSON: {valid, checkedAt, tasks, findings, omitted}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const firing = { ...byHand("queue-validate", cli), besideOthers: true };
        const run = await runJob(house, firing, () => validating(house));
        if (!run.ok) return printRefusal(cli, run.refusal);
        const validation = run.value;
        if (json === true) printJson(cli, validation);
        else printValidation(cli, validation);
        return validation.findings.length === 0 ? 0 : 1;
      }),
    );
  program
    .command("queue-operating-refresh")
    .description("make the brief that agents read, from a valid queue only")
    .option("--json", "print JSON: {revision, generatedAt, sha256, changed}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const firing = byHand("queue-operating-refresh", cli);
        const run = await runJob(house, firing, () => refreshing(house, cli.caller));
        return conclude(cli, run.ok ? run.value : run, (brief) => {
          if (json === true) return printJson(cli, brief);
          const { revision, generatedAt, sha256, changed } = brief;
          const same = changed ? "" : ", which the queue still says";
          return printLine(
            cli,
            `Brief revision ${revision} of ${generatedAt}${same}\n${sha256}  ${house.briefFile.path}`,
          );
        });
      }),
    );
};

function printValidation(cli: Cli, { valid, tasks, findings, omitted }: Validation): void {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const counted = `${errors} errors, ${findings.length - errors} warnings in ${tasks} tasks`;
  printLine(cli, `The queue is ${valid ? "valid" : "INVALID"}: ${counted}`);
  if (findings.length === 0) return;
  const width = Math.max(...findings.map((each) => aboutOf(each).length));
  for (const each of findings) {
    const head = `${each.code}  ${each.severity.padEnd(7)}  ${aboutOf(each).padEnd(width)}`;
    printLine(cli, `${head}  ${tidyLine(each.detail)}\n${" ".repeat(head.length)}  ${tidyLine(each.fix)}`);
  }
  for (const { code, suspects } of omitted) {
    printLine(
      cli,
      `${code}: ${suspects} more tasks were not looked at for this rule; mend those above first.`,
    );
  }
}

function aboutOf({ task, lane }: Finding): string {
  return task ?? (lane === undefined ? "queue" : `lane ${lane}`);
}
