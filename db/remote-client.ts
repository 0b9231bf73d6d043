import { createClient } from "@libsql/client";
import type { RawClient, Row } from "./raw-client.ts";

export interface RemoteOptions {
  /** `libsql://…` or `http(s)://…`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** How long the server may take over one answer, in milliseconds. */
  readonly answerTimeoutMs: number;
}

/** A libSQL server over HTTP: one request a batch. */
export function remoteClient({ url, token, answerTimeoutMs }: RemoteOptions): RawClient {
  const client = createClient({
    url,
    concurrency: 20,
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(answerTimeoutMs) }),
    ...(token === undefined ? {} : { authToken: token }),
  });
  return {
    async batch(statements, mode) {
      const results = await client.batch(
        statements.map(({ sql, args }) => ({ sql, args: [...(args ?? [])] })),
        mode,
      );
      return results.map((result) => result.rows as unknown as Row[]);
    },
    execute: async (sql) => (await client.execute(sql)).rows as unknown as Row[],
    tryLock: () => client.executeMultiple("BEGIN IMMEDIATE; ROLLBACK"),
    reconnect() {
      client.reconnect();
    },
    close: () => client.close(),
  };
}
