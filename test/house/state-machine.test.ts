import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TRANSITIONS } from "../../src/core/task.ts";

const page = readFileSync(new URL("../../docs/state-machine.md", import.meta.url), "utf8");
const machine = TRANSITIONS.map(({ from, to }) => `${from} → ${to}`).toSorted();

test("the page's diagram draws exactly the edges of the code", () => {
  const drawn = [...page.matchAll(/^ {2}([a-z]+) --> ([a-z]+)$/gm)].map(
    (match) => `${match[1]} → ${match[2]}`,
  );
  expect(drawn.toSorted()).toEqual(machine);
});

test("the page's table names exactly the edges and guards of the code", () => {
  const rows = [...page.matchAll(/^\| ([a-z]+) → ([a-z]+) \| (.+) \|$/gm)].map(
    (match) => `${match[1]} → ${match[2]}: ${match[3]}`,
  );
  expect(rows.toSorted()).toEqual(
    TRANSITIONS.map(({ from, to, guard }) => `${from} → ${to}: ${guard}`).toSorted(),
  );
});
