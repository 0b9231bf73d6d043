import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import { RULE_NAMES, RULES, type RuleName } from "../../src/core/validation.ts";
import type { TestHouse } from "../support/house.ts";
import { DAMAGES, type Damage, strike } from "./damage.ts";
import { copyOf, healthyWorld, type Role, type World } from "./world.ts";

describe("queue-validate", () => {
  let world: World;
  beforeAll(async () => {
    world = await healthyWorld();
  });
  afterAll(() => world.close());

  const inCopy = async (look: (open: TestHouse) => Promise<void>): Promise<void> => {
    const open = await copyOf(world);
    try {
      await look(open);
    } finally {
      await open.remove();
    }
  };
  const idOf = async (open: TestHouse, role: Role | undefined): Promise<number | null> =>
    role === undefined ? null : ((await open.house.queue.task(world.keys[role]))?.task.id ?? null);
  const damage = async (open: TestHouse, { sql, of, without, guardsDown }: Damage): Promise<void> => {
    const id = await idOf(open, of);
    const blows = sql.map((one) =>
      typeof one === "string" ? { sql: one, args: [id] } : { sql: one[0], args: [id, ...one.slice(1)] },
    );
    await strike(open.url, blows, { ...(without ? { without } : {}), guardsBack: guardsDown !== true });
  };

  it("finds nothing wrong with a queue that the commands made, in any state a task can be in", async () => {
    await inCopy(async ({ house }) => {
      expect(await validateQueue(house)).toEqual({
        valid: true,
        checkedAt: "2026-11-23T12:00:00.000Z",
        tasks: Object.keys(world.keys).length,
        findings: [],
        omitted: [],
      });
    });
  });

  it.each(DAMAGES.map((one) => [one.rule, one] as const))("tells %s", async (rule, one) => {
    await inCopy(async (open) => {
      await damage(open, one);
      const { findings, valid } = await validateQueue(open.house);
      const told = findings.find((each) => each.rule === rule);
      expect(told).toMatchObject({ ...RULES[rule], rule });
      if (one.of !== undefined) expect(told?.task).toBe(world.keys[one.of]);
      expect(told?.detail).toMatch(/^[^\n]+\.$/);
      expect(told?.fix).toMatch(/gatehouse [a-z-]+/);
      expect(valid).toBe(findings.every(({ severity }) => severity === "warning"));
      if (RULES[rule].severity === "error") expect(valid).toBe(false);
    });
  });

  it("is not deceived by two lies that cancel out: an event taken from one task's log and put into another's", async () => {
    await inCopy(async (open) => {
      const [from, to] = [await idOf(open, "cancelled"), await idOf(open, "attested")];
      const sql = "UPDATE events SET task_id = ?2 WHERE task_id = ?1 AND kind = 'task.cancelled'";
      await strike(open.url, [{ sql, args: [from, to] }], { guardsBack: true });
      const { findings } = await validateQueue(open.house);
      const differing = findings.filter(({ rule }) => rule === "version-differs").map(({ task }) => task);
      expect(differing).toEqual([world.keys.attested, world.keys.cancelled]);
    });
  });

  it("says the same in the same order, whatever order it was found in", async () => {
    await inCopy(async (open) => {
      for (const one of DAMAGES.filter(({ rule }) =>
        ["ready-untrue", "title-unfit", "priority-unknown"].includes(rule),
      ))
        await damage(open, one);
      const first = await validateQueue(open.house);
      expect(await validateQueue(open.house)).toEqual(first);
      expect(first.findings.map(({ code }) => code)).toEqual(["Q008", "Q015", "Q009"]);
    });
  });

  it("takes a lease that lapses this millisecond as lapsed, and one more as living", async () => {
    await inCopy(async (open) => {
      const held = await open.house.queue.task(world.keys.active);
      const leaseMs = (held?.attempt?.leaseExpiresAt ?? 0) - open.clock.now;
      open.clock.advance(leaseMs - 1);
      expect((await validateQueue(open.house)).findings).toEqual([]);
      open.clock.advance(1);
      const { findings } = await validateQueue(open.house);
      expect(findings.map(({ rule, task }) => [rule, task])).toEqual([
        ["fake-active", world.keys.active],
        ["fake-active", world.keys.active2],
      ]);
    });
  });

  it("does not blame a lane that an operator lowered below what it holds", async () => {
    await inCopy(async (open) => {
      open.clock.advance(1000);
      await open.house.roster.setLane({ name: "builder", capacity: 1 }, "person:test:operator");
      expect((await validateQueue(open.house)).findings).toEqual([]);
    });
  });

  it("does not call a task unready whose time has come and which the next claim will promote", async () => {
    await inCopy(async (open) => {
      open.clock.advance(3_600_000);
      const { findings } = await validateQueue(open.house);
      expect(findings.filter(({ rule }) => rule !== "fake-active")).toEqual([]);
    });
  });

  it("lists so many findings of one rule and counts what is beyond", async () => {
    await inCopy(async (open) => {
      const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10003)";
      await strike(
        open.url,
        [
          `INSERT INTO tasks (id, key, epic_id, priority, status, version, created_at, updated_at)
            ${many} SELECT 1000 + i, 'GATE-' || (1000 + i), 1, 2, 'draft', 1, 0, 0 FROM n`,
          `INSERT INTO task_texts (task_id, title) ${many} SELECT 1000 + i, 'Idea' FROM n`,
          `INSERT INTO events (task_id, version, change_id, kind, actor, at, data)
            ${many} SELECT 1000 + i, 1, '', 'task.added', 'person:test:hand', 0, '{}' FROM n`,
        ].map((sql) => ({ sql, args: [] })),
        { guardsBack: true },
      );
      const { findings, omitted, valid } = await validateQueue(open.house);
      expect(valid).toBe(true);
      expect(findings).toHaveLength(10_000);
      expect(omitted).toEqual([{ code: "Q006", rule: "draft-incomplete", suspects: 3 }]);
    });
  });

  it("has a damage here, or a test of its own, for every rule", () => {
    const told = new Set<RuleName>([...DAMAGES.map(({ rule }) => rule), "brief-edited"]);
    expect(RULE_NAMES.filter((rule) => !told.has(rule))).toEqual([]);
  });

  it("is documented rule by rule, with nothing left out and nothing made up", () => {
    const page = readFileSync(new URL("../../docs/queue-validate.md", import.meta.url), "utf8");
    const documented = [...page.matchAll(/^### (Q\d{3}) `([a-z-]+)` · (error|warning)$/gm)].map(
      ([, code, rule, severity]) => ({ code, rule, severity }),
    );
    expect(documented).toEqual(RULE_NAMES.map((rule) => ({ rule, ...RULES[rule] })));
  });
});
