import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { briefFile } from "../../adapters/brief/file.ts";

describe("the brief's file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gatehouse-brief-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is not there until it is written, then whole", async () => {
    const file = briefFile(join(folder, "data", "brief.json"));
    expect(await file.read()).toBeNull();
    await file.write("first\n");
    await file.write("second\n");
    expect(await file.read()).toBe("second\n");
    expect(readdirSync(join(folder, "data"))).toEqual(["brief.json"]);
  });

  it("is never seen half-written, however often it is replaced", async () => {
    const file = briefFile(join(folder, "brief.json"));
    const texts = ["a", "b"].map((letter) => letter.repeat(300_000));
    await file.write(texts[0] ?? "");
    const writing = new AbortController();
    const seen = new Set<string>();
    const reader = (async () => {
      while (!writing.signal.aborted) {
        const text = await file.read();
        seen.add(text === null ? "nothing" : texts.includes(text) ? "whole" : "torn");
      }
    })();
    for (let turn = 0; turn < 40; turn += 1) await file.write(texts[turn % 2] ?? "");
    writing.abort();
    await reader;
    expect([...seen]).toEqual(["whole"]);
  });

  it("sweeps what a killed process left, and leaves alone what another may be writing", async () => {
    const old = new Date(Date.now() - 120_000);
    writeFileSync(join(folder, ".brief.json.dead"), "half");
    utimesSync(join(folder, ".brief.json.dead"), old, old);
    writeFileSync(join(folder, ".brief.json.living"), "half");
    await briefFile(join(folder, "brief.json")).write("whole");
    expect(readdirSync(folder).toSorted()).toEqual([".brief.json.living", "brief.json"]);
  });

  it("replaces a link instead of writing through it", async () => {
    writeFileSync(join(folder, "elsewhere"), "untouched");
    symlinkSync(join(folder, "elsewhere"), join(folder, "brief.json"));
    await briefFile(join(folder, "brief.json")).write("brief");
    expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("untouched");
    expect(readFileSync(join(folder, "brief.json"), "utf8")).toBe("brief");
  });

  it("says in a sentence what stands in its way", async () => {
    mkdirSync(join(folder, "brief.json"));
    const file = briefFile(join(folder, "brief.json"));
    await expect(file.read()).rejects.toThrow(
      /The brief cannot be read at .*brief\.json: give this process access/,
    );
    await expect(file.write("text")).rejects.toThrow(/The brief cannot be written at .*brief\.json/);
    expect(readdirSync(folder)).toEqual(["brief.json"]);
  });
});
