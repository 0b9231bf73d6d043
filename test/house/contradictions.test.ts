import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allChecks } from "../../src/checks/all.ts";

test("docs/contradictions.md lists every rule as it is", () => {
  const page = readFileSync(new URL("../../docs/contradictions.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows).toEqual(
    allChecks.map(({ rule, title, weight, cleanRuns, healing }) => {
      const mended = healing === null ? "" : `\`${healing}\``;
      return `| \`${rule}\` | ${title} | ${weight} | ${mended} | ${cleanRuns} |`;
    }),
  );
});
