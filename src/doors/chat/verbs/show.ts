import { noTask } from "../../../commands/house.ts";
import { cardNotice, taskCard } from "../../../core/card.ts";
import { defineVerb } from "../verb.ts";
import { taskArgument } from "./arguments.ts";

export const show = defineVerb({
  path: "show",
  summary: "One task: what it asks, who has it, what is proved, why it waits",
  example: "/gate show CLIP-12",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, [
      "blocked",
      "active",
      "verifying",
      "queued",
      "dead",
      "offered",
      "draft",
      "done",
      "cancelled",
    ]),
  },
  async run({ house }, { task: key }) {
    const facts = await house.queue.task(key);
    if (facts === null) return { kind: "refused", refusal: noTask(key) };
    // From here on the channel follows the task; a card that stands already stays as it is.
    await house.outbox.post(cardNotice(facts), key);
    const { acceptance, body, dependencies } = facts.task;
    return { kind: "task", card: taskCard(facts), acceptance, body, dependencies };
  },
});
