import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemProbes } from "../../adapters/system/probes.ts";
import { type Check, diagnose, type Patient } from "../../src/commands/diagnose.ts";
import { versionFits } from "../../src/commands/version-fits.ts";
import { readConfig } from "../../src/config.ts";
import { startHttp } from "../../src/doors/http/server.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { runHere } from "../support/command-line.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

const MANIFEST = new URL("../../package.json", import.meta.url);

let opened: TestHouse;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-doctor-"));
  opened = await openTestHouse();
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

/** A healthy patient, but for what a test makes of it. */
const patient = (
  settings: Partial<Parameters<typeof systemProbes>[0]> = {},
  rest: Partial<Patient> = {},
): Patient => ({
  probes: systemProbes({
    host: "127.0.0.1",
    port: 0,
    proofRoot: opened.proofs,
    proofRootGiven: true,
    manifest: MANIFEST,
    ...settings,
  }),
  configFaults: [],
  open: () =>
    Promise.resolve({
      house: opened.house,
      maintenance: opened.store.maintenance,
      close: () => Promise.resolve(),
    }),
  ...rest,
});
const checkOf = async (name: string, of: Patient): Promise<Check> => {
  const { checks } = await diagnose(of);
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
};
/** Whatever listens there, on a port of its own. */
const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
};

describe("a healthy Gatehouse", () => {
  it("passes every check", async () => {
    const { checks, reachable } = await diagnose(patient());

    expect(reachable).toBe(true);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "node",
        "configuration",
        "port",
        "proof folder",
        "database",
        "write access",
        "schema",
        "clock",
        "write-ahead log",
        "verifiers",
      ]),
    );
  });

  it("is left as it was found", async () => {
    const before = await opened.house.log.lastEvent();
    await diagnose(patient());

    expect(await opened.house.log.lastEvent()).toBe(before);
  });

  it("ends the command with 0 and prints each check, as lines or as JSON", async () => {
    const host = { diagnose: () => diagnose(patient()) };
    const lines = await runHere(opened.house, ["doctor"], host);
    const { status, json } = await runHere(opened.house, ["doctor", "--json"], host);

    expect(lines.status).toBe(0);
    expect(lines.out).toMatch(/^ok +write access +a row was written and taken away again$/m);
    expect(status).toBe(0);
    for (const check of json.checks) expect(Object.keys(check)).toEqual(["name", "ok", "detail", "fix"]);
  });
});

