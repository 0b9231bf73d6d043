import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Dispatcher } from "../../src/ports/dispatcher.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { defineDispatcher } from "./define.ts";

export interface WebhookSettings {
  /** What deliveries are signed with; undefined where none was configured: then nothing is sent. */
  readonly secret: string | undefined;
  /** How long a receiver may take over its answer, in milliseconds. */
  readonly answerMs?: number;
}

const ANSWER_MS = 10_000;

/**
 * `webhook`: a POST of the offer as JSON. `Gatehouse-Signature` is `v1=` and the hexadecimal HMAC-SHA256 of
 * `TIMESTAMP.BODY`, where TIMESTAMP is `Gatehouse-Timestamp`, in seconds; `Idempotency-Key` is the offer's id, however
 * often it is sent. Any 2xx takes it; 408, 425, 429 and 5xx are tried again.
 */
export function webhookDispatcher({ secret, answerMs = ANSWER_MS }: WebhookSettings): Dispatcher {
  return defineDispatcher({
    kind: "webhook",
    fields: {
      url: z.string().max(2000).refine(isPlainUrl, "an http or https address without a password in it"),
    },
    async send({ url }, { id, payload }, signal) {
      if (secret === undefined) {
        throw new Trouble(
          "rejected",
          "GATEHOUSE_DISPATCH_SECRET is not set, so the webhook cannot be signed.",
        );
      }
      const body = JSON.stringify(payload);
      const timestamp = String(Math.floor(Date.now() / 1000));
      const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
      const headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": id,
        "Gatehouse-Timestamp": timestamp,
        "Gatehouse-Signature": `v1=${signature}`,
      };
      const limits = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
      const answer = await post(url, { method: "POST", redirect: "manual", headers, body, signal: limits });
      if (answer.ok) return;
      const said = `${new URL(url).host} answered ${answer.status}`;
      const again = [408, 425, 429].includes(answer.status) || answer.status >= 500;
      throw new Trouble(
        again ? "unreachable" : "rejected",
        said,
        again ? retryAfter(answer.after) : undefined,
      );
    },
  });
}

async function post(
  url: string,
  request: RequestInit,
): Promise<{ readonly ok: boolean; readonly status: number; readonly after: string | null }> {
  try {
    const { ok, status, headers, body } = await fetch(url, request);
    await body?.cancel();
    return { ok, status, after: headers.get("retry-after") };
  } catch (error) {
    const why =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : "";
    throw new Trouble("unreachable", `${new URL(url).host} cannot be reached: ${why}`);
  }
}

function retryAfter(seconds: string | null): number | undefined {
  return seconds !== null && /^\d{1,4}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

function isPlainUrl(value: string): boolean {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === "" && password === "";
}
