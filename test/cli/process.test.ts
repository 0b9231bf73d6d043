import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentExample } from "../../src/environment-example.ts";
import { endAll, type GatehouseProcess, runGatehouse, startGatehouse } from "../support/gatehouse-process.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-process-"));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  endAll();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("exit statuses", () => {
  const cwd = newFolder();

  it("0: well, and help names every verb that works", async () => {
    const { status, out, err } = await runGatehouse(["--help"], { cwd });

    expect(status).toBe(0);
    expect(err).toBe("");
    const verbs = [...out.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, verb]) => verb);
    expect(verbs).toEqual(
      expect.arrayContaining([
        "serve",
        "init",
        "doctor",
        "task",
        "epic",
        "lane",
        "agent",
        "import",
        "export",
        "queue-validate",
        "queue-operating-refresh",
        "audit",
      ]),
    );
    // Nothing is created by asking for help.
    expect(existsSync(join(cwd, "data"))).toBe(false);
  });

  it("0: a whole short day, each verb a process of its own", async () => {
    const gatehouse = (...args: string[]) => runGatehouse(args, { cwd });
    await gatehouse("lane", "set", "builder", "--route", "anthropic/claude-opus-5");
    await gatehouse(
      ...["task", "add", "Report", "--lane", "builder", "--acceptance", "it is there"].concat([
        "--require",
        '{"name":"report","kind":"file"}',
      ]),
    );
    const { status, out } = await gatehouse("task", "list", "--json");

    expect(status).toBe(0);
    expect(JSON.parse(out).tasks).toMatchObject([{ key: "GATE-1", status: "queued", runnable: true }]);
  });

  it("1: a refusal, on standard error alone", async () => {
    const { status, out, err } = await runGatehouse(["task", "show", "NONE-1"], { cwd });

    expect(status).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("refused by queue-truth: not-found");
  });

  it.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["taks"], "Did you mean task?"],
    [["task"], "Usage: gatehouse task"],
    [[], "Usage: gatehouse"],
    [["task", "list", "--colour"], "unknown option '--colour'"],
    [["task", "show"], "missing required argument 'key'"],
    [["epic", "add", "CLIP", "Clips", "and more"], "too many arguments"],
  ])("2: wrong usage: %o", async (args, words) => {
    const { status, out, err } = await runGatehouse(args, { cwd });

    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(words);
  });

  it("2: a configuration that does not fit, all of it told at once and no secret", async () => {
    const env = { GATEHOUSE_LOG: "loud", GATEHOUSE_TIMEZON: "UTC", GATEHOUSE_DB_TOKEN: "not a token" };
    const { status, err } = await runGatehouse(["task", "list"], { cwd, env });

    expect(status).toBe(2);
    expect(err).toContain('  GATEHOUSE_LOG: got "loud"; takes one of fatal');
    expect(err).toContain("did you mean GATEHOUSE_TIMEZONE?");
    expect(err).toContain("  GATEHOUSE_DB_TOKEN: got a value of 11 characters (not shown)");
    expect(err).not.toContain("not a token");
  });

  it("3: a database that cannot be used", async () => {
    const env = { GATEHOUSE_DB_URL: `file:${cwd}` };
    const { status, err } = await runGatehouse(["task", "list"], { cwd, env });

    expect(status).toBe(3);
    expect(err).toBe(
      `${cwd} is a folder: point GATEHOUSE_DB_URL at a database file, such as file:${cwd}/gatehouse.db.\n`,
    );
    expect((await runGatehouse(["doctor"], { cwd, env })).status).toBe(3);
  });

  it("3: a server that does not answer", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, "127.0.0.1", resolve);
    });
    const { port } = silent.address() as AddressInfo;
    await new Promise((resolve) => {
      silent.close(resolve);
    });
    const env = { GATEHOUSE_DB_URL: `http://127.0.0.1:${port}` };
    const { status, err } = await runGatehouse(["task", "list"], { cwd, env });

    expect(status).toBe(3);
    expect(err).toContain("does not answer");
  });

  it("0: a reader that has seen enough is no fault", async () => {
    const command = `'${process.execPath}' '${MAIN}' export | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)("bash", ["-o", "pipefail", "-c", command], { cwd });

    expect(JSON.parse(stdout)).toMatchObject({ format: expect.any(String) });
    expect(stderr).toBe("");
  });
});

describe("init", () => {
  it("writes a .env of its owner's alone, makes the database, and says what comes next", async () => {
    const cwd = newFolder();
    const { status, out } = await runGatehouse(["init"], { cwd });

    expect(status).toBe(0);
    expect(readFileSync(join(cwd, ".env"), "utf8")).toBe(environmentExample);
    expect(statSync(join(cwd, ".env")).mode & 0o777).toBe(0o600);
    expect(existsSync(join(cwd, "data/gatehouse.db"))).toBe(true);
    expect(out).toContain("gatehouse lane set builder --route PROVIDER/MODEL");
  });

  it("leaves a .env that is there as it is, and reads it", async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, ".env"), "GATEHOUSE_DB_URL=file:elsewhere/queue.db\n");
    const { status, out } = await runGatehouse(["init"], { cwd });

    expect(status).toBe(0);
    expect(out).toContain("There is a .env already");
    expect(readFileSync(join(cwd, ".env"), "utf8")).toBe("GATEHOUSE_DB_URL=file:elsewhere/queue.db\n");
    expect(existsSync(join(cwd, "elsewhere/queue.db"))).toBe(true);
  });
});

describe("serve", () => {
  const cwd = newFolder();
  const env = { GATEHOUSE_HTTP: "127.0.0.1:0" };
  let bot: GatehouseProcess;
  let url: string;
  beforeAll(async () => {
    bot = startGatehouse(["serve"], { cwd, env });
    url = await bot.ready();
  });

  it("answers at the address it prints, and has made the folder of proofs", async () => {
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "alive" });
    expect(statSync(join(cwd, "data/proofs")).isDirectory()).toBe(true);
  });

  it("works on the same file as the command line beside it, and announces what was proved", async () => {
    const gatehouse = (...args: string[]) => runGatehouse(args, { cwd, env });
    await gatehouse("lane", "set", "builder", "--route", "anthropic/claude-opus-5");
    const { out } = await gatehouse("agent", "add", "ada", "--lane", "builder", "--json");
    const require = '{"name":"report","kind":"file","path":"report.txt"}';
    const task = [
      "task",
      "add",
      "Report",
      "--lane",
      "builder",
      "--acceptance",
      "it is there",
      "--require",
      require,
    ];
    await gatehouse(...task);
    const { key } = JSON.parse(out) as { key: string };
    const call = async (path: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const answer = await fetch(`${url}/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      expect(answer.status).toBeLessThan(300);
    };
    const route = { provider: "anthropic", model: "claude-opus-5" };
    await call("/claims", { lane: "builder", session: "s", route });
    writeFileSync(join(cwd, "data/proofs/report.txt"), "here it is\n");
    await call("/attempts/GATE-1.1/proofs", { epoch: 1, uri: "file:report.txt" });
    await call("/attempts/GATE-1.1/submit", { epoch: 1 });

    await expect
      .poll(async () => JSON.parse((await gatehouse("task", "show", "GATE-1", "--json")).out).status, {
        timeout: 60_000,
      })
      .toBe("done");
  }, 90_000);

  it("has the address for itself: a second one says so and ends with 3, and the first goes on", async () => {
    const second = await runGatehouse(["serve"], { cwd, env: { GATEHOUSE_HTTP: new URL(url).host } });

    expect(second.status).toBe(3);
    expect(second.err).toContain(`Another process already listens on ${new URL(url).host}`);
    expect(second.out).toBe("");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("is told by the doctor to be ours", async () => {
    const { out } = await runGatehouse(["doctor"], { cwd, env: { GATEHOUSE_HTTP: new URL(url).host } });

    expect(out).toMatch(/^ok +port +a Gatehouse answers at 127\.0\.0\.1:\d+$/m);
  });

  it("logs JSON lines on standard error, and one line alone on standard output", async () => {
    bot.child.kill("SIGTERM");
    const stopping = performance.now();
    const { status, out, err } = await bot.ended;

    expect(status).toBe(0);
    expect(performance.now() - stopping).toBeLessThan(5_000);
    expect(out).toBe(`Gatehouse is ready at ${url}\n`);
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    expect(lines.map(({ msg }) => msg)).toEqual(["ready", "stopping", "stopped"]);
    // What was written stands in the file itself: the log beside it was moved there.
    expect(existsSync(join(cwd, "data/gatehouse.db-wal"))).toBe(false);
  });

  it("stops at SIGINT too, in the middle of a live stream", async () => {
    const again = startGatehouse(["serve"], { cwd, env: { ...env, GATEHOUSE_LOG: "silent" } });
    const at = await again.ready();
    const { out } = await runGatehouse(["agent", "add", "op", "--role", "operator", "--json"], { cwd });
    const { key } = JSON.parse(out) as { key: string };
    const headers = { authorization: `Bearer ${key}`, accept: "text/event-stream" };
    const stream = await fetch(`${at}/v1/events`, { headers });
    expect(stream.status).toBe(200);
    again.child.kill("SIGINT");

    expect(await again.ended).toEqual({ status: 0, out: `Gatehouse is ready at ${at}\n`, err: "" });
    await stream.body?.cancel().catch(() => undefined);
  });

  it("is gone five seconds after a signal even where another process holds the database", async () => {
    const again = startGatehouse(["serve"], { cwd, env });
    const at = await again.ready();
    const { default: Database } = await import("libsql");
    const holder = new Database(join(cwd, "data/gatehouse.db"), { timeout: 5_000 });
    holder.exec("BEGIN IMMEDIATE");
    // The next look at the leases wants to write and waits, and every read of this process waits behind it.
    const reads = () =>
      fetch(`${at}/readyz`, { signal: AbortSignal.timeout(500) }).then(
        () => "answered",
        () => "kept waiting",
      );
    await expect.poll(reads, { timeout: 20_000 }).toBe("kept waiting");
    again.child.kill("SIGTERM");
    const stopping = performance.now();
    const { status } = await again.ended;
    holder.exec("ROLLBACK");
    holder.close();

    expect(status).toBe(0);
    expect(performance.now() - stopping).toBeLessThan(5_500);
  });

  it("does not start without the folder of proofs it was told of", async () => {
    const named = { ...env, GATEHOUSE_PROOF_ROOT: join(cwd, "misspelt") };
    const { status, err } = await runGatehouse(["serve"], { cwd, env: named });

    expect(status).toBe(3);
    expect(err).toContain(`GATEHOUSE_PROOF_ROOT is ${join(cwd, "misspelt")}, which is not a folder`);
    expect(existsSync(join(cwd, "misspelt"))).toBe(false);
  });
});
