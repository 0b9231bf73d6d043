import { verifySlackRequest } from "@slack/bolt";
import type { Body, Inlet } from "./inlet.ts";

/** Slack waits three seconds; whoever is not thanked by then is told to come again. */
const PATIENCE_MS = 2900;
/** Slack's own payloads stay far below. */
const BODY_MAX = 1_048_576;

/**
 * Signed requests, as Slack sends them in place of a socket: `POST` with its time and a signature of both. What is not
 * signed with the app's secret within five minutes is refused unread.
 */
export async function answerRequest(
  request: Request,
  {
    inlet,
    secret,
    log,
  }: { readonly inlet: Inlet; readonly secret: string; readonly log: (error: unknown) => void },
): Promise<Response> {
  const text = await readText(request);
  if (text === null) return plain(413, "too large");
  if (!isSigned(request.headers, text, secret)) return plain(401, "not signed with this app's secret");
  const body = readBody(request.headers.get("content-type") ?? "", text);
  if (body === null) return plain(400, "no payload");
  if (body["type"] === "url_verification") return plain(200, String(body["challenge"]));
  if (body["ssl_check"] !== undefined) return plain(200, "");
  return thanked(inlet, body, log);
}

/** Null where there is more than anybody sends: it is not read to its end. */
async function readText(request: Request): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > BODY_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function isSigned(headers: Headers, body: string, signingSecret: string): boolean {
  const signature = headers.get("x-slack-signature") ?? "";
  const timestamp = headers.get("x-slack-request-timestamp") ?? "";
  if (!/^v0=[0-9a-f]{64}$/u.test(signature) || !/^\d{1,12}$/u.test(timestamp)) return false;
  const now = Math.floor(Date.now() / 1000);
  // Neither older than five minutes nor from the future: the library looks at the past alone.
  if (Number(timestamp) > now + 300) return false;
  try {
    verifySlackRequest({
      signingSecret,
      body,
      headers: { "x-slack-signature": signature, "x-slack-request-timestamp": Number(timestamp) },
    });
    return true;
  } catch {
    return false;
  }
}

function readBody(type: string, text: string): Body | null {
  try {
    if (type.startsWith("application/json")) return JSON.parse(text) as Body;
    const form = new URLSearchParams(text);
    const payload = form.get("payload");
    return payload === null ? Object.fromEntries(form) : (JSON.parse(payload) as Body);
  } catch {
    return null;
  }
}

/** Resolves as soon as the app thanks Slack, whatever it goes on doing. */
function thanked(inlet: Inlet, body: Body, log: (error: unknown) => void): Promise<Response> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(plain(503, "not kept in time")), PATIENCE_MS);
    const settle = (response: Response): void => {
      clearTimeout(late);
      resolve(response);
    };
    const respond = (answer: unknown): Promise<void> => {
      if (answer === undefined || answer === null) settle(plain(200, ""));
      else if (typeof answer === "string") settle(plain(200, answer));
      else settle(Response.json(answer));
      return Promise.resolve();
    };
    inlet.take(body, respond).catch((error: unknown) => {
      log(error);
      settle(plain(500, "not kept"));
    });
  });
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
