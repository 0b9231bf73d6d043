import { z } from "zod";
import { attachProof, submitForPerson } from "../../../commands/attach-proof.ts";
import { messageName } from "../../../core/message.ts";
import { callerOf, defineVerb } from "../verb.ts";
import { askWhich } from "../which-requirement.ts";
import { taskArgument } from "./arguments.ts";

export const prove = defineVerb({
  path: "prove",
  summary: "Attach a link as proof to the attempt under way; it is checked at once",
  example: "/gate prove CLIP-12 file:clips/intro.mp4",
  role: "operator",
  changes: true,
  visibility: "channel",
  answers: "at-once",
  arguments: {
    task: taskArgument(1, ["active"]),
    link: {
      schema: z.string().trim().min(1),
      place: 2,
      type: "text",
      shown: "LINK",
      about: "https://…, file:relative/path or command:NAME",
    },
    requirement: {
      schema: z.string().trim().min(1).optional(),
      shown: "NAME",
      about: "which requirement it proves, where the link alone does not tell",
      type: "requirement",
    },
  },
  async run(context, { task: key, link, requirement }) {
    const replyTo = context.about && messageName(context.about);
    const proof = { by: "person", key, uri: link, requirement, replyTo } as const;
    const outcome = await attachProof(context.house, proof, callerOf(context));
    if (!outcome.ok)
      return askWhich(outcome.refusal, key, link) ?? { kind: "refused", refusal: outcome.refusal };
    const { proof: first, others } = outcome.value;
    const names = [first, ...others].map(({ requirement: name }) => `“${name}”`).join(" and of ");
    const submitted = outcome.value.submitted ? ` ${key} is submitted: only the verdicts count now.` : "";
    return {
      kind: "done",
      task: key,
      text: `Attached to ${key} as proof of ${names}. It is being checked.${submitted}`,
    };
  },
  async finish({ house, speaker: { actor } }, { task: key }) {
    await submitForPerson(house, key, { actor });
  },
});
