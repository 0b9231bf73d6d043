// A real house behind the real HTTP door on a free port of 127.0.0.1, with an operator's and an agent's key.
import { Connection } from "../../../db/connection.ts";
import { addAgent } from "../../../src/commands/add-agent.ts";
import { setLane } from "../../../src/commands/set-lane.ts";
import { type HttpServerOptions, startHttp } from "../../../src/doors/http/server.ts";
import { Nudge } from "../../../src/ports/nudge.ts";
import { openTestHouse, type TestHouse, type TestHouseOptions } from "../../support/house.ts";
import { ROUTE, TRUE_COMMAND, well } from "../../support/story.ts";
import { conformance, type OpenApi } from "./openapi.ts";

export const CALLER = { actor: "person:test:seed" };
export { ROUTE, TRUE_COMMAND };

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export interface Ask {
  /** Absent: the operator's. Null: none at all. */
  readonly key?: string | null;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: NonNullable<RequestInit["body"]>;
  readonly headers?: Record<string, string>;
}

export interface TestDoor extends TestHouse {
  readonly base: string;
  readonly operator: string;
  /** Agents `ada` (lanes builder and ops) and `bob` (lane builder). */
  readonly ada: string;
  readonly bob: string;
  readonly nudge: Nudge;
  readonly document: OpenApi;
  /** `operation status` of every answer so far. */
  readonly seen: ReadonlySet<string>;
  readonly logged: { readonly fields: any; readonly sentence: string }[];
  ask(method: string, path: string, ask?: Ask): Promise<Got>;
  /** Every row of every table but those that are about requests themselves and what they said. */
  everything(): Promise<string>;
}

type Options = TestHouseOptions & { readonly door?: Partial<HttpServerOptions> };

export async function openDoor({ door, ...options }: Options = {}): Promise<TestDoor> {
  const test = await openTestHouse(options);
  const nudge = new Nudge();
  const logged: TestDoor["logged"] = [];
  const write = (fields: object, sentence: string) => void logged.push({ fields, sentence });
  const server = await startHttp({
    house: test.house,
    host: "127.0.0.1",
    port: 0,
    version: "0.0.0-test",
    nudge,
    log: { info: write, error: write },
    // Tests ask faster than any agent; the limit has a test of its own.
    rate: { perSecond: 100_000, burst: 100_000 },
    ...door,
  });
  for (const name of ["builder", "ops"])
    well(await setLane(test.house, { name, route: ROUTE, capacity: 100 }, CALLER));
  const key = async (name: string, role: "agent" | "operator", lanes: string[]) =>
    well(await addAgent(test.house, { name, role, lanes }, CALLER)).key;
  const operator = await key("olga", "operator", []);
  const ada = await key("ada", "agent", ["builder", "ops"]);
  const bob = await key("bob", "agent", ["builder"]);
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
  const seen = new Set<string>();
  const conforms = conformance(document, seen);
  const dump = await Connection.open({ url: test.url });

  return {
    ...test,
    base: server.url,
    operator,
    ada,
    bob,
    nudge,
    document,
    seen,
    logged,
    async ask(method, path, { key: bearer = operator, body, raw, headers = {} } = {}) {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(sent === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
      });
      const contentType = response.headers.get("content-type") ?? "";
      const text = await response.text();
      const parsed = contentType.includes("json") && text !== "" ? JSON.parse(text) : text;
      if (method !== "HEAD") conforms({ method, path, status: response.status, contentType, body: parsed });
      return { status: response.status, headers: response.headers, body: parsed };
    },
    async everything() {
      const [tables = []] = await dump.read([
        {
          sql: `SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT GLOB 'sqlite_*'
            AND name NOT IN ('idempotency', 'refusals', 'route_observations') ORDER BY name`,
        },
      ]);
      const rows = await dump.read(
        tables.map(({ name }) => ({ sql: `SELECT * FROM "${String(name)}" ORDER BY 1, 2` })),
      );
      return JSON.stringify(rows);
    },
    async close() {
      await dump.close();
      await server.close();
      await test.close();
    },
  };
}

/** A task that may be pulled, as a body. */
export function newTask(fields: Record<string, unknown> = {}) {
  return {
    title: "Cut the clip",
    acceptance: "It plays",
    lane: "builder",
    policy: { requirements: [TRUE_COMMAND] },
    ...fields,
  };
}

export async function addedTask(door: TestDoor, fields: Record<string, unknown> = {}): Promise<any> {
  const { status, body } = await door.ask("POST", "/v1/tasks", { body: newTask(fields) });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

export interface HeldTask {
  readonly attempt: any;
  readonly task: any;
  /** What every beat of this attempt says. */
  readonly beat: any;
}

/** Claims as ada unless told. */
export async function claimedTask(door: TestDoor, session = "s-1", key = door.ada): Promise<HeldTask> {
  const { status, body } = await door.ask("POST", "/v1/claims", {
    key,
    body: { lane: "builder", session, route: ROUTE },
  });
  if (status !== 200 || body.attempt === null) throw new Error(JSON.stringify(body));
  const { attempt, task } = body;
  return {
    attempt,
    task,
    beat: { epoch: attempt.epoch, lane: "builder", task: task.key, session, route: ROUTE },
  };
}
