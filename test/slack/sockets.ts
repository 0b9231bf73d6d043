import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { BOT } from "./workspace.ts";

/** What the app made of one thing it was told. */
export interface Acked {
  /** The envelope's id, or the request's number. */
  readonly id: string;
  /** Within three seconds. */
  readonly acked: boolean;
  /** What it answered with: nothing, a message, options, errors of a view. */
  readonly body: any;
  /** From handing it over to the acknowledgement, in milliseconds; three seconds and more where there was none in time. */
  readonly ms: number;
}

export interface Retry {
  readonly attempt: number;
  readonly reason: string;
}

export const DEADLINE_MS = 3000;

/** Socket Mode: each envelope goes to one of the open connections and is acknowledged by its id. */
export class Sockets {
  /** Acknowledgements that came after the deadline, twice, or for nothing that was sent, by envelope id. */
  readonly late: string[] = [];
  readonly twice: string[] = [];
  readonly unknown: string[] = [];
  readonly #server: WebSocketServer;
  readonly #tickets = new Set<string>();
  readonly #open: WebSocket[] = [];
  readonly #waiting = new Map<string, (body: unknown) => void>();
  readonly #over = new Map<string, "in time" | "late">();
  #watchers: (() => void)[] = [];
  #turn = 0;
  /** How many connections were made in all. */
  made = 0;

  constructor(http: Server) {
    this.#server = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  ticket(address: string): string {
    const ticket = randomBytes(12).toString("hex");
    this.#tickets.add(ticket);
    return `${address.replace(/^http/, "ws")}/link/?ticket=${ticket}&app_id=${BOT.app}`;
  }

  get count(): number {
    return this.#open.length;
  }

  /** Resolves as soon as so many connections are open, no more and no fewer. */
  async connected(count: number): Promise<void> {
    while (this.#open.length !== count) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const ticket = url.searchParams.get("ticket") ?? "";
    // A ticket opens one connection.
    if (url.pathname !== "/link/" || !this.#tickets.delete(ticket)) {
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#welcome(ws));
  }

  #welcome(ws: WebSocket): void {
    this.#open.push(ws);
    this.made += 1;
    ws.on("message", (data: Buffer) => this.#heard(data.toString()));
    ws.on("close", () => {
      this.#open.splice(this.#open.indexOf(ws), 1);
      this.#changed();
    });
    ws.send(
      JSON.stringify({
        type: "hello",
        num_connections: this.#open.length,
        connection_info: { app_id: BOT.app },
        debug_info: {
          host: "applink-1",
          started: "2026-11-23 09:00:00.000",
          approximate_connection_time: 18_060,
        },
      }),
      () => this.#changed(),
    );
  }

  #heard(text: string): void {
    const { envelope_id: id, payload = null } = JSON.parse(text) as {
      envelope_id: string;
      payload?: unknown;
    };
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      this.#waiting.delete(id);
      this.#over.set(id, "in time");
      waiting(payload);
      return;
    }
    const over = this.#over.get(id);
    (over === "late" ? this.late : over === "in time" ? this.twice : this.unknown).push(id);
  }

  /** Hands an envelope to the next connection in turn; rejects where there is none. */
  send(
    type: "events_api" | "slash_commands" | "interactive",
    payload: object,
    retry: Retry | null = null,
  ): Promise<Acked> {
    const ws = this.#open[this.#turn % Math.max(1, this.#open.length)];
    this.#turn += 1;
    if (ws === undefined) return Promise.reject(new Error("no socket is connected"));
    const id = randomBytes(8).toString("hex");
    const began = performance.now();
    return new Promise((resolve) => {
      const settle = (acked: boolean, body: unknown): void => {
        clearTimeout(timer);
        resolve({ id, acked, body, ms: performance.now() - began });
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        this.#over.set(id, "late");
        settle(false, null);
      }, DEADLINE_MS);
      this.#waiting.set(id, (body) => settle(true, body));
      ws.send(
        JSON.stringify({
          envelope_id: id,
          type,
          accepts_response_payload: type !== "events_api",
          payload,
          ...(retry === null ? {} : { retry_attempt: retry.attempt, retry_reason: retry.reason }),
        }),
      );
    });
  }

  /** Asks one connection, the oldest, to make room for a new one, as Slack does every few hours. */
  refresh(reason: "refresh_requested" | "warning" = "refresh_requested"): void {
    this.#open[0]?.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "applink-1" } }));
  }

  /** Cuts the oldest connection without a word. */
  cut(): void {
    this.#open[0]?.terminate();
  }

  close(): void {
    for (const ws of this.#open) ws.terminate();
    this.#server.close();
  }
}
