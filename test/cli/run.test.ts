import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DoubtfulWrite } from "../../db/connection.ts";
import { readConfig, WrongConfig } from "../../src/config.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { runHere } from "../support/command-line.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

let opened: TestHouse;
beforeAll(async () => {
  opened = await openTestHouse();
});
afterAll(() => opened.close());

const failing = (cause: Error) => {
  const open = async () => {
    throw cause;
  };
  return runHere(opened.house, ["task", "list"], { open });
};

describe("what keeps a verb from its work", () => {
  it("is a configuration that does not fit: 2, and every fault of it", async () => {
    const { status, err } = await failing(
      new WrongConfig(readConfig({ GATEHOUSE_LOG: "x", GATEHOUSE_X: "y" }).faults),
    );

    expect(status).toBe(2);
    expect(err).toMatch(/^The configuration does not fit:\n {2}GATEHOUSE_LOG: .*\n {2}GATEHOUSE_X: .*\n$/);
  });

  it("is something that cannot be reached: 3, and the sentence that says what to do", async () => {
    expect(await failing(new Trouble("locked", "The database stayed locked."))).toMatchObject({
      status: 3,
      out: "",
      err: "The database stayed locked.\n",
    });
  });

  it("is an answer that never came: 3, and the advice to look first", async () => {
    const { status, err } = await failing(new DoubtfulWrite("gone"));

    expect(status).toBe(3);
    expect(err).toContain("may or may not have been done");
  });

  it("is a fault of our own: it is not taken for any of these", async () => {
    await expect(failing(new Error("a bug"))).rejects.toThrow("a bug");
  });
});

it("closes the house whatever became of the work", async () => {
  let closed = 0;
  const open = () =>
    Promise.resolve({
      house: {
        ...opened.house,
        listing: { ...opened.house.listing, list: () => Promise.reject(new Trouble("x", "y")) },
      },
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    });
  const { status } = await runHere(opened.house, ["task", "list"], { open });

  expect([status, closed]).toEqual([3, 1]);
});

it("prints its version", async () => {
  expect(await runHere(opened.house, ["--version"])).toMatchObject({
    status: 0,
    out: "0.0.0-test\n",
    err: "",
  });
});

it("tells every verb's help without opening a house", async () => {
  const open = () => Promise.reject(new Error("it was opened"));
  const help = await runHere(opened.house, ["--help"], { open });
  for (const [, verb] of help.out.matchAll(/^ {2}(?!help)([a-z][a-z-]+)/gm)) {
    const { status, out } = await runHere(opened.house, [verb!, "--help"], { open });

    expect(status).toBe(0);
    expect(out).toMatch(/^Usage: gatehouse/);
  }
});
