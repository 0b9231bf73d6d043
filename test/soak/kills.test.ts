import { describe, expect, test } from "vitest";
import { runKills } from "./kills.ts";

// `npm run soak` does the same with a hundred kills and more, under seeds of its own.
describe("processes that are killed with SIGKILL in the middle of their work", () => {
  test("lose nothing that was acknowledged, and leave nothing half done", async () => {
    const { kills, audit } = await runKills({ kills: 10, seed: 20261123 });
    expect(kills).toBe(10);
    expect(audit.acknowledged).toBeGreaterThan(100);
    expect(audit).toMatchObject({ lost: [], broken: [] });
    expect(audit.done).toBeGreaterThan(0);
  }, 180_000);

  test("are found out when their store says that something is done before it is", async () => {
    const { audit } = await runKills({ kills: 10, seed: 20261123, lying: true });
    expect(audit.lost.length).toBeGreaterThan(0);
    // Only what it lied about is missing.
    const others = audit.lost.filter(({ what }) => what !== "notice" && what !== "delivery");
    expect(others).toEqual([]);
    expect(audit.broken).toEqual([]);
  }, 180_000);
});
