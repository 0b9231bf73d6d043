import type { ArgumentEntry, CommandEntry } from "../../../../src/ports/chat-catalogue.ts";
import type { Carried } from "../receive/lines.ts";
import { field } from "./field.ts";
import { type Block, modal, section, type View } from "./view.ts";

/** What is known of the proof before somebody says more. */
export interface ProofSoFar {
  readonly task: { readonly key: string; readonly title: string; readonly wants: readonly string[] } | null;
  readonly link: string | null;
}

export const PROVE = "prove";

/** Attaches a link to a task. The fields are the command's own, in the words of its catalogue. */
export function proveForm(prove: CommandEntry, { task, link }: ProofSoFar, carried: Carried): View {
  const blocks: readonly Block[] = prove.arguments.flatMap((argument: ArgumentEntry) => {
    switch (argument.name) {
      case "task":
        return [field(PROVE, argument, task?.key ?? null)];
      case "link":
        return [field(PROVE, argument, link)];
      case "requirement":
        return [field(PROVE, argument)];
      default:
        return [];
    }
  });
  const about =
    task === null
      ? "Which task does it prove? The link is checked at once."
      : `${task.key} ${task.title} wants: ${task.wants.join(", ") || "nothing"}. The link is checked at once.`;
  const look = { callback: "gate:prove", title: "Attach proof", submit: "Attach", carried } as const;
  return modal(look, [section(about), ...blocks]);
}
