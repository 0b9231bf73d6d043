// TEST FIXTURE. A gateway between the store and its server, which can misbehave as gateways do: answer 502 and pass the
// request on much later, take requests and never answer, or be gone altogether and come back.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HeldRequest {
  /** Resolves when the request came in and was answered with 502. */
  readonly arrived: Promise<void>;
  /** Passes it on at last; resolves when the server has carried it out. */
  deliver(): Promise<void>;
}

export interface Gateway {
  readonly url: string;
  /** `silent` takes requests and never answers. */
  mode: "open" | "silent";
  /** The next request whose text matches is answered with 502 and kept. */
  hold(matching: RegExp): HeldRequest;
  /** Called with each request before it is passed on. */
  before: (text: string) => Promise<void>;
  /** Nothing listens any more. */
  leave(): Promise<void>;
  /** Listens again, at the same address. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  readonly matching: RegExp;
  readonly came: (text: string) => void;
}

export async function startGateway(target: string): Promise<Gateway> {
  const held: Held[] = [];
  const pass = (text: string): Promise<Response> =>
    fetch(`${target}/v2/pipeline`, { method: "POST", body: text });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    if (gateway.mode === "silent") return;
    const index = held.findIndex(({ matching }) => matching.test(text));
    if (index >= 0) {
      const [one] = held.splice(index, 1);
      response.writeHead(502, { "content-type": "text/plain" }).end("Bad Gateway");
      one?.came(text);
      return;
    }
    await gateway.before(text);
    const answer = await pass(text);
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  };
  const listen = async (at: number) => {
    const http = createServer((request, response) => {
      handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => http.listen(at, "127.0.0.1", resolve));
    return http;
  };
  let http = await listen(0);
  const { port } = http.address() as AddressInfo;

  const gateway: Gateway = {
    url: `http://127.0.0.1:${port}`,
    mode: "open",
    hold(matching) {
      const { promise, resolve } = Promise.withResolvers<string>();
      held.push({ matching, came: resolve });
      return {
        arrived: promise.then(() => undefined),
        deliver: async () => {
          await (await pass(await promise)).text();
        },
      };
    },
    before: async () => undefined,
    async leave() {
      const closed = new Promise<void>((resolve) => {
        http.close(() => resolve());
      });
      http.closeAllConnections();
      await closed;
    },
    async comeBack() {
      http = await listen(port);
    },
    close: () => gateway.leave(),
  };
  return gateway;
}
