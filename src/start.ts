import { once } from "node:events";
import { readFileSync } from "node:fs";
import { appendFile, chmod, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { type Config, loadEnvironmentFile, readConfig, WrongConfig } from "./config.ts";
import type { CliHost } from "./doors/cli/cli.ts";
import { runCli } from "./doors/cli/run.ts";
import { openHouse, wholeConfig } from "./wiring.ts";

const MANIFEST = new URL("../package.json", import.meta.url);

/** The process: this user, this terminal, this environment. Sets the exit status and lets the process end by itself. */
export async function main(args: readonly string[]): Promise<void> {
  endQuietlyOnBrokenPipe();
  const fileFault = loadEnvironmentFile();
  const config = (): Config => {
    if (fileFault !== null) throw new WrongConfig([fileFault]);
    return wholeConfig();
  };
  const { version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string };
  const host: CliHost = {
    version,
    user: userName(),
    terminal: {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      drained: drainedOutput,
      errIsTty: process.stderr.isTTY,
    },
    open: () => openHouse(config()),
    person:
      process.stdin.isTTY && process.stdout.isTTY ? { input: process.stdin, output: process.stdout } : null,
    publicUrl: () => config().publicUrl,
    async slackManifest(options) {
      const [{ slackManifest }, { catalogue }, { allVerbs }] = await Promise.all([
        import("../adapters/chat/slack/manifest.ts"),
        import("./doors/chat/catalogue.ts"),
        import("./doors/chat/verbs/all.ts"),
      ]);
      return slackManifest(catalogue(allVerbs), options);
    },
    async discordInvite() {
      const { discordInvite } = await import("../adapters/chat/all.ts");
      return discordInvite(config());
    },
    async serve(ready) {
      const whole = config();
      const { serve } = await import("./serve.ts");
      await serve(whole, version, ready);
    },
    async diagnose() {
      const { config: usable, faults } = readConfig();
      const [{ diagnose }, { systemProbes }, { allChatProbes }] = await Promise.all([
        import("./commands/diagnose.ts"),
        import("../adapters/system/probes.ts"),
        import("../adapters/chat/all.ts"),
      ]);
      const { http, proof } = usable;
      const settings = {
        ...http,
        proofRoot: proof.root,
        proofRootGiven: proof.rootGiven,
        manifest: MANIFEST,
      };
      return diagnose({
        probes: systemProbes(settings),
        chats: allChatProbes(usable),
        configFaults: fileFault === null ? faults : [fileFault, ...faults],
        async open() {
          const { house, store, close } = await openHouse(usable);
          return { house, maintenance: store.maintenance, close };
        },
      });
    },
    readFile: (path) => readFile(path),
    writeNewFile,
    addToFile,
  };
  process.exitCode = await runCli(args, host).catch(tellOwnFault);
}

/** Apart from every status that has a meaning, as sysexits.h numbers it: a script must not take our fault for an answer. */
const OWN_FAULT = 70;

function tellOwnFault(error: unknown): number {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`This is a fault of Gatehouse itself, please report it:\n${what}\n`);
  return OWN_FAULT;
}

/** Somebody who has seen enough closes the pipe (`gatehouse task list | head`); that is no fault of anybody. */
function endQuietlyOnBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

async function drainedOutput(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

/** A process may run under a number that has no name, as in many containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

async function writeNewFile(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function addToFile(path: string, text: string): Promise<void> {
  await chmod(path, 0o600);
  await appendFile(path, text);
}
