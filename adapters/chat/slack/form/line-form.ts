import type { CommandEntry } from "../../../../src/ports/chat-catalogue.ts";
import type { Carried } from "../receive/lines.ts";
import { field, options } from "./field.ts";
import { type Block, modal, plainLine, section, type View } from "./view.ts";

/** The select that names the command: choosing another one draws its arguments. */
export const PICK = "gate:pick";
export const PICK_BLOCK = "pick";

/** Every command, and the arguments of the one that is chosen. `commands` are those the person may use. */
export function lineForm(
  commands: readonly CommandEntry[],
  chosen: CommandEntry | undefined,
  carried: Carried,
): View {
  const path = chosen?.path;
  const look = {
    callback: "gate:line",
    title: path === undefined ? "Gatehouse" : `/gate ${path}`,
    submit: path === undefined ? "Next" : "Run",
    carried: path === undefined ? carried : { ...carried, path },
  } as const;
  return modal(look, [picker(commands, path), ...(chosen === undefined ? [] : inputs(chosen))]);
}

function picker(commands: readonly CommandEntry[], path: string | undefined): Block {
  const all = options(commands.map((one) => ({ text: one.path, about: one.summary })));
  const initial = all.find(({ value }) => value === path);
  return {
    type: "input",
    block_id: PICK_BLOCK,
    dispatch_action: true,
    label: plainLine("What would you like to do?", 2000),
    element: {
      type: "static_select",
      action_id: PICK,
      options: all,
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}

/** Whoever fills in a form looks at nothing that could be stale: the version is for buttons. */
function inputs(command: CommandEntry): readonly Block[] {
  const shown = command.arguments.filter(({ name }) => name !== "version");
  return [section(command.summary), ...shown.map((argument) => field(command.path, argument))];
}
