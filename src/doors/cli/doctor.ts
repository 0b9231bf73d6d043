import type { VerbGroup } from "./cli.ts";
import { printJson, printLine } from "./print.ts";

export const doctorVerb: VerbGroup = (program, cli) => {
  program
    .command("doctor")
    .description("check everything Gatehouse needs, and say what to do about the rest")
    .option("--json", "print JSON: {checks}")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { checks, reachable } = await cli.host.diagnose();
      if (json === true) printJson(cli, { checks });
      else {
        const width = Math.max(...checks.map(({ name }) => name.length));
        for (const { name, ok, detail, fix } of checks) {
          printLine(cli, `${ok ? "ok   " : "WRONG"}  ${name.padEnd(width)}  ${detail}`);
          if (fix !== null) printLine(cli, `${" ".repeat(width + 9)}${fix}`);
        }
      }
      cli.end(!reachable ? 3 : checks.every(({ ok }) => ok) ? 0 : 1);
    });
};
