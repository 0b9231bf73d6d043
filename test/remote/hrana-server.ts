// TEST FIXTURE, never part of the product: a small server that speaks Hrana over HTTP (versions 2 and 3, JSON)
// on one SQLite file, so that the store's contract suite can run against a remote URL where no libSQL server
// can be installed. It refuses what libsql-server refuses, because a store that passes here should pass there.
//
// Deliberately absent: protobuf, cursors, WebSocket, namespaces, replication, TLS, JWT.
import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.ts";
import { type Fault, Faults } from "./faults.ts";
import { answer } from "./pipeline.ts";
import {
  ProtocolError,
  parsePipeline,
  StreamExpired,
  type StreamRequest,
  type StreamResult,
} from "./protocol.ts";
import { type Stream, Streams } from "./streams.ts";
import { Abandoned, WriteLock } from "./write-lock.ts";

/** Above every limit of the protocol, so that it only guards the test's own memory. */
const MAX_REQUEST_BYTES = 64_000_000;
const TICK_MS = 50;

export interface HranaServerOptions {
  /** Path of the database file; created when it does not exist. */
  file: string;
  /** Requests need `Authorization: Bearer <token>` when it is given. */
  token?: string;
  /** Milliseconds; decides expiry and overdue transactions. With a clock of your own call `tick()` after moving it. */
  now?: () => number;
  /** How long a stream may be idle. */
  idleMs?: number;
  /** How long a transaction may keep the write lock while another writer waits. */
  writeTransactionMs?: number;
  maxResponseBytes?: number;
  /** The longest text or blob that can be stored. */
  maxValueBytes?: number;
}

export interface RequestCounters {
  /** Pipeline requests that arrived with a valid token, spoiled ones included. */
  pipelines: number;
  unauthorized: number;
  byType: Record<StreamRequest["type"], number>;
  streamsExpired: number;
  transactionsTaken: number;
}

export interface HranaServer {
  url: string;
  faults: Faults;
  requests: RequestCounters;
  /** Emits "waiting" when a writer starts to wait for another one's transaction. */
  events: EventEmitter<{ waiting: [] }>;
  /** Expires idle streams and takes overdue transactions away, by the clock; otherwise done every 50 ms. */
  tick(): void;
  close(): Promise<void>;
}

export async function startHranaServer(options: HranaServerOptions): Promise<HranaServer> {
  const handler = new Handler(options);
  const http = createServer((request, response) => void handler.handle(request, response));
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(0, "127.0.0.1", resolve);
  });
  const timer = setInterval(() => handler.tick(), TICK_MS).unref();
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    faults: handler.faults,
    requests: handler.requests,
    events: handler.events,
    tick: () => handler.tick(),
    close: async () => {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => {
        http.close(() => resolve());
      });
      http.closeAllConnections();
      await closed;
      await handler.close();
    },
  };
}

