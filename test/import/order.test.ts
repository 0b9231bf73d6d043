import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderByDependency } from "../../src/core/import/order.ts";

const graph = fc
  .array(fc.array(fc.nat(11), { maxLength: 4 }), { maxLength: 12 })
  .map((edges) => new Map(edges.map((targets, node) => [String(node), targets.map(String)])));

describe("the order of writing", () => {
  it("puts whatever a node waits for before it, but for edges that would close a cycle", () => {
    fc.assert(
      fc.property(graph, (edges) => {
        const nodes = [...edges.keys()];
        const { order, closing } = orderByDependency(nodes, (node) => edges.get(node) ?? []);
        expect(order.toSorted()).toEqual(nodes.toSorted());
        const place = new Map(order.map((node, at) => [node, at]));
        for (const [node, targets] of edges) {
          for (const target of targets) {
            if (!edges.has(target)) continue;
            const before = (place.get(target) as number) < (place.get(node) as number);
            expect(before).toBe(closing.get(node)?.has(target) !== true);
          }
        }
      }),
      { seed: 7 },
    );
  });

  it("refuses an edge only where the others really lead back", () => {
    fc.assert(
      fc.property(graph, (edges) => {
        const { closing } = orderByDependency([...edges.keys()], (node) => edges.get(node) ?? []);
        const kept = (node: string) =>
          (edges.get(node) ?? []).filter((target) => closing.get(node)?.has(target) !== true);
        for (const [node, targets] of closing)
          for (const target of targets) expect(reaches(target, node, kept)).toBe(true);
      }),
      { seed: 7 },
    );
  });

  it("keeps the order given where nothing waits, and walks a chain as long as a file", () => {
    expect(orderByDependency(["a", "b", "c"], () => []).order).toEqual(["a", "b", "c"]);
    const chain = Array.from({ length: 200_000 }, (_, n) => String(n));
    const { order } = orderByDependency(chain, (node) => [String(Number(node) + 1)]);
    expect(order[0]).toBe("199999");
  });
});

function reaches(from: string, to: string, next: (node: string) => readonly string[]): boolean {
  const seen = new Set([from]);
  for (const node of seen) {
    if (node === to) return true;
    for (const target of next(node)) seen.add(target);
  }
  return false;
}
