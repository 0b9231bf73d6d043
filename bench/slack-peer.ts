// What Slack is to a bot under load: one socket address, commands at an even pace, a clock on each acknowledgement, and a
// place where the answers go. It checks nothing; how Slack refuses is the tests' business.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

export class SlackPeer {
  readonly #http = createServer((request, response) => this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http });
  readonly #open: WebSocket[] = [];
  readonly #waiting = new Map<string, (ms: number) => void>();
  #sent = 0;
  #answered = 0;
  #watch: () => void = () => undefined;

  static async start(): Promise<SlackPeer> {
    const peer = new SlackPeer();
    peer.#sockets.on("connection", (socket) => peer.#welcome(socket));
    peer.#http.listen(0, "127.0.0.1");
    await once(peer.#http, "listening");
    return peer;
  }

  get address(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async connected(count: number): Promise<void> {
    await this.#until(() => this.#open.length >= count);
  }

  /** So many commands a second. Answers with how long each acknowledgement took, once every command was answered as well. */
  async commands(
    lines: readonly string[],
    aSecond: number,
  ): Promise<{ readonly acks: readonly number[]; readonly answeredMs: number }> {
    const before = this.#answered;
    const began = performance.now();
    const acks: Promise<number>[] = [];
    for (const [index, line] of lines.entries()) {
      const waitMs = began + (index * 1000) / aSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      acks.push(this.#command(line));
    }
    const all = await Promise.all(acks);
    await this.#until(() => this.#answered - before >= lines.length);
    return { acks: all, answeredMs: performance.now() - began };
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #command(text: string): Promise<number> {
    const id = `e${this.#sent}`;
    const socket = this.#open[this.#sent % this.#open.length];
    this.#sent += 1;
    const payload = {
      command: "/gate",
      text,
      user_id: "U1",
      channel_id: "C1",
      team_id: "T1",
      trigger_id: `${this.#sent}.trigger`,
      response_url: `http://${this.address}/answer`,
    };
    const began = performance.now();
    return new Promise((resolve) => {
      this.#waiting.set(id, () => resolve(performance.now() - began));
      socket?.send(JSON.stringify({ envelope_id: id, type: "slash_commands", payload }));
    });
  }

  #welcome(socket: WebSocket): void {
    this.#open.push(socket);
    socket.on("message", (data: Buffer) => {
      const { envelope_id: id } = JSON.parse(data.toString()) as { readonly envelope_id: string };
      this.#waiting.get(id)?.(0);
      this.#waiting.delete(id);
    });
    socket.send(JSON.stringify({ type: "hello" }), () => this.#watch());
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    request.once("end", () => {
      response.setHeader("content-type", "application/json");
      if (request.url === "/answer") {
        this.#answered += 1;
        response.end("{}");
        this.#watch();
      } else if (request.url?.endsWith("apps.connections.open") === true) {
        response.end(JSON.stringify({ ok: true, url: `ws://${this.address}/` }));
      } else {
        response.end(JSON.stringify({ ok: true, user_id: "U0BOT", bot_id: "B1", usergroups: [] }));
      }
    });
  }

  async #until(look: () => boolean): Promise<void> {
    while (!look()) {
      await new Promise<void>((resolve) => {
        this.#watch = resolve;
      });
    }
  }
}
