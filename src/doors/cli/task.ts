import type { VerbGroup } from "./cli.ts";
import { addVerb, editVerb } from "./task-change.ts";
import { listVerb, showVerb, whyVerb } from "./task-look.ts";
import { blockVerb, moveVerbs, prioritizeVerb } from "./task-move.ts";

export const taskVerbs: VerbGroup = (program, cli) => {
  const task = program.command("task").description("add, look at and steer tasks");
  addVerb(task, cli);
  listVerb(task, cli);
  showVerb(task, cli);
  whyVerb(task, cli);
  editVerb(task, cli);
  blockVerb(task, cli);
  moveVerbs(task, cli);
  prioritizeVerb(task, cli);
};
