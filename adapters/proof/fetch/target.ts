import { isIP } from "node:net";
import type { Fault } from "./answer.ts";
import { fault } from "./answer.ts";

/** An address that may be fetched. `internal`: its exact origin is on the operator's list. */
export interface Target {
  readonly ok: true;
  readonly url: URL;
  readonly internal: boolean;
}

const MAX_URL_LENGTH = 4096;
const PORTS = new Set(["", "80", "443", "8080", "8443"]);

/** Names that resolve inside somebody's network, or that no public resolver may answer. */
const LOCAL_TLDS = new Set(
  `alt arpa corp domain example home host internal intranet invalid lan local localdomain localhost mail onion
   private router test workgroup`.split(/\s+/),
);

/**
 * White space, control and format characters and backslashes: every one of them is dropped or rewritten by some
 * parser and not by another, so that two readers see two hosts. None has a place in a link.
 */
const AMBIGUOUS = /[\s\p{Cc}\p{Cf}\\]/u;

function hostFault(url: URL, said: string): Fault | null {
  const host = url.hostname;
  const no = (why: string) => fault("blocked", said, `${host} ${why}; list its exact origin to allow it.`);
  if (host.startsWith("[") || isIP(host) !== 0) return no("is an address, not a name");
  if (host.endsWith(".")) return no("ends in a dot");
  const labels = host.split(".");
  if (labels.length < 2) return no("is a name without a domain");
  const tld = labels.at(-1) ?? "";
  if (LOCAL_TLDS.has(tld)) return no(`is below .${tld}, which is local`);
  if (labels.some((label) => label === "")) return no("has an empty part");
  if (!PORTS.has(url.port)) return no(`is asked on port ${url.port}, which is not 80, 443, 8080 or 8443`);
  return null;
}

/** What may be fetched by its text alone. Everything an address decides is checked again when it is connected to. */
export function checkTarget(text: string, internalOrigins: ReadonlySet<string>): Target | Fault {
  if (text.length > MAX_URL_LENGTH)
    return fault("bad-url", text, `A link is at most ${MAX_URL_LENGTH} long.`);
  if (AMBIGUOUS.test(text)) {
    return fault("bad-url", text, "A link holds no white space, control characters or backslashes.");
  }
  const written = /^(https?):\/\/([^/?#]+)/i.exec(text);
  if (written === null || !URL.canParse(text)) {
    return fault("bad-url", text, "Only http://host/… and https://host/… links are read.");
  }
  const authority = written[2] ?? "";
  if (authority.includes("@")) return fault("bad-url", text, "A link carries no user name or password.");
  if (authority.includes("%")) return fault("bad-url", text, "A host is written without percent signs.");
  const url = new URL(text);
  url.hash = "";
  if (internalOrigins.has(url.origin)) return { ok: true, url, internal: true };
  return hostFault(url, text) ?? { ok: true, url, internal: false };
}

/** The Location header of a redirect, made absolute; null where no honest server would have written it. */
export function resolveLocation(location: string, from: URL): string | null {
  if (AMBIGUOUS.test(location) || !URL.canParse(location, from.href)) return null;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(location)?.[0];
  // "http:host" and "https:///host" are read as relative by some and as absolute by others.
  if (scheme !== undefined && !location.slice(scheme.length).match(/^\/\/[^/]/)) return null;
  return new URL(location, from).href;
}

/** The operator's list as a set. Throws for an entry that is not an exact origin: a typing error must not widen it. */
export function internalOriginSet(origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins) {
    // A "*" parses as a host; listing one would look like a rule and match nothing.
    const exact =
      /^https?:\/\/[a-z0-9.:[\]_-]+$/.test(origin) &&
      URL.canParse(origin) &&
      new URL(origin).origin === origin;
    if (!exact) throw new Error(`"${origin}" is not an exact origin such as http://build.internal:8080`);
  }
  return new Set(origins);
}
