import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Public by number, private by use: hosts that hand out a machine's credentials, and what translates to other addresses. */
const NEVER_4: readonly Range[] = [
  "168.63.129.16/32", // Azure's wire server: an ordinary unicast address
  "100.100.100.200/32", // Alibaba's metadata
  "192.0.0.0/24", // protocol assignments; Oracle's metadata lives here
  "169.254.0.0/16",
  "0.0.0.0/8",
].map((range) => ipaddr.parseCIDR(range));

/** IPv6 that is inside 2000::/3 and still leads somewhere else. */
const NEVER_6: readonly Range[] = [
  "64:ff9b::/96", // NAT64
  "64:ff9b:1::/48", // NAT64, local use
  "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID and more
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "2620:4f:8000::/48", // AS112
  "3ffe::/16", // 6bone, returned
  "3fff::/20", // documentation
  "fd00:ec2::/32", // AWS: metadata, a pod's credentials, name and time servers
  "fd00:42::42/128", // Scaleway metadata
  "fd20:ce::254/128", // Google metadata
  "fe80::/10",
].map((range) => ipaddr.parseCIDR(range));

const GLOBAL_UNICAST_6 = ipaddr.parseCIDR("2000::/3");

function within(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean {
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

/** Only the forms the operating system itself writes: no octal, hex, short or zoned spelling gets this far. */
function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (isIP(text) === 0 || text.includes("%")) return null;
  return ipaddr.parse(text);
}

/** One spelling for one address, so that two can be compared; null for what is not an address. */
export function canonicalAddress(text: string): string | null {
  return parse(text)?.toNormalizedString() ?? null;
}

/** True for an address anybody on the internet could mean. Whatever is not known to be public is not. */
export function isPublicAddress(text: string): boolean {
  const address = parse(text);
  if (address === null || address.range() !== "unicast") return false;
  if (address.kind() === "ipv4") return !within(address, NEVER_4);
  return within(address, [GLOBAL_UNICAST_6]) && !within(address, NEVER_6);
}

/** Nobody's service: nowhere, everybody, whoever is next to us; and IPv4 in disguise, which is judged as it is written. */
const NOT_EVEN_LISTED = new Set([
  "unspecified",
  "broadcast",
  "multicast",
  "linkLocal",
  "ipv4Mapped",
  "rfc6145",
]);

/**
 * True for an address that even an allow-listed *name* must not lead to: the listing vouches for a service,
 * not for whatever its name is pointed at later.
 */
export function isNeverAddress(text: string): boolean {
  const address = parse(text);
  if (address === null) return true;
  if (NOT_EVEN_LISTED.has(address.range())) return true;
  return within(address, address.kind() === "ipv4" ? NEVER_4 : NEVER_6);
}
