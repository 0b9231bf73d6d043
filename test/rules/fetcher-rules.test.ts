import { createRequire } from "node:module";
import { afterEach, expect, test } from "vitest";
import type * as Fetch from "../../adapters/proof/fetch/fetch.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import { closePeers } from "../proof/support/peers.ts";
import { fetchRules } from "./fetched.ts";
import type * as Without from "./without.ts";
import type { Place } from "./without.ts";

/**
 * Every rule of the guarded fetcher, as of the verifiers: each attack gets nothing, by that rule's own sentence, and gets it
 * with the rule taken out of the source. So the canary of the corpus would sing if any of them were not there. Where a rule
 * is there twice, either is enough, and only with both taken out it sings.
 */
const { withoutChecks } = createRequire(import.meta.url)("./without.ts") as typeof Without;
afterEach(closePeers);

const fetcherWithout = async (places: readonly Place[]) =>
  (await withoutChecks(places)<typeof Fetch>("adapters/proof/fetch/fetch.ts")).guardedFetcher;

test.each(fetchRules)("$name", { timeout: 120_000 }, async ({ also, says, places, bad }) => {
  expect(bad.length).toBeGreaterThan(0);
  const lenient = await fetcherWithout(places);
  // Where something else keeps the same out, each of the two is enough.
  const either = also === undefined ? [] : await Promise.all(places.map((place) => fetcherWithout([place])));
  for (const [index, attack] of bad.entries()) {
    const about = `attack ${index + 1}`;
    const { answer, got } = await attack(guardedFetcher);
    const said = answer.ok ? "read" : answer.reason;
    expect([about, got, said]).toEqual([about, false, expect.stringMatching(says)]);
    for (const [at, make] of either.entries()) {
      const alone = await attack(make).catch(() => null);
      expect([about, places[at], alone?.got ?? false]).toEqual([about, places[at], false]);
    }
    const without = await attack(lenient);
    expect([about, without.got, without.answer]).toEqual([about, true, expect.anything()]);
    await closePeers();
  }
});
