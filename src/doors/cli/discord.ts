import type { VerbGroup } from "./cli.ts";
import { printJson, printLine } from "./print.ts";

export const discordVerbs: VerbGroup = (program, cli) => {
  const discord = program.command("discord").description("connect Gatehouse to Discord");
  discord
    .command("invite")
    .description("print the link that lets the bot into a server, with the least it works with")
    .option("--json", "print JSON: {url}")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const url = await cli.host.discordInvite();
      if (json === true) printJson(cli, { url });
      else printLine(cli, url);
    });
};
