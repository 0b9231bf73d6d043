// The bot as it is served looks at proofs in a second process: it ends with the bot however that ends, the bot goes on
// when it dies, and a command line that only passes by starts none.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { endAll, type GatehouseProcess, runGatehouse, startGatehouse } from "../support/gatehouse-process.ts";

const LONG = { timeout: 25_000, interval: 50 };
const scratch = mkdtempSync(join(tmpdir(), "gatehouse-verifying-"));
let folder: string;
let bot: GatehouseProcess;
let url: string;
let count = 0;

const settings = () => ({
  cwd: folder,
  env: {
    GATEHOUSE_DB_URL: `file:${join(folder, "gatehouse.db")}`,
    GATEHOUSE_PROOF_ROOT: join(folder, "proofs"),
    GATEHOUSE_HTTP: "127.0.0.1:0",
  },
});

async function gatehouse(...args: string[]): Promise<string> {
  const { status, out, err } = await runGatehouse(args, settings());
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out;
}

beforeEach(async () => {
  count += 1;
  folder = join(scratch, `${count}`);
  mkdirSync(join(folder, "proofs"), { recursive: true });
  bot = startGatehouse(["serve"], settings());
  url = await bot.ready();
  await gatehouse("lane", "set", "builder", "--route", "anthropic/claude-opus-5");
});
afterEach(endAll);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Says which process runs it, then does the rest. */
const telling = (rest: string) => ["sh", "-c", `echo $PPID $$ > pids.part && mv pids.part pids && ${rest}`];

function addTask(argv: readonly string[]): Promise<string> {
  const requirement = JSON.stringify({ name: "checks", kind: "command", argv, timeoutSeconds: 600 });
  return gatehouse(
    "task",
    "add",
    "Cut",
    "--lane",
    "builder",
    "--acceptance",
    "It plays",
    "--require",
    requirement,
  );
}

/** A task whose proof is a command the bot now runs. */
async function submitted(argv: readonly string[]): Promise<void> {
  await addTask(argv);
  const { key } = JSON.parse(await gatehouse("agent", "add", "ada", "--lane", "builder", "--json"));
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(answer.status).toBeLessThan(300);
    return answer.json() as Promise<{ attempt: { id: string; epoch: number } }>;
  };
  const route = { provider: "anthropic", model: "claude-opus-5" };
  const { attempt } = await post("/v1/claims", { lane: "builder", session: "s-1", route });
  const { id, epoch } = attempt;
  await post(`/v1/attempts/${id}/proofs`, { epoch, uri: "command:checks" });
  await post(`/v1/attempts/${id}/submit`, { epoch });
}

async function pids(): Promise<{ readonly looking: number; readonly command: number }> {
  const file = join(folder, "proofs/pids");
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), LONG);
  const [looking = 0, command = 0] = readFileSync(file, "utf8").trim().split(" ").map(Number);
  return { looking, command };
}

async function gone(...processes: readonly number[]): Promise<void> {
  for (const pid of processes) {
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), LONG);
  }
}

test.each([
  ["SIGTERM", 0],
  ["SIGKILL", null],
] as const)(
  "a bot that ends by %s takes that process and its commands along",
  async (signal, status) => {
    await submitted(telling("exec sleep 600"));
    const { looking, command } = await pids();
    expect(looking).not.toBe(bot.child.pid);
    const told = performance.now();
    bot.child.kill(signal);
    expect((await bot.ended).status).toBe(status);
    expect(performance.now() - told).toBeLessThan(5_000);
    await gone(looking, command);
  },
  60_000,
);

test("when it dies the bot tells of it, looks again in a new one, and completes the task", async () => {
  await submitted(telling("if [ -e once ]; then exit 0; else touch once && exec sleep 600; fi"));
  const { looking, command } = await pids();
  // A terminal that is interrupted signals everybody: when to end is the bot's to say.
  process.kill(looking, "SIGINT");
  process.kill(looking, "SIGTERM");
  rmSync(join(folder, "proofs/pids"));
  process.kill(looking, "SIGKILL");
  await gone(looking, command);
  const again = await pids();
  expect(again.looking).not.toBe(looking);
  await vi.waitFor(async () => expect(await gatehouse("task", "show", "GATE-1")).toContain("done"), LONG);
  bot.child.kill("SIGTERM");
  const lines = (await bot.ended).err.trim().split("\n");
  const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /looks at proofs/.test(msg));
  expect(told).toEqual([expect.objectContaining({ level: 50, died: "SIGKILL", lost: 1 })]);
}, 60_000);

test("a dry run at the command line looks right there", async () => {
  await addTask(telling("true"));
  const trying = startGatehouse(["policy", "try", "GATE-1", "command:checks"], settings());
  expect((await pids()).looking).toBe(trying.child.pid);
  expect((await trying.ended).status).toBe(0);
}, 60_000);
