import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, LookupFunction, Server as NetServer, Socket } from "node:net";
import { connect, createServer as createNetServer, isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { connect as tlsConnect } from "node:tls";
import type { buildConnector } from "undici";
import type { Lookup } from "../../../adapters/proof/fetch/connect.ts";
import type { Issued } from "./authority.ts";

const open = new Set<{ close: () => Promise<void> }>();

/** Ends every peer a test started. Call it in afterEach or afterAll. */
export async function closePeers(): Promise<void> {
  await Promise.all([...open].map((peer) => peer.close()));
  open.clear();
}

export interface Peer {
  readonly port: number;
  readonly origin: string;
  /** Sockets accepted, requests read: a canary's must stay at zero. */
  connections: number;
  readonly requests: string[];
  /** Headers of each request, in the same order. */
  readonly headers: Record<string, unknown>[];
  /** Resolves with the first socket. */
  readonly touched: Promise<void>;
}

function newPeer() {
  const { promise: touched, resolve: touch } = Promise.withResolvers<void>();
  const requests: string[] = [];
  const headers: Peer["headers"] = [];
  return { port: 0, origin: "", connections: 0, requests, headers, touched, touch };
}

async function listen(server: NetServer, peer: ReturnType<typeof newPeer>, scheme: string): Promise<Peer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    peer.connections += 1;
    peer.touch();
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  peer.port = (server.address() as AddressInfo).port;
  peer.origin = `${scheme}://127.0.0.1:${peer.port}`;
  open.add({
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
  return peer;
}

/** An HTTP or, with a certificate, HTTPS server on a free port of 127.0.0.1. */
export function serve(handler: RequestListener, issued?: Issued): Promise<Peer> {
  const peer = newPeer();
  const record: RequestListener = (request, response) => {
    peer.requests.push(request.url ?? "");
    peer.headers.push(request.headers);
    response.on("error", () => {});
    handler(request, response);
  };
  const server: Server = issued === undefined ? createServer(record) : createTlsServer(issued, record);
  server.on("tlsClientError", () => {});
  return listen(server, peer, issued === undefined ? "http" : "https");
}

/** A server of bare bytes, for answers that no HTTP library would write. */
export function serveBytes(handler: (socket: Socket) => void): Promise<Peer> {
  return listen(createNetServer(handler), newPeer(), "http");
}

/** A peer that must never be reached. */
export function canary(): Promise<Peer> {
  return serve((_, response) => response.end("SECRET"));
}

/**
 * An internet of our own: each address is a port on loopback, everything else refuses. The guarded look-up runs as in
 * production, for names and not for literals, and its addresses are tried in turn, on the way to a socket that says it is
 * connected to the address it was asked for (or to `peer`).
 */
export function internet(hosts: Readonly<Record<string, number>>, peer?: string) {
  const dialled: string[] = [];
  const build = (options: buildConnector.BuildOptions = {}): buildConnector.connector => {
    return ({ hostname, protocol }, callback) => {
      const literal = hostname.replace(/^\[|\]$/g, "");
      const system = (options as { lookup: LookupFunction }).lookup;
      const own: LookupFunction = (_, __, done) => done(null, [{ address: literal, family: isIP(literal) }]);
      (isIP(literal) === 0 ? system : own)(hostname, { all: true }, (error, found) => {
        const addresses = error === null && Array.isArray(found) ? found.map((one) => one.address) : [];
        const address = addresses.find((one) => hosts[one] !== undefined) ?? addresses[0];
        if (address === undefined) {
          callback(error ?? new Error("no address"), null);
          return;
        }
        dialled.push(address);
        const port = hosts[address];
        if (port === undefined) {
          callback(Object.assign(new Error(`no route to ${address}`), { code: "EHOSTUNREACH" }), null);
          return;
        }
        const raw = connect({ host: "127.0.0.1", port });
        const { ca, rejectUnauthorized } = options as ConnectionOptions;
        const trust = {
          ...(ca === undefined ? {} : { ca }),
          rejectUnauthorized: rejectUnauthorized !== false,
        };
        const socket =
          protocol === "https:" ? tlsConnect({ socket: raw, servername: hostname, ...trust }) : raw;
        Object.defineProperty(socket, "remoteAddress", { value: peer ?? address });
        let answered = false;
        const answer = (fault: Error | null) => {
          if (answered) return;
          answered = true;
          if (fault === null) callback(null, socket);
          else callback(fault, null);
        };
        raw.on("error", answer);
        socket.on("error", answer);
        socket.once(protocol === "https:" ? "secureConnect" : "connect", () => answer(null));
      });
    };
  };
  return { build, dialled };
}

/** Names as a test says them; a list of answers is given in turn, the last one for ever. */
export function names(zone: Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>>) {
  const asked: string[] = [];
  const lookup: Lookup = (hostname) => {
    const said = zone[hostname];
    if (said === undefined) {
      return Promise.reject(Object.assign(new Error(`no such name ${hostname}`), { code: "ENOTFOUND" }));
    }
    const turn = asked.filter((name) => name === hostname).length;
    asked.push(hostname);
    const answer = (
      Array.isArray(said[0]) ? (said[Math.min(turn, said.length - 1)] ?? []) : said
    ) as string[];
    return Promise.resolve(answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  return { lookup, asked };
}
