import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemProbes } from "../../adapters/system/probes.ts";
import { diagnose } from "../../src/commands/diagnose.ts";
import { type Ran, runHere } from "../support/command-line.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw } from "../support/raw.ts";

let opened: TestHouse;
const gatehouse = (...args: string[]): Promise<Ran> => runHere(opened.house, args);
const REPORT = '{"name":"report","kind":"file","path":"report.txt"}';

beforeEach(async () => {
  opened = await openTestHouse();
  await seedRoster(opened.house);
  await gatehouse(
    "task",
    "add",
    "Report",
    "--lane",
    "builder",
    "--acceptance",
    "it is there",
    "--require",
    REPORT,
  );
});
afterEach(() => opened.close());

/** What no verb can do: a queued task loses its acceptance behind everybody's back. */
const breakTask = async (): Promise<void> => {
  const raw = await openRaw(opened.url);
  await raw.write([{ sql: "UPDATE task_texts SET acceptance = ''" }]);
  await raw.close();
};
const doctor = async () => {
  const manifest = new URL("../../package.json", import.meta.url);
  const probes = systemProbes({
    host: "127.0.0.1",
    port: 0,
    proofRoot: opened.proofs,
    proofRootGiven: true,
    manifest,
  });
  const { house, store } = opened;
  const open = () =>
    Promise.resolve({ house, maintenance: store.maintenance, close: () => Promise.resolve() });
  const { checks } = await diagnose({ probes, configFaults: [], open });
  return checks.find(({ name }) => name === "brief");
};

it("queue-validate ends with 0 where the queue is valid", async () => {
  const { status, out } = await gatehouse("queue-validate");

  expect(status).toBe(0);
  expect(out).toBe("The queue is valid: 0 errors, 0 warnings in 1 tasks\n");
  expect((await gatehouse("queue-validate", "--json")).json).toMatchObject({
    valid: true,
    tasks: 1,
    findings: [],
  });
});

it("queue-validate lists a draft that is not whole, a finding that does not make the queue invalid", async () => {
  await gatehouse("task", "add", "Think", "--draft");
  const { status, out } = await gatehouse("queue-validate");

  expect(status).toBe(1);
  expect(out).toMatch(/^The queue is valid: 0 errors, 1 warnings/);
  expect(out).toMatch(/^Q006 {2}warning {2}GATE-2 {2}\S.*\n {2,}\S/m);
});

it("queue-validate ends with 1 where it is not, with the rule, what is so and what mends it", async () => {
  await breakTask();
  const { status, out } = await gatehouse("queue-validate");
  const { json } = await gatehouse("queue-validate", "--json");

  expect(status).toBe(1);
  expect(out).toMatch(
    /^The queue is INVALID: 1 errors, 0 warnings in 1 tasks\nQ002 {2}error {4}GATE-1 {2}\S/,
  );
  expect(json.findings).toMatchObject([{ code: "Q002", severity: "error", task: "GATE-1" }]);
});

it("queue-operating-refresh makes the brief from a valid queue, once for each state of it", async () => {
  const first = await gatehouse("queue-operating-refresh", "--json");
  const again = await gatehouse("queue-operating-refresh");

  expect(first.status).toBe(0);
  expect(first.json).toMatchObject({ revision: 1, changed: true });
  expect(again.out).toContain("which the queue still says");
  expect(JSON.parse(readFileSync(join(opened.folder, "brief.json"), "utf8"))).toMatchObject({
    revision: 1,
    generatedBy: "person:cli:tess",
    sha256: first.json.sha256,
  });
});

it("queue-operating-refresh refuses an invalid queue, says what is wrong with it, and keeps the last brief", async () => {
  const first = await gatehouse("queue-operating-refresh", "--json");
  await breakTask();
  const { status, err } = await gatehouse("queue-operating-refresh");

  expect(status).toBe(1);
  expect(err).toContain("refused by queue-truth: queue-invalid\n");
  expect(err).toContain("Q002");
  expect(JSON.parse(readFileSync(join(opened.folder, "brief.json"), "utf8"))).toMatchObject({
    revision: 1,
    sha256: first.json.sha256,
    stale: true,
  });
});

it("the doctor tells how the brief is: none, good, stale, or edited by hand", async () => {
  expect(await doctor()).toMatchObject({ ok: true, detail: "none was made yet" });
  await gatehouse("queue-operating-refresh");
  expect(await doctor()).toMatchObject({ ok: true, detail: expect.stringMatching(/^revision 1 of 2/) });
  writeFileSync(join(opened.folder, "brief.json"), "{}");
  expect(await doctor()).toMatchObject({ ok: false, detail: expect.stringContaining("edited by hand") });
  await gatehouse("queue-operating-refresh");
  await breakTask();
  await gatehouse("queue-operating-refresh");
  expect(await doctor()).toMatchObject({ ok: false, detail: expect.stringMatching(/is stale, .*Q002/) });
});

it("job list shows every job, and that one was run by hand", async () => {
  await gatehouse("queue-validate");
  const { json, status } = await gatehouse("job", "list", "--json");
  expect(status).toBe(0);
  const jobs = (json as { readonly jobs: readonly { readonly job: string; readonly last: unknown }[] }).jobs;
  expect(jobs.map(({ job }) => job)).toEqual([
    "heartbeat",
    "queue-validate",
    "queue-operating-refresh",
    "autonomy-verify-watch",
    "dispatch-ready-work",
    "digest",
  ]);
  expect(jobs[1]?.last).toMatchObject({
    byHand: true,
    outcome: "well",
    findings: 0,
    detail: "valid: 0 errors, 0 warnings in 1 tasks",
  });
  expect((await gatehouse("job", "list")).out).toMatch(
    /^queue-validate +by hand +\S+ by hand +\d+ ms +well/mu,
  );
});
