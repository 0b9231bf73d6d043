import { environmentExample } from "../../environment-example.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { askSettings } from "./init-ask.ts";
import { printLine } from "./print.ts";

const FILE = ".env";
const NEXT = `Next:
  gatehouse serve                                                   the bot, at the address it prints
  gatehouse lane set builder --route PROVIDER/MODEL                 who may work, and on what
  gatehouse agent add ada --lane builder                            an agent and its key
  gatehouse task add TITLE --lane builder --acceptance TEXT --require JSON
  gatehouse role grant slack:MEMBER_ID admin                        who may steer from a chat
  gatehouse doctor                                                  whether anything is missing`;

export const initVerb: VerbGroup = (program, cli) => {
  program
    .command("init")
    .description("write a .env with every setting explained, make the database, and say what comes next")
    .option("--no-questions", "ask nothing, also at a terminal")
    .action(async ({ questions }: { readonly questions: boolean }) => {
      const { person } = cli.host;
      const settings = person === null || !questions ? {} : await askSettings(person);
      if (settings === null) return cli.end(1);
      await writeSettings(cli, settings);
      return cli.inHouse(async (house) => {
        await house.queue.now();
        printLine(cli, "The database is there and can be written.");
        printLine(cli, NEXT);
        return 0;
      });
    });
};

/** What stands in a file that is there is somebody's: it is kept, and only what it lacks is added. */
async function writeSettings(cli: Cli, settings: Readonly<Record<string, string>>): Promise<void> {
  const { host } = cli;
  if (await host.writeNewFile(FILE, filledIn(settings))) {
    printLine(cli, "Wrote .env: every line in it is optional.");
    return;
  }
  const there = new TextDecoder().decode(await host.readFile(FILE));
  const missing = Object.entries(settings).filter(([name]) => !hasLine(there, name));
  const kept = Object.keys(settings).filter((name) => hasLine(there, name));
  if (missing.length > 0) {
    const lines = missing.map(([name, value]) => settingLine(name, value)).join("\n");
    await host.addToFile(FILE, `${there === "" || there.endsWith("\n") ? "" : "\n"}${lines}\n`);
    printLine(cli, `Added to .env: ${missing.map(([name]) => name).join(", ")}.`);
  }
  if (kept.length > 0) printLine(cli, `There already, and left as they were: ${kept.join(", ")}.`);
  if (missing.length === 0) printLine(cli, "There is a .env already; it was left as it is.");
}

function hasLine(file: string, name: string): boolean {
  return new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "mu").test(file);
}

/** The example with the settings in the place of their own lines. */
function filledIn(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^# ${name}=.*$`, "mu"), () => settingLine(name, value)),
    environmentExample,
  );
}

/** Quoted where the file would read a character of it as something else. */
function settingLine(name: string, value: string): string {
  if (/^[\w.:/@+-]+$/u.test(value)) return `${name}=${value}`;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark)) ?? "'";
  return `${name}=${quote}${value}${quote}`;
}
