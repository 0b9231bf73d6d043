import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { House } from "../../src/commands/house.ts";
import { readBrief, refreshBrief } from "../../src/commands/refresh-brief.ts";
import { validateQueue } from "../../src/commands/validate-queue.ts";
import { openRaw } from "../support/raw.ts";
import { added, OPERATOR, well } from "../support/story.ts";
import { copyOf, healthyWorld, type World } from "./world.ts";

const LOWER_THE_LIE = "UPDATE tasks SET ready_at = NULL WHERE id = ?1";

describe("queue-operating-refresh", () => {
  let world: World;
  let open: Awaited<ReturnType<typeof copyOf>>;
  let house: House;
  beforeAll(async () => {
    world = await healthyWorld();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    open = await copyOf(world);
    house = open.house;
  });
  afterEach(() => open.remove());

  const file = () => JSON.parse(readFileSync(house.briefFile.path, "utf8"));
  const codes = async () => (await validateQueue(house)).findings.map(({ code }) => code);
  /** A lie about one task, which hand-written SQL can tell: nothing guards derived columns. */
  const lie = async (): Promise<void> => {
    const raw = await openRaw(open.url);
    const id = Number(world.keys.queued.split("-")[1]);
    await raw.write([{ sql: LOWER_THE_LIE, args: [id] }]);
    await raw.close();
  };
  const mend = async (): Promise<void> => {
    const raw = await openRaw(open.url);
    const id = Number(world.keys.queued.split("-")[1]);
    await raw.write([{ sql: "UPDATE tasks SET ready_at = updated_at WHERE id = ?1", args: [id] }]);
    await raw.close();
  };

  it("writes what agents need to know, into the table and beside the database", async () => {
    const made = well(await refreshBrief(house, { actor: "system:queue-operating-refresh" }));
    expect(made).toMatchObject({ revision: 1, generatedAt: "2026-11-23T12:00:00.000Z", changed: true });
    const { brief, ...envelope } = file();
    expect(envelope).toEqual({
      revision: 1,
      generatedAt: "2026-11-23T12:00:00.000Z",
      generatedBy: "system:queue-operating-refresh",
      sha256: made.sha256,
      stale: false,
    });
    const [builder, ops] = brief.lanes;
    expect(builder).toMatchObject({
      name: "builder",
      route: { provider: "anthropic", model: "claude-opus-5" },
      capacity: 10,
      livingLeases: 3,
      paused: null,
      runnable: { count: 1, tasks: [{ key: world.keys.queued, priority: "P2", acceptance: "It plays" }] },
      blocked: { count: 1, tasks: [{ key: world.keys.blocked, question: "Which one?", owner: "operator" }] },
    });
    expect(builder.active.tasks.map((task: { key: string }) => task.key)).toEqual([
      world.keys.active,
      world.keys.active2,
      world.keys.verifying,
    ]);
    expect(builder.active.tasks[0].leaseExpiresAt).toBe("2026-11-23T12:15:00.000Z");
    expect(builder.waiting).toEqual(
      expect.arrayContaining([
        { code: "dependency", count: 1 },
        { code: "not-before", count: 1 },
        { code: "blocked", count: 1 },
      ]),
    );
    expect(ops.runnable.tasks.map((task: { key: string }) => task.key)).toEqual([world.keys.urgent]);
    expect(brief.totals).toMatchObject({ done: 3, active: 2, verifying: 1, draft: 1, dead: 1, offered: 0 });
    expect(brief.rules.map((rule: { gate: string }) => rule.gate)).toEqual([
      "queue-truth",
      "runnable-pull",
      "heartbeat-trust",
      "proof-before-done",
    ]);
    expect(brief.event).toBe(await house.log.lastEvent());
    expect(await codes()).toEqual([]);
  });

  it("names runnable tasks in the order in which they are pulled", async () => {
    open.clock.advance(1);
    const low = await added(house, { priority: "P4" });
    const urgent = await added(house, { priority: "P0" });
    well(await refreshBrief(house, OPERATOR));
    const [builder] = file().brief.lanes;
    expect(builder.runnable.tasks.map((task: { key: string }) => task.key)).toEqual([
      urgent,
      world.keys.queued,
      low,
    ]);
  });

  it("keeps the revision where the queue says what it said, and makes the next where it does not", async () => {
    const first = well(await refreshBrief(house, OPERATOR));
    open.clock.advance(60_000);
    expect(well(await refreshBrief(house, OPERATOR))).toEqual({ ...first, changed: false });
    await added(house);
    const next = well(await refreshBrief(house, OPERATOR));
    expect(next).toMatchObject({ revision: 2, generatedAt: "2026-11-23T12:01:00.000Z", changed: true });
    expect(next.sha256).not.toBe(first.sha256);
    expect(file().revision).toBe(2);
  });

  it("makes nothing from an invalid queue: it says what is wrong, and the last good brief stays, marked stale", async () => {
    const good = well(await refreshBrief(house, OPERATOR));
    await lie();
    const refusal = await refreshBrief(house, OPERATOR);
    expect(refusal).toMatchObject({
      ok: false,
      refusal: {
        sort: "refused",
        gate: "queue-truth",
        code: "queue-invalid",
        got: { errors: 1, findings: [{ code: "Q016", task: world.keys.queued }] },
        hint: expect.stringContaining("Revision 1 of the brief stays, marked stale"),
      },
    });
    expect(file()).toMatchObject({ revision: 1, sha256: good.sha256, stale: true, staleBecause: ["Q016"] });
    expect(well(await readBrief(house))).toMatchObject({ revision: 1, stale: true, staleBecause: ["Q016"] });
    await mend();
    expect(well(await refreshBrief(house, OPERATOR))).toEqual({ ...good, changed: false });
    expect(file()).toMatchObject({ revision: 1, stale: false });
    expect(await codes()).toEqual([]);
  });

  it("refuses before there ever was a brief, and writes no file then", async () => {
    await lie();
    expect(await refreshBrief(house, OPERATOR)).toMatchObject({
      ok: false,
      refusal: { hint: expect.stringContaining("There is no brief yet") },
    });
    expect(existsSync(house.briefFile.path)).toBe(false);
    expect(await readBrief(house)).toMatchObject({ ok: false, refusal: { sort: "missing", field: "brief" } });
  });

  it("answers stale while the queue is invalid, without being told to refresh", async () => {
    well(await refreshBrief(house, OPERATOR));
    expect(well(await readBrief(house))).toMatchObject({ stale: false });
    await lie();
    expect(well(await readBrief(house))).toMatchObject({ stale: true, staleBecause: ["Q016"] });
  });

  it("cuts the answer down to a lane, and knows no lane that is not there", async () => {
    const made = well(await refreshBrief(house, OPERATOR));
    const answer = well(await readBrief(house, "ops"));
    expect(answer.sha256).toBe(made.sha256);
    expect((answer.brief["lanes"] as { name: string }[]).map(({ name }) => name)).toEqual(["ops"]);
    expect(await readBrief(house, "opz")).toMatchObject({
      ok: false,
      refusal: { sort: "missing", field: "lane" },
    });
  });

  const edits: readonly (readonly [string, (path: string) => void])[] = [
    [
      "changed by one character",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"P2"', '"P0"')),
    ],
    [
      "given another time",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace("2026-11-23", "2027-11-23")),
    ],
    ["cut short", (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 100))],
    ["emptied", (path) => writeFileSync(path, "")],
    ["deleted", (path) => rmSync(path)],
  ];
  it.each(edits)(
    "sees a file that was %s, answers stale, and mends it with the next refresh",
    async (_, edit) => {
      const made = well(await refreshBrief(house, OPERATOR));
      const before = readFileSync(house.briefFile.path, "utf8");
      edit(house.briefFile.path);
      const { valid, findings } = await validateQueue(house);
      expect(valid).toBe(true);
      expect(findings).toMatchObject([{ code: "Q037", severity: "warning" }]);
      expect(findings[0]?.detail).toContain(house.briefFile.path);
      expect(well(await readBrief(house))).toMatchObject({ stale: true, staleBecause: ["Q037"] });
      expect(well(await refreshBrief(house, OPERATOR))).toEqual({ ...made, changed: false });
      expect(readFileSync(house.briefFile.path, "utf8")).toBe(before);
      expect(await codes()).toEqual([]);
    },
  );

  it("sees a file that nobody made", async () => {
    writeFileSync(house.briefFile.path, "{}");
    expect(await codes()).toEqual(["Q037"]);
  });

  it("sees a revision that was changed in the table, and makes a new one", async () => {
    well(await refreshBrief(house, OPERATOR));
    const raw = await openRaw(open.url);
    await raw.write([{ sql: "UPDATE briefs SET content = replace(content, 'It plays', 'It shines')" }]);
    await raw.close();
    expect((await validateQueue(house)).findings).toMatchObject([
      { code: "Q037", detail: expect.stringContaining("changed in the database") },
    ]);
    expect(well(await refreshBrief(house, OPERATOR))).toMatchObject({ revision: 2, changed: true });
    expect(await codes()).toEqual([]);
  });

  it("mends what a crash between table and file left: the table is ahead, then they agree", async () => {
    well(await refreshBrief(house, OPERATOR));
    await added(house);
    const crashing: House = {
      ...house,
      briefFile: { ...house.briefFile, write: () => Promise.reject(new Error("power cut")) },
    };
    await expect(refreshBrief(crashing, OPERATOR)).rejects.toThrow("power cut");
    expect(file().revision).toBe(1);
    expect((await house.briefs.last())?.revision).toBe(2);
    expect(await codes()).toEqual(["Q037"]);
    expect(well(await refreshBrief(house, OPERATOR))).toMatchObject({ revision: 2, changed: false });
    expect(file().revision).toBe(2);
  });

  it("lets many refresh at once: one revision, one file, nobody refused", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => refreshBrief(house, OPERATOR)));
    expect(made.map((one) => well(one).revision)).toEqual(Array.from({ length: 8 }, () => 1));
    expect(await codes()).toEqual([]);
  });

  it("keeps the newest twenty revisions", async () => {
    for (let turn = 1; turn <= 23; turn += 1) {
      await added(house);
      expect(well(await refreshBrief(house, OPERATOR)).revision).toBe(turn);
    }
    const raw = await openRaw(open.url);
    const [rows = []] = await raw.read([
      { sql: "SELECT min(revision) AS first, count(*) AS count FROM briefs" },
    ]);
    await raw.close();
    expect(rows[0]).toMatchObject({ first: 4, count: 20 });
  });

  it("can be checked by any reader, as docs/brief.md says how", async () => {
    await added(house, { title: "Größe prüfen 🎬 שלום", acceptance: "Zeile 1\n\tZeile “2”" });
    const made = well(await refreshBrief(house, OPERATOR));
    const page = readFileSync(new URL("../../docs/brief.md", import.meta.url), "utf8");
    const script = /```js\n(.*?)```/s.exec(page)?.[1]?.replace("data/brief.json", house.briefFile.path) ?? "";
    const options = ["--input-type=module", "-e", script];
    expect(execFileSync(process.execPath, options, { encoding: "utf8" }).trim()).toBe("true");
    const last = await house.briefs.last();
    expect(
      createHash("sha256")
        .update(last?.content ?? "")
        .digest("hex"),
    ).toBe(made.sha256);
  });

  it("leaves nothing beside the file, which everybody may read and only its owner write", async () => {
    well(await refreshBrief(house, OPERATOR));
    const folder = dirname(house.briefFile.path);
    expect(readdirSync(folder).filter((name) => name.includes("brief"))).toEqual(["brief.json"]);
    expect(statSync(join(folder, "brief.json")).mode & 0o777).toBe(0o644);
  });
});
