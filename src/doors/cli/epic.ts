import { addEpic } from "../../commands/add-epic.ts";
import { missing } from "../../core/refusal.ts";
import type { Epic } from "../../core/task.ts";
import type { VerbGroup } from "./cli.ts";
import { conclude, printJson, printLine, printRefusal, printTable } from "./print.ts";

interface Json {
  readonly json?: boolean;
}

export const epicVerbs: VerbGroup = (program, cli) => {
  const epic = program.command("epic").description("add and look at epics");
  epic
    .command("add")
    .description("add an epic; its tasks are KEY-1, KEY-2 …")
    .argument("<key>", "capital letters and digits, such as CLIP")
    .argument("<title>", "what it is about, on one line")
    .option("--goal <text>", "what is true when it is reached")
    .option("--json", "print the epic as JSON")
    .action((key: string, title: string, { goal, json }: Json & { readonly goal?: string }) =>
      cli.inHouse(async (house) =>
        conclude(cli, await addEpic(house, { key, title, goal }, cli.caller), (added) =>
          json === true
            ? printJson(cli, epicJson(added))
            : printLine(cli, `Epic ${added.key} added: ${added.title}`),
        ),
      ),
    );
  epic
    .command("list")
    .description("list the epics and how far they are")
    .option("--json", "print JSON: {epics}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const epics = await house.roster.epics();
        if (json === true)
          printJson(cli, {
            epics: epics.map(({ tasks, done, ...each }) => ({ ...epicJson(each), tasks, done })),
          });
        else {
          const rows = epics.map(({ key, title, tasks, done }) => [key, tasks, done, title]);
          printTable(cli, ["KEY", "TASKS", "DONE", "TITLE"], rows);
        }
        return 0;
      }),
    );
  epic
    .command("show")
    .description("show one epic")
    .argument("<key>", "the epic, such as CLIP")
    .option("--json", "print JSON")
    .action((key: string, { json }: Json) =>
      cli.inHouse(async (house) => {
        const found = (await house.roster.epics()).find((each) => each.key === key);
        if (found === undefined) {
          return printRefusal(cli, missing("epic", key, "`gatehouse epic list` shows the epics."));
        }
        const { title, goal, tasks, done } = found;
        if (json === true) printJson(cli, { ...epicJson(found), tasks, done });
        else {
          printLine(cli, `${key}  ${title}`);
          if (goal !== "") printLine(cli, `goal         ${goal}`);
          printLine(cli, `tasks        ${tasks}, ${done} of them done`);
          printLine(cli, `\nIts tasks: gatehouse task list --epic ${key}`);
        }
        return 0;
      }),
    );
};

function epicJson({ key, title, goal }: Omit<Epic, "id">) {
  return { key, title, goal };
}
