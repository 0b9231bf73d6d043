import type { Command } from "commander";
import { exportQueue } from "../../commands/export-queue.ts";
import { importTasks } from "../../commands/import-tasks.ts";
import type { ImportReport } from "../../core/import/report.ts";
import type { Requirement } from "../../core/proof.ts";
import { type Cli, type VerbGroup, WrongUsage } from "./cli.ts";
import { conclude, printJson, printLine, printTable } from "./print.ts";
import { readRequirements } from "./read-arguments.ts";

/** What can be imported, in the order help lists it. A test holds it to the sources there are. */
export const SOURCES = {
  beads: "import a beads issue export (JSON lines)",
  markdown: "import a task list in Markdown, with headings as epics",
  jsonl: "import tasks as JSON lines, such as `gatehouse export` writes",
} as const;

interface ImportOptions {
  readonly lane?: string;
  readonly acceptance?: string;
  readonly require?: readonly Requirement[];
  readonly attestClosedBy?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const transferVerbs: VerbGroup = (program, cli) => {
  const group = program.command("import").description("bring in tasks from elsewhere; twice changes nothing");
  for (const [source, about] of Object.entries(SOURCES)) importVerb(group, cli, source, about);
  program
    .command("export")
    .description("print the whole queue as JSON lines, for `gatehouse import jsonl`")
    .action(() =>
      cli.inHouse(async (house) => {
        const { out, drained } = cli.host.terminal;
        await exportQueue(house, (line) => {
          out(`${line}\n`);
          return drained();
        });
        return 0;
      }),
    );
};

function importVerb(group: Command, cli: Cli, source: string, about: string): void {
  group
    .command(source)
    .description(about)
    .argument("<file>", "the file")
    .option("--lane <lane>", "the lane of tasks that name none")
    .option("--acceptance <text>", "the acceptance of tasks that have none")
    .option(
      "--require <json>",
      "the requirements of tasks that have none, as with task add",
      readRequirements,
    )
    .option(
      "--attest-closed-by <name>",
      "who vouches for closed ones: they come in as done, shown as attested",
    )
    .option("--dry-run", "report what would be done and write nothing")
    .option("--json", "print the report as JSON")
    .action(async (file: string, { require: requirements, json, ...settings }: ImportOptions) => {
      const text = await read(cli, file);
      await cli.inHouse(async (house) => {
        const progress = progressLine(cli);
        const input = { ...settings, requirements, source, text, progress: progress.show };
        const imported = await importTasks(house, input, cli.caller).finally(progress.clear);
        const status = conclude(cli, imported, (report) =>
          json === true ? printJson(cli, report) : printReport(cli, report),
        );
        return imported.ok && nothingTaken(imported.value) ? 1 : status;
      });
    });
}

/** Single rows that were refused are the report's to tell; a file of which no row could be taken is another file. */
function nothingTaken({ created, unchanged, changed, refused }: ImportReport): boolean {
  return refused.length > 0 && created + unchanged + changed === 0;
}

async function read(cli: Cli, file: string): Promise<Uint8Array> {
  try {
    return await cli.host.readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const why = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "this user may not read it",
    }[code];
    throw new WrongUsage(`${file} cannot be read: ${why ?? code}.`);
  }
}

const EVERY = 500;

/** How far long work is, on one line that is written over; nothing where nobody looks. */
function progressLine(cli: Cli): {
  readonly show: (done: number, total: number) => void;
  readonly clear: () => void;
} {
  const { err, errIsTty } = cli.host.terminal;
  let shown = false;
  return {
    show(done, total) {
      if (!errIsTty || total < EVERY) return;
      shown = true;
      err(`\r${done} of ${total} tasks`);
    },
    clear() {
      if (shown) err("\r\u001b[K");
    },
  };
}

function printReport(cli: Cli, report: ImportReport): void {
  const would = report.dryRun ? "would be " : "";
  printLine(
    cli,
    `${report.rows} rows of ${report.source}${report.dryRun ? ", as a dry run: nothing was written" : ""}`,
  );
  const counts: readonly (readonly [count: number, what: string])[] = [
    [report.created, `tasks ${would}created`],
    [report.unchanged, "here already, the same"],
    [report.changed, "here already, and changed there since: left as they are here"],
    [report.refused.length, "refused"],
    [report.epics, `epics ${would}added`],
    [report.dependencies, "dependencies"],
    [report.links, "other relations, kept as links"],
  ];
  for (const [count, what] of counts) if (count > 0) printLine(cli, `${String(count).padStart(7)}  ${what}`);
  const statuses = Object.entries(report.byStatus);
  if (statuses.length > 0) {
    printLine(cli, `\nAs ${statuses.map(([status, count]) => `${count} ${status}`).join(", ")}`);
  }
  if (report.mapped.length > 0) {
    printLine(cli, "");
    const rows = report.mapped.map(({ from, to, count, why }) => [count, from, to, why]);
    printTable(cli, ["ROWS", "CAME AS", "BECAME", "BECAUSE"], rows);
  }
  if (report.refused.length > 0) {
    printLine(cli, "");
    const rows = report.refused.map(({ line, id, field, why }) => [line, id, field, why]);
    printTable(cli, ["LINE", "ID", "FIELD", "REFUSED BECAUSE"], rows);
  }
}