describe("what is wrong is found, and says what to do", () => {
  it("a Node of another range", async () => {
    const manifest = pathToFileURL(join(folder, "package.json"));
    writeFileSync(manifest, JSON.stringify({ engines: { node: ">=99.0.0" } }));

    expect(await checkOf("node", patient({ manifest }))).toMatchObject({
      ok: false,
      detail: `Node ${process.versions.node}, which is not one of >=99.0.0`,
    });
  });

  it("each variable that does not fit", async () => {
    const { faults: configFaults } = readConfig({ GATEHOUSE_LOG: "loud", GATEHOUSE_TIMEZON: "UTC" });
    const { checks } = await diagnose(patient({}, { configFaults }));

    expect(checks.filter(({ name, ok }) => name === "configuration" && !ok)).toMatchObject([
      { detail: 'GATEHOUSE_LOG: got "loud"', fix: expect.stringContaining("one of fatal") },
      { fix: "GATEHOUSE_TIMEZON takes no such name; did you mean GATEHOUSE_TIMEZONE?" },
    ]);
  });

  it("a port another program has", async () => {
    const server = createServer((_, response) => response.end("hello"));
    const port = await listening(server);
    const check = await checkOf("port", patient({ port }));
    server.close();

    expect(check).toMatchObject({
      ok: false,
      detail: expect.stringContaining("is taken by another program"),
    });
    expect(check.fix).toContain("GATEHOUSE_HTTP");
  });

  it("not a port a Gatehouse has", async () => {
    const log = { info: () => undefined, error: () => undefined };
    const http = await startHttp({ house: opened.house, log, version: "0", host: "127.0.0.1", port: 0 });
    const port = Number(new URL(http.url).port);
    const check = await checkOf("port", patient({ port }));
    await http.close();

    expect(check).toMatchObject({ ok: true, detail: `a Gatehouse answers at 127.0.0.1:${port}` });
    expect(await checkOf("port", patient({ port }))).toMatchObject({
      ok: true,
      detail: `127.0.0.1:${port} is free`,
    });
  });

  it("an address that is not this machine's", async () => {
    expect(await checkOf("port", patient({ host: "192.0.2.1", port: 4100 }))).toMatchObject({
      ok: false,
      detail: "192.0.2.1:4100 cannot be listened on: EADDRNOTAVAIL",
    });
  });

  it.each([
    ["that was named and is not there", "none", true, false],
    ["that will be made", "none", false, true],
    ["that is a file", "file", true, false],
    ["that leads through a file", "file/below", true, false],
    ["that is there", "there", true, true],
  ])("a proof folder %s", async (_, path, proofRootGiven, ok) => {
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "there"), { recursive: true });

    expect(
      await checkOf("proof folder", patient({ proofRoot: join(folder, path), proofRootGiven })),
    ).toMatchObject({ ok });
  });

  it("a proof folder this user may not read", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0);
    const { ok } = await checkOf("proof folder", patient({ proofRoot: closed }));

    // Root reads everything, and then it is well.
    expect(ok).toBe(process.getuid?.() === 0);
  });

  it.each([
    ["ahead of", 2_001],
    ["behind", -2_500],
  ])("a database whose clock is %s this machine's", async (word, skewMs) => {
    const now = Date.now();
    const house = {
      ...opened.house,
      clock: { ...opened.house.clock, now: () => now },
      queue: { ...opened.house.queue, now: () => Promise.resolve(now + skewMs) },
    };
    const skewed = { house, maintenance: opened.store.maintenance, close: () => Promise.resolve() };
    const check = await checkOf("clock", patient({}, { open: () => Promise.resolve(skewed) }));

    expect(check).toMatchObject({ ok: false, detail: expect.stringContaining(`s ${word} this machine's`) });
  });

  it("not two seconds between two looks at a clock", async () => {
    const house = { ...opened.house, queue: { ...opened.house.queue, now: async () => Date.now() + 1_900 } };
    const near = { house, maintenance: opened.store.maintenance, close: () => Promise.resolve() };

    expect(await checkOf("clock", patient({}, { open: () => Promise.resolve(near) }))).toMatchObject({
      ok: true,
    });
  });

  it("a log of changes that no longer shrinks", async () => {
    const maintenance = { ...opened.store.maintenance, walBytes: () => Promise.resolve(64 * 1_048_576 + 1) };
    const swollen = { house: opened.house, maintenance, close: () => Promise.resolve() };

    expect(
      await checkOf("write-ahead log", patient({}, { open: () => Promise.resolve(swollen) })),
    ).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^64\.0 MiB: /),
    });
  });

  it("a disk that takes nothing more", async () => {
    const tryWrite = () =>
      Promise.reject(new Trouble("SQLITE_FULL", "The disk is full: nothing was written."));
    const maintenance = { ...opened.store.maintenance, tryWrite };
    const full = { house: opened.house, maintenance, close: () => Promise.resolve() };
    const host = { diagnose: () => diagnose(patient({}, { open: () => Promise.resolve(full) })) };
    const { status, out } = await runHere(opened.house, ["doctor"], host);

    expect(status).toBe(1);
    expect(out).toMatch(/^WRONG +write access +The disk is full: nothing was written\.\n +Free the disk/m);
  });
});

it("a database that cannot be opened ends the command with 3, and the rest is checked all the same", async () => {
  const closed = () => Promise.reject(new Trouble("newer-schema", "The database has schema 9999."));
  const host = { diagnose: () => diagnose(patient({}, { open: closed })) };
  const { status, json } = await runHere(opened.house, ["doctor", "--json"], host);

  expect(status).toBe(3);
  expect(json.checks.at(-1)).toMatchObject({
    name: "database",
    ok: false,
    detail: "The database has schema 9999.",
  });
  expect(json.checks.map(({ name }: Check) => name)).toContain("port");
});

it.each([
  ["22.18.0", true],
  ["22.17.9", false],
  ["23.5.0", false],
  ["24.10.9", false],
  ["24.21.0", true],
  ["25.0.0", false],
  ["26.0.0", true],
  ["30.1.2", true],
])("Node %s is of our range: %s", (version, fits) => {
  expect(versionFits(version, "^22.18.0 || ^24.11.0 || >=26.0.0")).toBe(fits);
});
