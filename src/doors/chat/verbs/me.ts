import { defineVerb } from "../verb.ts";

export const me = defineVerb({
  path: "me",
  summary: "Who you are here, and what you may do",
  example: "/gate me",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "at-once",
  arguments: {},
  async run({ speaker, verbs }) {
    return { kind: "me", actor: speaker.actor, role: speaker.role, may: verbs.map(({ path }) => path) };
  },
});
