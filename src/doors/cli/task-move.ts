import type { Command } from "commander";
import { blockTask } from "../../commands/block-task.ts";
import { cancelTask } from "../../commands/cancel-task.ts";
import type { Caller, House } from "../../commands/house.ts";
import { prioritizeTask } from "../../commands/prioritize-task.ts";
import { reopenTask, requeueTask } from "../../commands/requeue-task.ts";
import { unblockTask } from "../../commands/unblock-task.ts";
import type { Outcome } from "../../core/refusal.ts";
import type { Cli } from "./cli.ts";
import { collect, readPriority, readWholeNumber } from "./read-arguments.ts";
import { answerTask } from "./task-answer.ts";

interface MoveOptions {
  readonly reason: string;
  readonly version?: number;
  readonly json?: boolean;
}

type Move = (
  house: House,
  input: { readonly key: string; readonly version?: number | undefined; readonly reason: string },
  caller: Caller,
) => Promise<Outcome<unknown>>;

/** The verbs that take a key and a reason and nothing else. */
const MOVES: readonly {
  readonly verb: string;
  readonly past: string;
  readonly about: string;
  readonly why: string;
  readonly move: Move;
}[] = [
  {
    verb: "unblock",
    past: "unblocked",
    about: "answer a blocked task's question: it goes back to the queue",
    why: "the answer",
    move: unblockTask,
  },
  {
    verb: "cancel",
    past: "cancelled",
    about: "end an open task for good; what waits for it is stranded, not released",
    why: "why",
    move: cancelTask,
  },
  {
    verb: "reopen",
    past: "reopened",
    about: "put a task that was done back into the queue",
    why: "what turned out not to be done",
    move: reopenTask,
  },
  {
    verb: "requeue",
    past: "requeued",
    about: "give a dead task its attempts back",
    why: "what is different now",
    move: requeueTask,
  },
];

export function moveVerbs(task: Command, cli: Cli): void {
  for (const { verb, past, about, why, move } of MOVES) {
    changeVerb(task.command(verb).description(about))
      .requiredOption("--reason <text>", why)
      .action((key: string, { reason, version, json }: MoveOptions) =>
        cli.inHouse(async (house) =>
          answerTask(cli, house, await move(house, { key, reason, version }, cli.caller), {
            key,
            json,
            said: past,
          }),
        ),
      );
  }
}

interface BlockOptions extends MoveOptions {
  readonly kind: string;
  readonly owner?: string;
  readonly question?: string;
  readonly choice?: readonly string[];
}

export function blockVerb(task: Command, cli: Cli): void {
  changeVerb(
    task.command("block").description("take a task out of the queue until somebody answers one question"),
  )
    .requiredOption("--reason <text>", "what stands in the way")
    .option("--kind <word>", "the sort of obstacle: question, access, external …", "question")
    .option("--owner <name>", "who is asked (without: operator)")
    .option("--question <text>", "the one question that would free it")
    .option("--choice <text>", "an answer to choose from; may be said more than once", collect)
    .action((key: string, { choice: choices, version, json, ...rest }: BlockOptions) =>
      cli.inHouse(async (house) => {
        const { kind, reason, owner, question } = rest;
        const blocked = await blockTask(
          house,
          { key, version, kind, reason, owner, question, choices },
          cli.caller,
        );
        return answerTask(cli, house, blocked, { key, json, said: "blocked" });
      }),
    );
}

export function prioritizeVerb(task: Command, cli: Cli): void {
  changeVerb(task.command("prioritize").description("move a task up or down"))
    .argument("<priority>", "P0 to P4; P0 comes first", readPriority)
    .option("--reason <text>", "why")
    .action(
      (
        key: string,
        priority: ReturnType<typeof readPriority>,
        { reason, version, json }: Partial<MoveOptions>,
      ) =>
        cli.inHouse(async (house) => {
          const moved = await prioritizeTask(house, { key, priority, version, reason }, cli.caller);
          return answerTask(cli, house, moved, { key, json, said: `is ${priority}` });
        }),
    );
}

function changeVerb(verb: Command): Command {
  return verb
    .argument("<key>", "the task, such as CLIP-12")
    .option("--version <n>", "only if the task is still at this version", readWholeNumber)
    .option("--json", "print the task as JSON");
}
