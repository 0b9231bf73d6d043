import { type Cli, type VerbGroup, WrongUsage } from "./cli.ts";
import { printJson } from "./print.ts";

interface ManifestWords {
  readonly history: boolean;
  readonly json?: boolean;
  readonly yaml?: boolean;
  readonly http?: string | true;
}

export const slackVerbs: VerbGroup = (program, cli) => {
  const slack = program.command("slack").description("connect Gatehouse to Slack");
  slack
    .command("manifest")
    .description("print the app as Slack's settings take it: paste it at https://api.slack.com/apps")
    .option("--no-history", "hear no replies in threads: proof comes by mention, shortcut and button")
    .option(
      "--http [address]",
      "signed requests instead of Socket Mode, to the bot's address from outside (GATEHOUSE_PUBLIC_URL)",
    )
    .option("--json", "print JSON")
    .option("--yaml", "print YAML, as it does anyway")
    .action((words: ManifestWords) => printManifest(cli, words));
};

async function printManifest(cli: Cli, { history, json, yaml, http }: ManifestWords): Promise<void> {
  if (json === true && yaml === true)
    throw new WrongUsage("--json and --yaml are two ways to print one thing.");
  const manifest = await cli.host.slackManifest({ history, address: addressOf(cli, http) });
  if (json === true) return printJson(cli, manifest);
  const { stringify } = await import("yaml");
  cli.host.terminal.out(stringify(manifest, { lineWidth: 0 }));
}

/** Null: by Socket Mode. Slack sends nothing to an address without TLS. */
function addressOf({ host }: Cli, http: ManifestWords["http"]): string | null {
  if (http === undefined) return null;
  const address = http === true ? host.publicUrl() : http;
  if (address === undefined || !address.startsWith("https://") || !URL.canParse(address))
    throw new WrongUsage(
      "--http takes the bot's https:// address from outside, or GATEHOUSE_PUBLIC_URL has it.",
    );
  return address.replace(/\/+$/u, "");
}
