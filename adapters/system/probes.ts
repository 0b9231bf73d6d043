import { readFileSync } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { resolve } from "node:path";
import type { Probes } from "../../src/ports/probes.ts";

export interface ProbeSettings {
  readonly host: string;
  readonly port: number;
  readonly proofRoot: string;
  readonly proofRootGiven: boolean;
  /** The package.json of this program. */
  readonly manifest: URL;
}

const ANSWER_MS = 1500;

export function systemProbes(settings: ProbeSettings): Probes {
  return {
    runtime() {
      const { engines } = JSON.parse(readFileSync(settings.manifest, "utf8")) as {
        engines: { node: string };
      };
      return { version: process.versions.node, engines: engines.node };
    },
    port: () => probePort(settings.host, settings.port),
    async proofRoot() {
      const path = resolve(settings.proofRoot);
      return { path, given: settings.proofRootGiven, state: await folderState(path) };
    },
  };
}

/** Listens for an instant; where somebody is there already, asks who. */
async function probePort(host: string, port: number): Promise<Awaited<ReturnType<Probes["port"]>>> {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (port === 0) return { address, state: "free", detail: "any free port" };
  const failure = await listenFailure(host, port);
  if (failure === null) return { address, state: "free", detail: "" };
  if (failure !== "EADDRINUSE") return { address, state: "unusable", detail: failure };
  // Who listens on every address answers on the local one.
  const asked = host === "0.0.0.0" ? address.replace(host, "127.0.0.1") : address.replace("[::]", "[::1]");
  try {
    const answer = await fetch(`http://${asked}/healthz`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: "manual",
    });
    const said: unknown = await answer.json();
    const ours = said !== null && typeof said === "object" && "status" in said && said.status === "alive";
    return {
      address,
      state: ours ? "ours" : "other",
      detail: ours ? "" : `it answers /healthz with ${answer.status}`,
    };
  } catch {
    return { address, state: "other", detail: "it does not answer /healthz as Gatehouse does" };
  }
}

/** Null where the address could be listened on; it is given back at once. */
function listenFailure(host: string, port: number): Promise<string | null> {
  return new Promise((resolveFailure) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolveFailure(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolveFailure(null));
    });
  });
}

async function folderState(path: string): Promise<Awaited<ReturnType<Probes["proofRoot"]>>["state"]> {
  try {
    if (!(await stat(path)).isDirectory()) return "not-a-folder";
    await access(path, constants.R_OK | constants.X_OK);
    return "usable";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT") return "absent";
    return code === "ENOTDIR" ? "not-a-folder" : "unreadable";
  }
}
