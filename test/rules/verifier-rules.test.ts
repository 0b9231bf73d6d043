import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as All from "../../adapters/proof/all.ts";
import type * as Fetch from "../../adapters/proof/fetch/fetch.ts";
import { closePeers } from "../proof/support/peers.ts";
import { removeFolders, verify } from "../proof/support/proofs.ts";
import { keepWorld, makeWorld, type World } from "../proof/support/world.ts";
import { allRules } from "./all.ts";
import type { Spoilt } from "./rule.ts";
import type * as Without from "./without.ts";
import type { Place } from "./without.ts";

/**
 * Every rule of every verifier, three times: a good proof passes, each of the rule's bad proofs is refused by that rule's own
 * sentence, and with its check taken out of the source each of them passes. So no rule is there for show, and no
 * bad proof is refused by something else.
 */
const { withoutChecks } = createRequire(import.meta.url)("./without.ts") as typeof Without;

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(async () => {
  await closePeers();
  removeFolders();
});

/** The verifier of one kind, in a product where these checks are not. */
async function verifierWithout(kind: string, places: readonly Place[]) {
  const load = withoutChecks(places);
  const { allVerifiers } = await load<typeof All>("adapters/proof/all.ts");
  const { guardedFetcher } = await load<typeof Fetch>("adapters/proof/fetch/fetch.ts");
  const verifier = allVerifiers(world.settingsWith(guardedFetcher)).find((one) => one.kind === kind);
  if (verifier === undefined) throw new Error(`no verifier of kind ${kind}`);
  return verifier;
}

describe.each(Object.entries(Object.groupBy(allRules, ({ kind }) => kind)))("%s", (kind, rules = []) => {
  test("is proved by its good proof, as it is and loaded anew", async () => {
    const good = world.proofOfKind(kind);
    expect(await world.judge(good)).toMatchObject({ verdict: "passed" });
    expect(await verify(await verifierWithout(kind, []), good)).toMatchObject({ verdict: "passed" });
  });

  test.each(rules)("$name", { timeout: 300_000 }, async ({ also, says, places, bad }) => {
    expect(bad.length).toBeGreaterThan(0);
    const real = world.verifierOf(world.proofOfKind(kind));
    const lenient = await verifierWithout(kind, places);
    // Where something else keeps the same out, each of the two is enough.
    const either =
      also === undefined ? [] : await Promise.all(places.map((place) => verifierWithout(kind, [place])));
    for (const [index, spoil] of bad.entries()) {
      const restore = keepWorld(world);
      try {
        const proof: Spoilt = world.proofOfKind(kind);
        await spoil(proof, world);
        const spoilt = keepWorld(world);
        const about = `bad proof ${index + 1}: ${proof.uri.slice(0, 200)}`;
        const { verdict, reason } = await verify(real, proof, proof.signal);
        for (const one of either) {
          expect([about, (await verify(one, proof, proof.signal)).verdict]).not.toEqual([about, "passed"]);
          spoilt();
        }
        spoilt();
        const believed = await verify(lenient, proof, proof.signal);
        expect([about, verdict === "passed", reason]).toEqual([about, false, expect.stringMatching(says)]);
        expect([about, believed.verdict, believed.reason]).toEqual([about, "passed", expect.any(String)]);
      } finally {
        restore();
      }
    }
  });
});
