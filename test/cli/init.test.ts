import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { appendFile, chmod, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environmentExample } from "../../src/environment-example.ts";
import { runHere } from "../support/command-line.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

// `gatehouse init` with somebody at the terminal: the real questions, answered by keys.

const SPACE = " ";
const ENTER = "\r";
const DOWN = "\u001B[B";
const BACK = "\u007F";
const CANCEL = "\u0003";

let open: TestHouse;
let folder: string;
beforeEach(async () => {
  open = await openTestHouse();
  folder = mkdtempSync(join(tmpdir(), "gatehouse-init-"));
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true });
});

/** Presses the keys of an answer as soon as its question stands on the screen. */
function somebody(answers: readonly (readonly [question: string, keys: readonly string[]])[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const left = [...answers];
  let screen = "";
  output.on("data", (part: Buffer) => {
    screen += part.toString();
    const [next] = left;
    if (next === undefined || !screen.includes(next[0])) return;
    left.shift();
    screen = "";
    // The question listens from the next turn on.
    setImmediate(() => {
      for (const key of next[1]) input.write(key);
    });
  });
  return { input, output, left };
}

const environment = () => readFileSync(join(folder, ".env"), "utf8");
async function init(person: ReturnType<typeof somebody> | null) {
  const path = (name: string) => join(folder, name);
  return runHere(open.house, ["init"], {
    person,
    readFile: (name) => readFile(path(name)),
    async writeNewFile(name, text) {
      return writeFile(path(name), text, { flag: "wx", mode: 0o600 }).then(
        () => true,
        () => false,
      );
    },
    async addToFile(name, text) {
      await chmod(path(name), 0o600);
      await appendFile(path(name), text);
    },
  });
}

test("asks for the platforms that are chosen alone, and writes what was answered in its place", async () => {
  const person = somebody([
    ["Which chats", [SPACE, ENTER]],
    ["Bot token", ["xoxb-1-abc", ENTER]],
    ["App-level token", ["xapp-1-def", ENTER]],
  ]);
  const { status, out } = await init(person);
  expect(person.left).toEqual([]);
  expect([status, out]).toEqual([0, expect.stringContaining("Wrote .env")]);
  expect(environment()).toContain("\nSLACK_BOT_TOKEN=xoxb-1-abc\nSLACK_APP_TOKEN=xapp-1-def\n");
  expect(environment()).toContain("\n# DISCORD_TOKEN=");
  expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
});

test("takes no value the configuration would refuse", async () => {
  const person = somebody([
    ["Which chats", [SPACE, ENTER]],
    ["Bot token", ["xapp-mixed-up", ENTER]],
    ["It takes a bot token", [...Array.from("xapp-mixed-up", () => BACK), "xoxb-1-abc", ENTER]],
    ["App-level token", ["xapp-1-def", ENTER]],
  ]);
  await init(person);
  expect(person.left).toEqual([]);
  expect(environment()).toContain("\nSLACK_BOT_TOKEN=xoxb-1-abc\n");
});

test("asks for both, one after another", async () => {
  const person = somebody([
    ["Which chats", [SPACE, DOWN, SPACE, ENTER]],
    ["Bot token", ["xoxb-1-abc", ENTER]],
    ["App-level token", ["xapp-1-def", ENTER]],
    ["The bot's token", ["a.b#c", ENTER]],
    ["The server's id", ["123456789012345678", ENTER]],
  ]);
  await init(person);
  expect(person.left).toEqual([]);
  // What a file would read as the beginning of a comment is quoted.
  expect(environment()).toContain("\nDISCORD_TOKEN='a.b#c'\nDISCORD_GUILD_ID=123456789012345678\n");
});

test("keeps a file that is there: only what it lacks is added, for its owner's eyes", async () => {
  const file = join(folder, ".env");
  writeFileSync(file, "SLACK_BOT_TOKEN=xoxb-of-before", { mode: 0o644 });
  const person = somebody([
    ["Which chats", [SPACE, ENTER]],
    ["Bot token", ["xoxb-1-abc", ENTER]],
    ["App-level token", ["xapp-1-def", ENTER]],
  ]);
  const { out } = await init(person);
  expect(environment()).toBe("SLACK_BOT_TOKEN=xoxb-of-before\nSLACK_APP_TOKEN=xapp-1-def\n");
  expect(out).toContain("left as they were: SLACK_BOT_TOKEN");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("writes nothing where somebody thinks better of it", async () => {
  const person = somebody([
    ["Which chats", [SPACE, ENTER]],
    ["Bot token", [CANCEL]],
  ]);
  const { status } = await init(person);
  expect(status).toBe(1);
  expect(() => environment()).toThrow("ENOENT");
});

test("asks nothing where nobody sits there", async () => {
  const { status } = await init(null);
  expect(status).toBe(0);
  expect(environment()).toBe(environmentExample);
});
