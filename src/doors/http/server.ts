import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Trouble } from "../../ports/trouble.ts";
import { type HttpAppOptions, httpApp } from "./app.ts";

export interface HttpServerOptions extends HttpAppOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

export interface HttpServer {
  readonly url: string;
  /** Ends live streams at once, lets requests under way finish for a moment, and frees the port. */
  close(): Promise<void>;
}

/** A request must have come in whole by then, in milliseconds: who sends a byte a second holds no connection for long. */
const REQUEST_MS = 30_000;
const CLOSE_MS = 3_000;
const TIDY_MS = 20;

/** Opens the HTTP door. Rejects with Trouble where the address cannot be had. */
export async function startHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { app, streams } = httpApp(options);
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS / 2 },
  }) as Server;
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    async close() {
      streams.end();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // A connection whose answer ends from now on is kept alive for a next request that will not be heard.
      const tidying = setInterval(() => server.closeIdleConnections(), TIDY_MS);
      const impatient = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed;
      clearInterval(tidying);
      clearTimeout(impatient);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(asTrouble(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function asTrouble(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const address = `${host}:${port}`;
  const sentence = SENTENCES[error.code ?? ""];
  return sentence === undefined ? error : new Trouble(sentence.code, sentence.about(address));
}

const SENTENCES: Readonly<
  Record<string, { readonly code: string; readonly about: (address: string) => string }>
> = {
  EADDRINUSE: {
    code: "port-in-use",
    about: (address) =>
      `Another process already listens on ${address}: stop it, or choose another address with GATEHOUSE_HTTP.`,
  },
  EACCES: {
    code: "port-denied",
    about: (address) =>
      `This user may not listen on ${address}: choose a port above 1023 with GATEHOUSE_HTTP.`,
  },
  EADDRNOTAVAIL: { code: "address-unknown", about: unknownAddress },
  ENOTFOUND: { code: "address-unknown", about: unknownAddress },
};

function unknownAddress(address: string): string {
  return `${address} is no address of this machine: choose one with GATEHOUSE_HTTP, such as 127.0.0.1:4100.`;
}
