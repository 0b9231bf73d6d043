import type { Command } from "commander";
import { addTask } from "../../commands/add-task.ts";
import { type EditTask, editTask } from "../../commands/edit-task.ts";
import { noTask } from "../../commands/house.ts";
import type { Requirement } from "../../core/proof.ts";
import type { Priority } from "../../core/task.ts";
import { type Cli, WrongUsage } from "./cli.ts";
import { printRefusal } from "./print.ts";
import { collect, readInstant, readPriority, readRequirements, readWholeNumber } from "./read-arguments.ts";
import { answerTask } from "./task-answer.ts";

interface AddOptions {
  readonly lane?: string;
  readonly acceptance?: string;
  readonly require?: readonly Requirement[];
  readonly epic?: string;
  readonly priority?: Priority;
  readonly dependsOn?: readonly string[];
  readonly notBefore?: number;
  readonly body?: string;
  readonly maxAttempts?: number;
  readonly maxLapses?: number;
  readonly draft?: boolean;
  readonly json?: boolean;
}

export function addVerb(task: Command, cli: Cli): void {
  task
    .command("add")
    .description("add a task to the queue")
    .argument("<title>", "what is to be done, on one line")
    .option("--lane <lane>", "who may pull it")
    .option("--acceptance <text>", "when it is done, in words")
    .option("--require <json>", REQUIRE, readRequirements)
    .option("--epic <key>", "the epic it belongs to (without: GATE)")
    .option("--priority <priority>", "P0 to P4; P0 comes first (without: P2)", readPriority)
    .option("--depends-on <key>", "a task that must be done first; may be said more than once", collect)
    .option("--not-before <time>", "not before this time, ISO 8601", readInstant)
    .option("--body <text>", "more about it")
    .option("--max-attempts <n>", "attempts that may fail before it is dead (without: 3)", readWholeNumber)
    .option("--max-lapses <n>", "leases that may lapse before it is dead (without: 10)", readWholeNumber)
    .option("--draft", "keep it out of the queue: lane, acceptance and requirements may come later")
    .option("--json", "print the task as JSON")
    .action((title: string, options: AddOptions) =>
      cli.inHouse(async (house) => {
        const { require: requirements = [], maxAttempts, maxLapses, json, ...rest } = options;
        const limits = limitsOf(maxAttempts, maxLapses);
        const added = await addTask(house, { ...rest, title, requirements, limits }, cli.caller);
        return answerTask(cli, house, added, { key: added.ok ? added.value : "", json, said: "added" });
      }),
    );
}

const REQUIRE =
  'what proves it: a requirement as JSON, such as {"name":"report","kind":"file","path":"report.txt"}, or an array; may be said more than once';

function limitsOf(maxAttempts: number | undefined, maxLapses: number | undefined): EditTask["limits"] {
  return {
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(maxLapses === undefined ? {} : { maxLapses }),
  };
}

interface EditOptions extends AddOptions {
  readonly title?: string;
  readonly queue?: boolean;
  readonly anyTime?: boolean;
  readonly independent?: boolean;
  readonly version?: number;
}

export function editVerb(task: Command, cli: Cli): void {
  task
    .command("edit")
    .description("change what is said of a task; what is not said stays")
    .argument("<key>", "the task, such as CLIP-12")
    .option("--title <text>")
    .option("--body <text>")
    .option("--acceptance <text>")
    .option("--lane <lane>")
    .option("--epic <key>")
    .option("--priority <priority>", "P0 to P4", readPriority)
    .option("--require <json>", "all its requirements anew, as with add", readRequirements)
    .option("--depends-on <key>", "all it waits for anew; may be said more than once", collect)
    .option("--independent", "let it wait for no other task")
    .option("--not-before <time>", "not before this time, ISO 8601", readInstant)
    .option("--any-time", "let it wait for no time")
    .option("--max-attempts <n>", "attempts that may fail before it is dead", readWholeNumber)
    .option("--max-lapses <n>", "leases that may lapse before it is dead", readWholeNumber)
    .option("--draft", "take it out of the queue")
    .option("--queue", "put a draft into the queue")
    .option(
      "--version <n>",
      "only if the task is still at this version (without: as it stands now)",
      readWholeNumber,
    )
    .option("--json", "print the task as JSON")
    .action((key: string, options: EditOptions) =>
      cli.inHouse(async (house) => {
        const edits = editsOf(options);
        if (Object.values(edits).every((value) => value === undefined)) {
          throw new WrongUsage(
            "Say what to change, such as --priority P0; `gatehouse task edit --help` lists it.",
          );
        }
        const version = options.version ?? (await house.queue.task(key))?.task.version;
        if (version === undefined) return printRefusal(cli, noTask(key));
        const edited = await editTask(house, { ...edits, key, version }, cli.caller);
        return answerTask(cli, house, edited, { key, json: options.json, said: "edited" });
      }),
    );
}

function editsOf(options: EditOptions): Omit<EditTask, "key" | "version"> {
  const {
    title,
    body,
    acceptance,
    lane,
    epic,
    priority,
    require: requirements,
    maxAttempts,
    maxLapses,
  } = options;
  const apart: readonly (readonly [one: keyof EditOptions, other: keyof EditOptions])[] = [
    ["draft", "queue"],
    ["notBefore", "anyTime"],
    ["dependsOn", "independent"],
  ];
  for (const [one, other] of apart) {
    if (options[one] !== undefined && options[other] !== undefined) {
      throw new WrongUsage(`--${dashed(one)} and --${dashed(other)} cannot both be said.`);
    }
  }
  const limits = limitsOf(maxAttempts, maxLapses);
  return {
    title,
    body,
    acceptance,
    lane,
    epic,
    priority,
    requirements,
    dependsOn: options.independent === true ? [] : options.dependsOn,
    notBefore: options.anyTime === true ? null : options.notBefore,
    limits: maxAttempts === undefined && maxLapses === undefined ? undefined : limits,
    draft: options.draft === true ? true : options.queue === true ? false : undefined,
  };
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
