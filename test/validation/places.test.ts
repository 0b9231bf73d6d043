// The same word from a file and from a server somewhere else.
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBrief, refreshBrief } from "../../src/commands/refresh-brief.ts";
import { recentValidation, validateQueue } from "../../src/commands/validate-queue.ts";
import { makeHouse, PLACES } from "../contract/places.ts";
import { added, claimed, completed, OPERATOR, well } from "../support/story.ts";

describe.each(PLACES)("a queue on a %s", (kind) => {
  let place: Awaited<ReturnType<typeof makeHouse>>;
  beforeEach(async () => {
    place = await makeHouse(kind);
  });
  afterEach(() => place.remove());

  it("is validated, and its brief made, kept and marked stale", async () => {
    const { house } = place.at;
    await added(house);
    await completed(house);
    await added(house, {
      title: "Übermorgen 🎬",
      requirements: [{ name: "site", kind: "url", origin: "https://example.org" }],
    });
    await added(house, { dependsOn: ["GATE-1", "GATE-2"] });
    await claimed(house, "s-2");
    await added(house);
    expect(await validateQueue(house)).toMatchObject({ valid: true, tasks: 4, findings: [], omitted: [] });
    const made = well(await refreshBrief(house, OPERATOR));
    expect(made).toMatchObject({ revision: 1, changed: true });
    expect(well(await refreshBrief(house, OPERATOR))).toEqual({ ...made, changed: false });
    expect(JSON.parse(readFileSync(house.briefFile.path, "utf8"))).toMatchObject({ sha256: made.sha256 });

    await place.outside.write([{ sql: "UPDATE tasks SET ready_at = NULL WHERE key = 'GATE-4'" }]);
    expect(await validateQueue(house)).toMatchObject({
      valid: false,
      findings: [{ code: "Q016", rule: "ready-missing", task: "GATE-4" }],
    });
    expect(await refreshBrief(house, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { code: "queue-invalid" },
    });
    expect(well(await readBrief(house))).toMatchObject({ revision: 1, stale: true, staleBecause: ["Q016"] });
  });

  it("changes nothing by being validated or read", async () => {
    const { house } = place.at;
    await added(house);
    await completed(house);
    await added(house, { draft: true, acceptance: "" });
    well(await refreshBrief(house, OPERATOR));
    const before = await place.dump();
    await validateQueue(house);
    well(await readBrief(house));
    expect(await place.dump()).toEqual(before);
  });

  it("is walked once for all who ask at once, and anew for who asks later", async () => {
    const { house } = place.at;
    await added(house);
    let walks = 0;
    const validation = { ...house.validation };
    validation.extent = () => {
      walks += 1;
      return house.validation.extent();
    };
    const counted = { ...house, validation };
    const answers = await Promise.all(Array.from({ length: 5 }, () => recentValidation(counted)));
    expect(new Set(answers).size).toBe(1);
    expect(walks).toBe(1);
    await recentValidation(counted);
    expect(walks).toBe(2);
  });
});