class Handler {
  readonly events = new EventEmitter<{ waiting: [] }>();
  readonly faults = new Faults(() => this.#expire(0));
  readonly requests: RequestCounters = {
    pipelines: 0,
    unauthorized: 0,
    byType: {
      close: 0,
      execute: 0,
      batch: 0,
      sequence: 0,
      describe: 0,
      store_sql: 0,
      close_sql: 0,
      get_autocommit: 0,
    },
    streamsExpired: 0,
    transactionsTaken: 0,
  };
  readonly #token: string | undefined;
  readonly #maxResponseBytes: number;
  readonly #lock: WriteLock<Stream>;
  readonly #streams: Streams;
  /** Kept open so that the last stream's end does not tear the write-ahead log down each time. */
  readonly #keeper: Connection;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: HranaServerOptions) {
    const now = options.now ?? Date.now;
    const maxValueBytes = options.maxValueBytes ?? 5_000_000;
    this.#token = options.token;
    this.#maxResponseBytes = options.maxResponseBytes ?? 10_000_000;
    this.#lock = new WriteLock(options.writeTransactionMs ?? 5_000, now, () => this.events.emit("waiting"));
    this.#streams = new Streams({
      file: options.file,
      maxValueBytes,
      idleMs: options.idleMs ?? 10_000,
      now,
      lock: this.#lock,
    });
    this.#keeper = new Connection(options.file, maxValueBytes);
    this.#keeper.useWriteAheadLog();
  }

  tick(): void {
    this.#expire();
    if (this.#lock.takeOverdue()) this.requests.transactionsTaken += 1;
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#streams.closeAll();
    this.#keeper.close();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const work = this.#route(request, response).catch((error: unknown) => sayError(response, error));
    this.#underWay.add(work);
    await work;
    this.#underWay.delete(work);
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    if (route === "GET /v2" || route === "GET /v3") {
      say(response, 200, "Hello, this is HTTP API (Hrana over HTTP)");
    } else if (route === "POST /v2/pipeline") {
      await this.#pipeline(request, response, 2);
    } else if (route === "POST /v3/pipeline") {
      await this.#pipeline(request, response, 3);
    } else {
      // Among them GET /v3-protobuf, by which a client finds out that it has to speak JSON.
      say(response, 404, "Not found");
    }
  }

  async #pipeline(request: IncomingMessage, response: ServerResponse, version: 2 | 3): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const text = await readBody(request);
    if (this.#token !== undefined && request.headers.authorization !== `Bearer ${this.#token}`) {
      this.requests.unauthorized += 1;
      sayJson(response, 401, { error: "Authentication failed: The JWT is invalid" });
      return;
    }
    this.requests.pipelines += 1;
    const fault = this.faults.take(text);
    if (fault === "drop-before-execute") {
      request.socket.destroy();
    } else if (fault === "bad-gateway") {
      say(response, 502, "Bad Gateway");
    } else {
      if (typeof fault === "object") await held(fault, gone.signal);
      const body = await this.#execute(text, version, gone.signal);
      if (fault === "drop-after-execute") request.socket.destroy();
      else if (fault === "bad-gateway-after-execute") say(response, 502, "Bad Gateway");
      else sayJson(response, 200, body);
    }
  }

  async #execute(text: string, version: 2 | 3, signal: AbortSignal): Promise<object> {
    this.tick();
    const pipeline = parsePipeline(text);
    const stream = this.#streams.acquire(pipeline.baton);
    const results: StreamResult[] = [];
    try {
      for (const request of pipeline.requests) {
        this.requests.byType[request.type] += 1;
        const maxResponseBytes = this.#maxResponseBytes;
        const execution = {
          stream,
          streams: this.#streams,
          lock: this.#lock,
          version,
          maxResponseBytes,
          signal,
        };
        results.push(await answer(execution, request));
      }
    } catch (error) {
      this.#streams.close(stream);
      throw error;
    }
    return { baton: this.#streams.release(stream), base_url: null, results };
  }

  #expire(idleMs?: number): void {
    this.requests.streamsExpired += this.#streams.expireIdle(idleMs);
  }
}

/** Waits as the fault says, though never for a caller that has left. */
async function held(fault: Extract<Fault, object>, signal: AbortSignal): Promise<void> {
  const wait = "delayMs" in fault ? sleep(fault.delayMs, undefined, { signal }) : fault.until;
  const gone = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Abandoned()), { once: true });
  });
  await Promise.race([wait, gone]);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) throw new ProtocolError("Request body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function sayError(response: ServerResponse, error: unknown): void {
  if (error instanceof Abandoned || response.destroyed) response.destroy();
  else if (error instanceof ProtocolError) say(response, 400, error.message);
  else if (error instanceof StreamExpired)
    sayJson(response, 500, { message: error.message, code: error.code });
  else sayJson(response, 500, { error: String(error) });
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(text);
}

function sayJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
