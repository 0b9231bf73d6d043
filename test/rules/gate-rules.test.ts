import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { gateRules } from "./gate.ts";
import { type Gates, gate } from "./gate-rule.ts";
import { trustRules } from "./gate-trust.ts";
import type * as Without from "./without.ts";

/**
 * Every rule of the gates of proof and of trust, as of the verifiers: the good facts pass, each bad ones are refused by that
 * rule's code, and with the check taken out of the source they pass.
 */
const { withoutChecks } = createRequire(import.meta.url)("./without.ts") as typeof Without;

test.each([...gateRules, ...trustRules])("$kind $name", async ({ also, code, file, places, bad, ask }) => {
  const real = await withoutChecks([])<Gates>(file);
  const lenient = await withoutChecks(places)<Gates>(file);
  const alone = also === undefined ? [] : places;
  const either = await Promise.all(alone.map((place) => withoutChecks([place])<Gates>(file)));
  expect(ask(real, {})).toBeNull();
  expect(bad.length).toBeGreaterThan(0);
  for (const change of bad) {
    expect([change, ask(real, change)]).toEqual([change, code]);
    for (const one of either) expect([change, ask(one, change)]).toEqual([change, code]);
    expect([change, ask(lenient, change)]).toEqual([change, null]);
  }
});

test("a check that is not where its rule says is found out", () => {
  expect(() => withoutChecks([gate("proof.verdict is surely not written so")])).toThrow("0 times");
  expect(() => withoutChecks([gate("proof")])).toThrow("once is expected");
});
