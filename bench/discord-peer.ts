// What Discord is to a bot under load: one gateway, interactions at an even pace, and a clock on each first response. It
// checks nothing; how Discord refuses is the tests' business.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const GUILD = "100000000000000001";
const APPLICATION = "100000000000000002";
const CHANNEL = "100000000000000003";
export const PERSON = "100000000000000004";
const HEARTBEAT_MS = 41_250;

export interface Typed {
  readonly verb: string;
  readonly options: Readonly<Record<string, string>>;
  /** The option being typed: asks what fits. */
  readonly focused?: string;
}

export class DiscordPeer {
  readonly #http = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http });
  readonly #waiting = new Map<string, () => void>();
  #socket: WebSocket | null = null;
  #sequence = 0;
  /** How many first responses offered something to choose from. */
  offered = 0;
  #registered: () => void = () => undefined;
  /** Resolves once the bot is connected and has registered its commands. */
  readonly ready = new Promise<void>((resolve) => {
    this.#registered = resolve;
  });

  static async start(): Promise<DiscordPeer> {
    const peer = new DiscordPeer();
    peer.#sockets.on("connection", (socket) => peer.#welcome(socket));
    peer.#http.listen(0, "127.0.0.1");
    await once(peer.#http, "listening");
    return peer;
  }

  get address(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get guild(): string {
    return GUILD;
  }

  /** So many a second. Answers with how long each first response took, in milliseconds. */
  async interactions(all: readonly Typed[], aSecond: number): Promise<readonly number[]> {
    const began = performance.now();
    const responses: Promise<number>[] = [];
    for (const [index, typed] of all.entries()) {
      const waitMs = began + (index * 1000) / aSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      responses.push(this.#interaction(typed));
    }
    return Promise.all(responses);
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #interaction({ verb, options, focused }: Typed): Promise<number> {
    const id = String(200_000_000_000_000_000n + BigInt(this.#sequence));
    const began = performance.now();
    const answered = new Promise<number>((resolve) =>
      this.#waiting.set(id, () => resolve(performance.now() - began)),
    );
    const given = Object.entries(options).map(([name, value]) => {
      return { name, type: 3, value, ...(name === focused ? { focused: true } : {}) };
    });
    const user = { id: PERSON, username: "bench", discriminator: "0", global_name: null, avatar: null };
    this.#dispatch("INTERACTION_CREATE", {
      id,
      application_id: APPLICATION,
      type: focused === undefined ? 2 : 4,
      token: `token-${id}`,
      version: 1,
      guild_id: GUILD,
      channel_id: CHANNEL,
      channel: { id: CHANNEL, type: 0, name: "general" },
      member: { user, roles: [], permissions: "0", joined_at: "2026-01-01T00:00:00Z", flags: 0 },
      data: { id: APPLICATION, name: "gate", type: 1, options: [{ type: 1, name: verb, options: given }] },
      app_permissions: "0",
      locale: "en-US",
      entitlements: [],
      authorizing_integration_owners: {},
    });
    return answered;
  }

  #dispatch(event: string, data: object): void {
    this.#sequence += 1;
    this.#socket?.send(JSON.stringify({ op: 0, t: event, s: this.#sequence, d: data }));
  }

  #welcome(socket: WebSocket): void {
    this.#socket = socket;
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: HEARTBEAT_MS } }));
    socket.on("error", () => undefined);
    socket.on("message", (raw: Buffer) => {
      const { op } = JSON.parse(raw.toString("utf8")) as { op: number };
      if (op === 1) socket.send(JSON.stringify({ op: 11 }));
      if (op !== 2) return;
      const user = { id: APPLICATION, username: "gatehouse", discriminator: "0", avatar: null, bot: true };
      const gateway = `ws://${this.address}`;
      this.#dispatch("READY", {
        v: 10,
        user,
        guilds: [{ id: GUILD, unavailable: true }],
        session_id: "s",
        resume_gateway_url: gateway,
        application: { id: APPLICATION, flags: 0 },
      });
      this.#dispatch("GUILD_CREATE", {
        id: GUILD,
        name: "bench",
        owner_id: PERSON,
        unavailable: false,
        roles: [{ id: GUILD, name: "@everyone", permissions: "0" }],
        members: [{ user, roles: [] }],
        channels: [{ id: CHANNEL, type: 0, name: "general" }],
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request) body += String(part);
    const path = new URL(request.url ?? "/", "http://discord").pathname;
    const id = /\/interactions\/(\d+)\//u.exec(path)?.[1];
    const told = this.#waiting.get(id ?? "");
    this.#waiting.delete(id ?? "");
    told?.();
    if (told !== undefined && /"choices":\[\{/u.test(body)) this.offered += 1;
    if (request.method === "PUT" && path.endsWith("/commands")) this.#registered();
    if (id !== undefined) return void response.writeHead(204).end();
    const json = path.endsWith("/gateway/bot")
      ? {
          url: `ws://${this.address}`,
          shards: 1,
          session_start_limit: { total: 1, remaining: 1, reset_after: 1, max_concurrency: 1 },
        }
      : path.endsWith("/commands")
        ? []
        : {};
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(json));
  }
}
