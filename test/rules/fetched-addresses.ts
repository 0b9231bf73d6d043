// Rules of the guarded fetcher about addresses: where a name leads, and where a socket ends up.
import { canary, internet, names, serve } from "../proof/support/peers.ts";
import { type Attack, type FetchRow, leadsTo, listedLeadsTo, PATIENT, PUBLIC } from "./attacks.ts";
import { inFile } from "./rule.ts";
import type { Place } from "./without.ts";

const address = inFile("fetch/address.ts");
const connect = inFile("fetch/connect.ts");

const NOT_PUBLIC = /is not a public address/;
const UNICAST = address(' || address.range() !== "unicast"');
const GLOBAL = address("within(address, [GLOBAL_UNICAST_6]) && ");
/** One line of the lists. */
const line = (range: string): Place => address(`"${range}",`);
/** One kind of address that not even a listed name leads to. */
const kind = (name: string): Place => address(`  "${name}",\n`);
const each = (...all: string[]) => all.map((one) => leadsTo(one));
const listed = (...all: string[]) => all.map((one) => listedLeadsTo(one));

/** Ranges that a name on the list may not lead to either, where nothing but that line says so. */
const NEVER: readonly (readonly [name: string, range: string, ...addresses: string[]])[] = [
  ["Azure's wire server", "168.63.129.16/32", "168.63.129.16"],
  ["Alibaba's metadata", "100.100.100.200/32", "100.100.100.200"],
  ["protocol assignments, Oracle's metadata", "192.0.0.0/24", "192.0.0.192", "192.0.0.8"],
  ["NAT64", "64:ff9b::/96", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"],
  ["NAT64 of a network's own", "64:ff9b:1::/48", "64:ff9b:1::7f00:1"],
  ["Teredo and what else is assigned there", "2001::/23", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1"],
  ["documentation, six", "2001:db8::/32", "2001:db8::1"],
  ["6to4", "2002::/16", "2002:7f00:1::", "2002:a9fe:a9fe::"],
  ["AS112, six", "2620:4f:8000::/48", "2620:4f:8000::1"],
  ["6bone", "3ffe::/16", "3ffe::1"],
  ["documentation, new", "3fff::/20", "3fff::1"],
  ["AWS's metadata, six", "fd00:ec2::/32", "fd00:ec2::254", "fd00:ec2::23"],
  ["Scaleway's metadata, six", "fd00:42::42/128", "fd00:42::42"],
  ["Google's metadata, six", "fd20:ce::254/128", "fd20:ce::254"],
];
const NEVER_BY_KIND_TOO: readonly (readonly [
  name: string,
  range: string,
  kind: string,
  ...addresses: string[],
])[] = [
  ["metadata of most clouds", "169.254.0.0/16", "linkLocal", "169.254.169.254", "169.254.170.2"],
  ["this network", "0.0.0.0/8", "unspecified", "0.0.0.0", "0.1.2.3"],
  ["link-local, six", "fe80::/10", "linkLocal", "fe80::1", "fe80::a9fe:a9fe"],
];

/** What a public name may not lead to by a line of the lists and by what kind of address it is. */
const PUBLIC_TOO: readonly (readonly [range: string, ...addresses: string[]])[] = [
  ["100.100.100.200/32", "100.100.100.200"],
  ["192.0.0.0/24", "192.0.0.192"],
  ["169.254.0.0/16", "169.254.169.254"],
  ["0.0.0.0/8", "0.0.0.0", "0.1.2.3"],
  [
    "2001::/23",
    "2001::1",
    "2001:0:7f00:1::80ff:fffe",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff::1",
  ],
  ["2001:db8::/32", "2001:db8::1"],
  ["2002::/16", "2002:7f00:1::", "2002:a00:1::1"],
  ["2620:4f:8000::/48", "2620:4f:8000::1"],
  ["3fff::/20", "3fff::1"],
];

/** And by standing outside of 2000::/3 as well. */
const OUTSIDE_TOO: readonly (readonly [range: string, address: string])[] = [
  ["64:ff9b::/96", "64:ff9b::7f00:1"],
  ["64:ff9b:1::/48", "64:ff9b:1::a00:1"],
  ["fe80::/10", "fe80::1"],
  ["fd00:ec2::/32", "fd00:ec2::254"],
  ["fd00:42::42/128", "fd00:42::42"],
  ["fd20:ce::254/128", "fd20:ce::254"],
];

/** A name that says a public address and then an inner one: the canary is where it leads the second time. */
const changesItsMind: Attack = async (make) => {
  const site = await serve((_, response) => response.end("public"));
  const bird = await canary();
  const net = internet({ [PUBLIC]: site.port, "127.0.0.1": bird.port });
  const { lookup } = names({ "app.example.com": [[PUBLIC], ["127.0.0.1"]] });
  const answer = await make({ ...PATIENT, lookup, connector: net.build }).get("http://app.example.com/");
  if (net.dialled.includes("127.0.0.1")) await bird.touched;
  return { answer, got: bird.connections > 0 };
};

/** A socket that turns out to be connected to somebody else: was it asked anything? */
const isAnsweredFrom = (peer: string): Attack => {
  return async (make) => {
    const bird = await canary();
    const { lookup } = names({ "app.example.com": [PUBLIC] });
    const connector = internet({ [PUBLIC]: bird.port }, peer).build;
    const answer = await make({ ...PATIENT, lookup, connector }).get("http://app.example.com/");
    return { answer, got: bird.requests.length > 0 };
  };
};

/** Two answers of which only the inner one can be reached. */
const mixes = (...at: string[]): Attack => {
  return async (make) => {
    const bird = await canary();
    const net = internet({ "127.0.0.1": bird.port, "::1": bird.port });
    const { lookup } = names({ "app.example.com": at });
    const answer = await make({ ...PATIENT, lookup, connector: net.build }).get("http://app.example.com/");
    if (net.dialled.length > 0) await bird.touched;
    return { answer, got: bird.connections > 0 };
  };
};

export const addressRows: readonly FetchRow[] = [
  [
    "where a name leads is checked",
    NOT_PUBLIC,
    [connect("if (!mayConnect(address, settings.internal)) {", "if (false) {")],
    ...each(
      "127.0.0.1",
      "10.0.0.5",
      "169.254.169.254",
      "::1",
      "::ffff:127.0.0.1",
      "fd00::1",
      "64:ff9b::7f00:1",
    ),
    ...listed("169.254.169.254"),
  ],
  [
    "one inner address refuses the whole answer",
    NOT_PUBLIC,
    [
      connect(
        "for (const { address } of found) {\n      if (!mayConnect",
        "for (const { address } of found.slice(0, 1)) {\n      if (!mayConnect",
      ),
    ],
    mixes(PUBLIC, "127.0.0.1"),
    mixes("2606:4700::1", "::1"),
    mixes(PUBLIC, "2606:4700::1", "127.0.0.1"),
  ],
  [
    "what was checked is what is dialled",
    /^read$/,
    [connect("const all = found.map(", "const all = (await settings.lookup(hostname)).map(")],
    changesItsMind,
  ],
  [
    "the socket's peer",
    /was answered from/,
    [connect("if (peer === null || !approved.has(peer)) {", "if (false) {")],
    ...["127.0.0.1", "93.184.216.35", "::ffff:93.184.216.34", ""].map(isAnsweredFrom),
  ],
  [
    "the system's own spelling of an address",
    NOT_PUBLIC,
    [address("isIP(text) === 0 || ")],
    // Eight by one reader, ten by another.
    ...each("010.8.8.8", "0135.0270.0330.042"),
    ...listed("010.8.8.8"),
  ],
  [
    "no zone",
    NOT_PUBLIC,
    [address(' || text.includes("%")')],
    ...each("2606:4700:4700::1111%1", "2606:4700:4700::1111%eth0"),
  ],
  [
    "unicast only, four",
    NOT_PUBLIC,
    [UNICAST],
    ...each("10.0.0.1", "10.255.255.255", "127.0.0.1", "127.255.255.254", "172.16.0.1", "172.31.255.255"),
    ...each("192.168.0.1", "100.64.0.1", "100.127.255.255", "192.0.2.1", "192.31.196.1", "192.52.193.1"),
    ...each("192.88.99.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    ...each("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
  ],
  ["2000::/3 only", NOT_PUBLIC, [GLOBAL], ...each("1fff::1", "4000::1", "8000::1")],
  [
    ["unicast only, six", "2000::/3 only"],
    NOT_PUBLIC,
    [UNICAST, GLOBAL],
    ...each(
      "::",
      "::1",
      "::127.0.0.1",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "::ffff:8.8.8.8",
      "::ffff:0:127.0.0.1",
    ),
    ...each("100::1", "5f00::1", "fc00::1", "fd00::1", "fec0::1", "ff02::1"),
  ],
  [
    "never, public by number: Azure's wire server",
    NOT_PUBLIC,
    [line("168.63.129.16/32")],
    ...each("168.63.129.16"),
  ],
  ["never, public by number: 6bone", NOT_PUBLIC, [line("3ffe::/16")], ...each("3ffe::1")],
  ...PUBLIC_TOO.map(
    ([range, ...all]): FetchRow => [
      [`never ${range}`, "unicast only"],
      NOT_PUBLIC,
      [line(range), UNICAST],
      ...each(...all),
    ],
  ),
  ...OUTSIDE_TOO.map(
    ([range, one]): FetchRow => [
      [`never ${range}`, "unicast only, 2000::/3 only"],
      NOT_PUBLIC,
      [line(range), UNICAST, GLOBAL],
      ...each(one),
    ],
  ),
  ...NEVER.map(
    ([name, range, ...all]): FetchRow => [
      `not even of a listed name: ${name}`,
      NOT_PUBLIC,
      [line(range)],
      ...listed(...all),
    ],
  ),
  ...NEVER_BY_KIND_TOO.map(
    ([name, range, named, ...all]): FetchRow => [
      [`not even of a listed name: ${name}`, `the kind ${named}`],
      NOT_PUBLIC,
      [line(range), kind(named)],
      ...listed(...all),
    ],
  ),
  ["not even of a listed name: unspecified, six", NOT_PUBLIC, [kind("unspecified")], ...listed("::")],
  ["not even of a listed name: broadcast", NOT_PUBLIC, [kind("broadcast")], ...listed("255.255.255.255")],
  [
    "not even of a listed name: multicast",
    NOT_PUBLIC,
    [kind("multicast")],
    ...listed("224.0.0.1", "ff02::1"),
  ],
  [
    "not even of a listed name: IPv4 in IPv6",
    NOT_PUBLIC,
    [kind("ipv4Mapped")],
    ...listed("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254"),
  ],
  [
    "not even of a listed name: IPv4 translated",
    NOT_PUBLIC,
    [kind("rfc6145")],
    ...listed("::ffff:0:a9fe:a9fe"),
  ],
  [
    "not even of a listed name: what is no address",
    NOT_PUBLIC,
    [address("if (address === null) return true;", "if (address === null) return false;")],
    ...listed("localhost", "0251.0376.0251.0376", "fe80::1%1"),
  ],
];
