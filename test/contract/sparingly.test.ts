import { expect, test } from "vitest";
import { sparingly } from "../../db/sparingly.ts";

/** A look that takes as long as the test says, by the test's own clock. */
function slow() {
  let now = 0;
  let looks = 0;
  const under: ((value: number) => void)[] = [];
  const look = sparingly(
    () => {
      looks += 1;
      return new Promise<number>((resolve) => under.push(resolve));
    },
    () => now,
  );
  return {
    look,
    looks: () => looks,
    pass: (ms: number) => {
      now += ms;
    },
    end: async () => {
      under.shift()?.(looks);
      await Promise.resolve();
    },
  };
}

test("where it is quick, everybody gets a look of his own", async () => {
  const { look, looks, pass, end } = slow();
  const first = look();
  pass(50);
  await end();
  const second = look();
  await end();
  expect([await first, await second, looks()]).toEqual([1, 2, 2]);
});

test("while it takes long, and ten times as long after it, whoever asks is answered by the same", async () => {
  const { look, pass, end } = slow();
  const first = look();
  pass(101);
  const during = look();
  pass(899);
  await end();
  pass(9999);
  const after = look();
  expect(await Promise.all([first, during, after])).toEqual([1, 1, 1]);
});

test("while it is made anew, the last one answers, until it is twenty times as old as it took", async () => {
  const { look, looks, pass, end } = slow();
  const first = look();
  pass(1000);
  await end();
  pass(10_001);
  expect([await look(), looks()]).toEqual([1, 2]);
  pass(50);
  expect([await look(), looks()]).toEqual([1, 2]);
  await end();
  expect(await first).toBe(1);
  pass(100);
  const second = look();
  await end();
  expect([await second, looks()]).toEqual([3, 3]);
});

test("one that is too old answers nobody: whoever comes waits for the new one", async () => {
  const { look, looks, pass, end } = slow();
  const first = look();
  pass(1000);
  await end();
  pass(20_001);
  const anew = look();
  await end();
  expect([await first, await anew, looks()]).toEqual([1, 2, 2]);
});

test("one that fails is not kept", async () => {
  let broken = true;
  let now = 0;
  const look = sparingly(
    () => (broken ? Promise.reject(new Error("away")) : Promise.resolve(7)),
    () => now,
  );
  await expect(look()).rejects.toThrow("away");
  broken = false;
  now += 500;
  expect(await look()).toBe(7);
});
