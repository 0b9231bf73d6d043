// docs/routes.md names what the code does: provider names, limits, codes and seats.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { providerName, spelledAs } from "../../src/core/telemetry/providers.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/routes.md"), "utf8");

test("the names taken for one another are those of the table, and no others", () => {
  const said = /taken for one another: ([\s\S]*?)\.\n/.exec(text)?.[1] ?? "";
  const groups = said
    .split("·")
    .map((group) => [...group.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
  expect(groups).toHaveLength(8);
  for (const names of groups) {
    const canonical = names.at(-1) ?? "";
    for (const name of names) {
      expect([name, providerName(name)]).toEqual([name, canonical]);
      expect(spelledAs({ provider: names[0] ?? "" }, name)).toBe(names[0]);
    }
  }
  for (const name of ["anthropic", "openai", "Anthropic", "anthropic ", "gcp", "vertex-ai"]) {
    expect(providerName(name)).toBe(name);
  }
});
