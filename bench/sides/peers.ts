// Web servers in a thread of their own, so that their work is not the bot's: each answers its pages after a while.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { servers, delayMs } = workerData as { readonly servers: number; readonly delayMs: number };

const ports = Array.from({ length: servers }, async () => {
  const server = createServer((request, response) => {
    setTimeout(() => {
      const known = /^\/page\/\d+$/.test(request.url ?? "");
      response.writeHead(known ? 200 : 404).end(known ? `ok ${request.url}` : "no such page");
    }, delayMs);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
});
parentPort?.postMessage(await Promise.all(ports));
