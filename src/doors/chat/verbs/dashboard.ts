import { refuse } from "../../../core/refusal.ts";
import { defineVerb } from "../verb.ts";

export const dashboard = defineVerb({
  path: "dashboard",
  summary: "The address of the page that shows all of it live",
  example: "/gate dashboard",
  role: "viewer",
  changes: false,
  visibility: "caller",
  answers: "at-once",
  arguments: {},
  async run({ house }) {
    const url = house.pageUrl();
    if (url !== null) return { kind: "link", text: "The page of this queue:", url };
    return {
      kind: "refused",
      refusal: refuse("queue-truth", "no-page", {
        field: "GATEHOUSE_PUBLIC_URL",
        expected: "an address people can open",
        got: null,
        hint: "Nobody serves the page from here: run `gatehouse serve`, or set GATEHOUSE_PUBLIC_URL.",
      }),
    };
  },
});
