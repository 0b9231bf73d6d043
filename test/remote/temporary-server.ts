// TEST FIXTURE. A server on a new file in a folder of its own, and what a test needs in order to look at it from
// both sides: as the real client does, in raw protocol, and directly into the file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Client, type Config, createClient } from "@libsql/client";
import { type HranaServer, type HranaServerOptions, startHranaServer } from "./hrana-server.ts";

export interface Answer {
  status: number;
  /** The raw text of an answer that is not JSON is under `text`. */
  body: any;
}

export interface TemporaryServer extends HranaServer {
  clock: { now: number };
  connect(config?: Partial<Config>): Client;
  /** One raw request; `baton` continues a stream. */
  post(
    requests: object[],
    options?: { baton?: string; version?: 2 | 3; signal?: AbortSignal },
  ): Promise<Answer>;
  /** Another program on the same file, which the server knows nothing of. */
  outsider: Client;
  /** Whether the committed file holds this name, seen without the server. */
  holds(name: string): Promise<boolean>;
  remove(): Promise<void>;
}

/** The table is `things (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER)`; the clock stands still. */
export async function temporaryServer(options: Partial<HranaServerOptions> = {}): Promise<TemporaryServer> {
  const folder = mkdtempSync(join(tmpdir(), "hrana-"));
  const file = join(folder, "data.db");
  const clock = { now: 1_000_000 };
  const server = await startHranaServer({ file, now: () => clock.now, ...options });
  const outsider = createClient({ url: pathToFileURL(file).href });
  await outsider.execute(
    "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER) STRICT",
  );
  const clients: Client[] = [outsider];
  return {
    ...server,
    clock,
    outsider,
    connect(config = {}) {
      const client = createClient({ url: server.url, ...config });
      clients.push(client);
      return client;
    },
    post: (requests, { baton, version = 2, signal } = {}) =>
      post(`${server.url}/v${version}/pipeline`, JSON.stringify({ baton, requests }), signal),
    async holds(name) {
      const found = await outsider.execute({ sql: "SELECT 1 FROM things WHERE name = ?", args: [name] });
      return found.rows.length === 1;
    },
    async remove() {
      for (const client of clients) client.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function post(url: string, body: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { method: "POST", body, signal: signal ?? null });
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, body: isJson ? JSON.parse(text) : { text } };
}

export const execute = (sql: string, more: object = {}) => ({ type: "execute", stmt: { sql, ...more } });
export const insert = (name: string) => execute(`INSERT INTO things (name) VALUES ('${name}')`);
