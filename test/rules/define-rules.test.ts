import { createRequire } from "node:module";
import { expect, test } from "vitest";
import type * as Define from "../../adapters/proof/define.ts";
import { proofOf, wants } from "../proof/support/proofs.ts";
import { inFile } from "./rule.ts";
import type * as Without from "./without.ts";
import type { Place } from "./without.ts";

/** What `defineVerifier` does for every kind and no verdict shows: each time with the rule, and with it taken out. */
const { withoutChecks } = createRequire(import.meta.url)("./without.ts") as typeof Without;
const define = inFile("define.ts");

async function defined(...places: Place[]) {
  const { defineVerifier } = await withoutChecks(places)<typeof Define>("adapters/proof/define.ts");
  return defineVerifier({
    kind: "test",
    fields: {},
    matches: () => true,
    verify: () => Promise.reject(new Error("it broke")),
  });
}

test("a link too long to be looked at is matched to nothing", async () => {
  const uri = "x".repeat(4_097);
  expect((await defined()).matches(wants("test"), uri)).toBe(false);
  expect((await defined()).matches(wants("test"), uri.slice(1))).toBe(true);
  expect((await defined(define(" || uri.length > MAX_URI_LENGTH"))).matches(wants("test"), uri)).toBe(true);
});

test("a requirement that does not fit is matched to nothing", async () => {
  const unfit = wants("test", { surprise: true });
  expect((await defined()).matches(unfit, "x")).toBe(false);
  expect((await defined()).check(unfit)).toMatchObject([{ field: "surprise" }]);
  const lenient = await defined(define("z.strictObject({", "z.object({"));
  expect([lenient.matches(unfit, "x"), lenient.check(unfit)]).toEqual([true, []]);
});

test("what a kind throws stays inside, and proves nothing either way", async () => {
  const proof = proofOf({ requirement: wants("test"), uri: "x" });
  const { signal } = new AbortController();
  expect(await (await defined()).verify(proof, signal)).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringContaining("it broke"),
  });
  const lenient = await defined(define("} catch (error) {", "} catch (error) {\n        throw error;"));
  await expect(lenient.verify(proof, signal)).rejects.toThrow("it broke");
});
