import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import { cycles } from "../../src/core/validation/waiting.ts";
import { type Finding, RULE_NAMES, RULES } from "../../src/core/validation.ts";
import { BLOWS, DAMAGES, strike } from "./damage.ts";
import { judgeEverything } from "./everything.ts";
import { copyOf, healthyWorld, type World } from "./world.ts";

type Blow = Parameters<typeof strike>[1][number];

const task = fc.integer({ min: 1, max: 14 });
/** Anything at any task, and now and then a blow that is known to hurt. */
const blows = (world: World): fc.Arbitrary<readonly Blow[]> => {
  const anything = fc
    .record({ sql: fc.constantFrom(...BLOWS), task, other: task, number: fc.integer({ min: -1, max: 3 }) })
    .map((one): Blow[] => [{ sql: one.sql, args: [one.task, one.other, one.number] }]);
  const known = fc.constantFrom(...DAMAGES).map(({ sql, of }): Blow[] => {
    // Keys of the world's one epic count up from 1, as ids do.
    const id = of === undefined ? null : Number(world.keys[of].split("-")[1]);
    return sql.map((one) =>
      typeof one === "string" ? { sql: one, args: [id] } : { sql: one[0], args: [id, ...one.slice(1)] },
    );
  });
  const several = fc.array(fc.oneof({ weight: 3, arbitrary: anything }, { weight: 2, arbitrary: known }), {
    minLength: 1,
    maxLength: 6,
  });
  return several.map((lists) => lists.flat());
};

/** What keeps a task or a session from holding two attempts. */
const INDEXES = ["attempts_open_by_task", "attempts_open_by_session"];
/** What a verifier says cannot be asked in SQL; there every requirement is looked at. */
const ASKED_IN_CODE = (["requirement-unknown", "requirement-faulty", "draft-incomplete"] as const).map(
  (rule) => RULES[rule].code,
);
const told = (findings: readonly Finding[]) =>
  findings.map(({ code, detail }) => `${code} ${detail}`).toSorted();

describe("what SQL suspects and what core says", () => {
  let world: World;
  beforeAll(async () => {
    world = await healthyWorld();
  });
  afterAll(() => world.close());

  it("SQL never misses a task that core has a finding about, however the queue was damaged", async () => {
    const fired = new Set<string>();
    await fc.assert(
      fc.asyncProperty(blows(world), fc.boolean(), async (struck, guardsBack) => {
        const open = await copyOf(world);
        try {
          await strike(open.url, struck, {
            without: INDEXES,
            guardsBack,
          });
          const everything = await judgeEverything(open.house);
          // The certificates rest on guards that stand: both ways of looking are asked.
          for (const thorough of [true, false]) {
            const seen = await open.house.validation.suspects({ first: 1, last: 14, fit: [], thorough });
            const suspected = new Set(
              seen.tasks.flatMap(({ id, codes }) => codes.map((code) => `${id} ${code}`)),
            );
            for (const { id, findings } of everything.tasks) {
              for (const { code } of findings) {
                fired.add(code);
                if (!ASKED_IN_CODE.includes(code)) expect(suspected).toContain(`${id} ${code}`);
              }
            }
          }
          const { findings } = await validateQueue(open.house);
          const ofTasks = findings.filter(
            ({ task, rule }) =>
              task !== undefined && rule !== "dependency-cycle" && rule !== "session-doubled",
          );
          expect(told(ofTasks)).toEqual(told(everything.tasks.flatMap((one) => one.findings)));
          const circles = findings.filter(({ rule }) => rule === "dependency-cycle");
          expect(told(circles)).toEqual(told(everything.circles));
          for (const { code } of findings) fired.add(code);
        } finally {
          await open.remove();
        }
      }),
      { numRuns: 200, seed: 20261123 },
    );
    const neverFired = RULE_NAMES.filter((rule) => rule !== "brief-edited" && !fired.has(RULES[rule].code));
    expect(neverFired).toEqual([]);
  }, 180_000);

  it("asks each blow to be possible: none of them is a statement that always fails", async () => {
    const open = await copyOf(world);
    try {
      for (const sql of [
        ...BLOWS,
        ...DAMAGES.flatMap(({ sql: list }) => list.filter((one) => typeof one === "string")),
      ]) {
        await strike(open.url, [{ sql, args: [404, 405, 0] }], { without: INDEXES, guardsBack: true });
      }
    } finally {
      await open.remove();
    }
  });
});

describe("circles of dependencies", () => {
  const edges = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })), {
    maxLength: 30,
  });

  it("are exactly the tasks that can be reached from themselves", () => {
    fc.assert(
      fc.property(edges, (pairs) => {
        const reach = (from: number, seen = new Set<number>()): Set<number> => {
          for (const [task, target] of pairs) {
            if (task !== from || seen.has(target)) continue;
            seen.add(target);
            reach(target, seen);
          }
          return seen;
        };
        const ids = [...new Set(pairs.flat())].toSorted((a, b) => a - b);
        const circling = ids.filter((id) => reach(id).has(id));
        const parts = cycles(pairs.flat());
        expect(parts.flat().toSorted((a, b) => a - b)).toEqual(circling);
        for (const part of parts) {
          for (const id of part)
            expect([...reach(id)].filter((one) => reach(one).has(id)).toSorted((a, b) => a - b)).toEqual(
              part,
            );
        }
      }),
    );
  });

  it("are found in a chain a hundred thousand tasks long", () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => [index + 1, index + 2]).flat();
    expect(cycles(chain)).toEqual([]);
    expect(cycles([...chain, 100_001, 1]).map((part) => part.length)).toEqual([100_001]);
  });
});
