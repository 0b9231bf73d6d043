import { z } from "zod";
import { joinLink, offerLink } from "../../../commands/link-account.ts";
import type { Answer } from "../../../ports/chat-answer.ts";
import { type Context, callerOf, defineVerb } from "../verb.ts";

const MINUTE_MS = 60_000;

export const me = defineVerb({
  path: "me",
  summary: "Who you are here, what you may do, and which accounts are yours",
  example: "/gate me",
  role: "viewer",
  changes: true,
  visibility: "caller",
  answers: "at-once",
  arguments: {
    link: {
      schema: z.literal(true).optional(),
      type: "flag",
      shown: "",
      about: "a code that makes an account on another platform yours too",
    },
    code: {
      schema: z.string().trim().min(1).max(100).optional(),
      place: 1,
      type: "text",
      shown: "CODE",
      about: "the code you were given on the other platform",
    },
  },
  async run(context, { link, code }) {
    const { house, speaker, verbs } = context;
    if (code !== undefined) return join(context, code);
    if (link === true) return offer(context);
    const accounts = await house.links.accountsOf(speaker.actor);
    const others = accounts.filter((account) => account !== speaker.actor);
    const may = verbs.map(({ path }) => path);
    return { kind: "me", actor: speaker.actor, role: speaker.role, may, accounts: others };
  },
});

async function offer({ house, speaker, aloud }: Context): Promise<Answer> {
  if (aloud === true) {
    const text = "Everybody would read the code here. Ask for it with the command itself, `/gate me --link`.";
    return { kind: "misunderstood", text, suggestions: [], usage: null };
  }
  const { code, forMs } = await offerLink(house, { actor: speaker.actor });
  const minutes = Math.round(forMs / MINUTE_MS);
  return {
    kind: "done",
    task: null,
    text: `Your code is ${code}. Within ${minutes} minutes, on the other platform: /gate me --link ${code}. Whoever enters it counts as the same person as you, so give it to nobody. Each account keeps the roles it was given.`,
  };
}

async function join(context: Context, code: string): Promise<Answer> {
  const outcome = await joinLink(context.house, code, callerOf(context));
  if (!outcome.ok) return { kind: "refused", refusal: outcome.refusal };
  const accounts = outcome.value.join(", ");
  return {
    kind: "done",
    task: null,
    text: `These are one person now: ${accounts}. Each keeps the roles it was given.`,
  };
}
