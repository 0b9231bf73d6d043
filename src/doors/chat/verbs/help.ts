import { z } from "zod";
import { nearest } from "../../../core/nearest.ts";
import { helpEntry } from "../help.ts";
import { defineVerb } from "../verb.ts";

export const help = defineVerb({
  path: "help",
  summary: "What you can do here",
  example: "/gate help unblock",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "at-once",
  arguments: {
    verb: {
      schema: z.string().trim().toLowerCase().optional(),
      place: 1,
      shown: "COMMAND",
      about: "one command, explained",
      type: "verb",
    },
  },
  async run({ verbs }, { verb: path }) {
    const asked = path === undefined ? verbs : verbs.filter((verb) => verb.path === path);
    if (path === undefined || asked.length > 0) return { kind: "help", entries: asked.map(helpEntry) };
    const meant = nearest(
      path,
      verbs.map((verb) => verb.path),
    );
    return {
      kind: "misunderstood",
      text: `There is no \`/gate ${path}\` for you.`,
      suggestions: [meant === null ? "/gate help" : `/gate help ${meant}`],
      usage: null,
    };
  },
});
