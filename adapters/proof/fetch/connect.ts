import { lookup as systemLookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import type { buildConnector } from "undici";
import { canonicalAddress, isNeverAddress, isPublicAddress } from "./address.ts";

export interface LookedUp {
  readonly address: string;
  readonly family: number;
}

/** Every address of a name, as the resolver says it. */
export type Lookup = (hostname: string) => Promise<readonly LookedUp[]>;

export const lookupBySystem: Lookup = (hostname) => systemLookup(hostname, { all: true });

/** Raised inside the connector: the address, not the server, was refused. */
export class BlockedAddress extends Error {
  override readonly name = "BlockedAddress";
}

export interface ConnectSettings {
  readonly internal: boolean;
  readonly lookup: Lookup;
  readonly connectMs: number;
  /** PEM; replaces the public authorities. Tests hand one in. */
  readonly ca: string | undefined;
  readonly build: typeof buildConnector;
}

function mayConnect(address: string, internal: boolean): boolean {
  return internal ? !isNeverAddress(address) : isPublicAddress(address);
}

/**
 * The look-up that the socket itself uses: what is checked is what is dialled, so that a name which changes its
 * answer between check and connect gains nothing. One address that may not be refuses the whole set.
 */
function guardedLookup(settings: ConnectSettings, approved: Set<string>): LookupFunction {
  const approve = async (hostname: string): Promise<readonly LookedUp[]> => {
    const found = await settings.lookup(hostname);
    if (found.length === 0) throw new Error(`${hostname} has no address`);
    for (const { address } of found) {
      if (!mayConnect(address, settings.internal)) {
        throw new BlockedAddress(`${hostname} leads to ${address}, which is not a public address`);
      }
    }
    for (const { address } of found) approved.add(canonicalAddress(address) ?? address);
    return found;
  };
  return (hostname, options, done) => {
    const run = async () => {
      const found = await approve(hostname).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      if (found instanceof Error) {
        done(found, options.all === true ? [] : "");
        return;
      }
      const all = found.map(({ address }) => ({ address, family: isIP(address) }));
      if (options.all === true) done(null, all);
      else done(null, all[0]?.address ?? "", all[0]?.family);
    };
    void run();
  };
}

/**
 * A connector for one hop. `lookup` never runs for a literal, so literals are checked here as well, and whatever
 * was dialled, the peer the socket ended up with must be one of the approved addresses.
 */
export function guardedConnector(settings: ConnectSettings): buildConnector.connector {
  const approved = new Set<string>();
  const connect = settings.build({
    lookup: guardedLookup(settings, approved),
    timeout: settings.connectMs,
    // A remembered session would skip the certificate check of the next verification.
    maxCachedSessions: 0,
    allowH2: false,
    rejectUnauthorized: true,
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  });
  return (options, callback) => {
    const literal = options.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0) {
      if (!settings.internal) {
        callback(new BlockedAddress(`${literal} is an address, not a name`), null);
        return;
      }
      approved.add(canonicalAddress(literal) ?? literal);
    }
    connect(options, (...outcome) => {
      const [error, socket] = outcome;
      if (error !== null || socket === null) {
        callback(error ?? new Error("no socket"), null);
        return;
      }
      const peer = canonicalAddress(socket.remoteAddress ?? "");
      if (peer === null || !approved.has(peer)) {
        socket.destroy();
        callback(new BlockedAddress(`${options.hostname} was answered from ${peer ?? "nowhere"}`), null);
        return;
      }
      callback(null, socket);
    });
  };
}
