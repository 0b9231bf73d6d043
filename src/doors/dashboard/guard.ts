import type { Context, MiddlewareHandler } from "hono";

export interface GuardOptions {
  /** Serve people on other machines and behind proxies too. They all act as the operator: only behind a log-in of your own. */
  readonly remote: boolean;
  /** Where people reach the bot from outside; its host is taken only with `remote`. */
  readonly publicUrl: string | undefined;
}

export type GuardEnv = {
  readonly Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string } } };
};

/** Names under which a browser on this machine reaches a loopback address. A name somebody else controls is none of them. */
const LOOPBACK_NAME = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/u;
/** Marks that a proxy passed the request on, so that its peer on loopback is not the person. */
const PROXY_MARKS = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-real-ip",
  "via",
  "cf-connecting-ip",
];

/** Nothing of another origin runs, loads, frames or receives anything of this page; text never becomes markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * Who is on the page acts as the operator, so the page is this machine's own: the peer is loopback, the name is one no
 * other site can have (a foreign name that resolves to loopback is turned away), and what writes comes from the page
 * itself.
 */
export function guard(options: GuardOptions): MiddlewareHandler<GuardEnv> {
  const { remote, publicUrl } = options;
  const publicName = remote && publicUrl !== undefined ? new URL(publicUrl).hostname : null;
  return async (context, next) => {
    const fault = barred(context, remote, publicName);
    if (fault !== null) return context.json({ title: "Not from here", hint: fault }, 403);
    await next();
    const { headers } = context.res;
    headers.set("content-security-policy", POLICY);
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    headers.set("referrer-policy", "no-referrer");
    headers.set("permissions-policy", "camera=(), geolocation=(), microphone=()");
    return undefined;
  };
}

function barred(context: Context<GuardEnv>, remote: boolean, publicName: string | null): string | null {
  const { req } = context;
  const peer = context.env.incoming?.socket.remoteAddress ?? "";
  if (!remote && (!isLoopback(peer) || PROXY_MARKS.some((name) => req.header(name) !== undefined))) {
    return "The local chat is for this machine alone: open it there, or through a tunnel such as ssh -L.";
  }
  const host = req.header("host") ?? "";
  const name = nameOf(host);
  if (!LOOPBACK_NAME.test(name) && name !== publicName)
    return `This page is not called ${host.slice(0, 100)}: open it as localhost.`;
  const site = req.header("sec-fetch-site");
  const reads = req.method === "GET" || req.method === "HEAD";
  // A link from elsewhere may open the page; nothing else may be asked for from another site.
  const opens = reads && req.header("sec-fetch-mode") === "navigate";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !opens) {
    return "That was asked for by another site.";
  }
  if (reads) return null;
  const origin = req.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, host)) return "That was sent by another site.";
  // A form of another site can send anything but this type; a script of one would have to ask first, and be refused.
  if (!/^application\/json\s*(?:;|$)/iu.test(req.header("content-type") ?? "")) {
    return "What is sent here is JSON: content-type application/json.";
  }
  return null;
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(address) || address === "::1";
}

function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/u, "").toLowerCase();
}

function isOwnOrigin(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host.toLowerCase();
  } catch {
    // `null`, as sandboxed frames and local files say.
    return false;
  }
}
