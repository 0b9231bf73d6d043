import {
  buildConnector,
  EnvHttpProxyAgent,
  getGlobalDispatcher,
  ProxyAgent,
  request,
  setGlobalDispatcher,
} from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BlockedAddress, guardedConnector, lookupBySystem } from "../../adapters/proof/fetch/connect.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import type { Authority } from "./support/authority.ts";
import { makeAuthority } from "./support/authority.ts";
import type { Peer } from "./support/peers.ts";
import { canary, closePeers, internet, names, serve } from "./support/peers.ts";

/**
 * Attacks on whatever reads a link for somebody else. A canary listens on loopback: whatever address a guard would
 * have let through, the test's own internet leads to it, and in the end it must not have seen one connection.
 */
const PUBLIC = "93.184.216.34";
let bird: Peer;
let tlsBird: Peer;
let authority: Authority;

beforeAll(async () => {
  authority = await makeAuthority();
  bird = await canary();
  tlsBird = await serve((_, response) => response.end("SECRET"), await authority.issue("app.example.com"));
});
afterAll(closePeers);

function untouched() {
  expect([bird.connections, tlsBird.connections, bird.requests, tlsBird.requests]).toEqual([0, 0, [], []]);
}

/** Whatever name or address gets past the rules about text is led to the canary. */
function fetcherToCanary(scheme: string) {
  const target = scheme === "https" ? tlsBird : bird;
  const everywhere = new Proxy<Record<string, number>>({}, { get: () => target.port });
  const asked: string[] = [];
  const lookup = (hostname: string) => {
    asked.push(hostname);
    return Promise.resolve([{ address: PUBLIC, family: 4 }]);
  };
  const connector = internet(everywhere).build;
  return { asked, fetcher: guardedFetcher({ lookup, connector, totalMs: 2_000, ca: authority.ca }) };
}

const LITERALS = [
  ["dotted", "127.0.0.1"],
  ["another loopback", "127.8.9.10"],
  ["decimal", "2130706433"],
  ["hex", "0x7f000001"],
  ["hex, upper case", "0X7F000001"],
  ["octal", "017700000001"],
  ["dotted octal", "0177.0.0.1"],
  ["dotted octal, padded", "0000177.0.0.01"],
  ["dotted hex", "0x7f.0x0.0x0.0x1"],
  ["mixed bases", "0x7f.0.0.01"],
  ["short, two parts", "127.1"],
  ["short, three parts", "127.0.1"],
  ["short hex", "0x7f.1"],
  ["zero", "0"],
  ["zero, dotted", "0.0.0.0"],
  ["private 10", "10.0.0.1"],
  ["private 10, decimal", "167772161"],
  ["private 172", "172.16.0.1"],
  ["private 192", "192.168.0.1"],
  ["carrier-grade NAT", "100.64.0.1"],
  ["metadata", "169.254.169.254"],
  ["metadata, decimal", "2852039166"],
  ["metadata, hex", "0xa9fea9fe"],
  ["metadata, octal", "0251.0376.0251.0376"],
  ["Alibaba's metadata", "100.100.100.200"],
  ["Azure's wire server", "168.63.129.16"],
  ["Oracle's metadata", "192.0.0.192"],
  ["broadcast", "255.255.255.255"],
  ["multicast", "224.0.0.1"],
  ["even a public address", "8.8.8.8"],
  ["full-width digits", "１２７.０.０.１"],
  ["circled digits", "①②⑦.⓪.⓪.①"],
  ["mathematical digits", "𝟏𝟐𝟕.𝟎.𝟎.𝟏"],
  ["ideographic full stops", "127。0。0。1"],
  ["full-width full stops", "127．0．0．1"],
  ["half-width full stops", "127｡0｡0｡1"],
  ["full-width hex", "０ｘ７ｆ.1"],
  ["loopback, six", "[::1]"],
  ["loopback, six, written out", "[0000:0000:0000:0000:0000:0000:0000:0001]"],
  ["unspecified, six", "[::]"],
  ["IPv4-mapped", "[::ffff:127.0.0.1]"],
  ["IPv4-mapped, hex", "[::ffff:7f00:1]"],
  ["IPv4-mapped, written out", "[0:0:0:0:0:ffff:7f00:0001]"],
  ["IPv4-mapped metadata", "[::ffff:169.254.169.254]"],
  ["IPv4-compatible", "[::127.0.0.1]"],
  ["IPv4-translated", "[::ffff:0:127.0.0.1]"],
  ["NAT64", "[64:ff9b::7f00:1]"],
  ["NAT64, local", "[64:ff9b:1::7f00:1]"],
  ["6to4", "[2002:7f00:1::]"],
  ["Teredo", "[2001:0:7f00:1::80ff:fffe]"],
  ["unique local", "[fd00::1]"],
  ["AWS's metadata, six", "[fd00:ec2::254]"],
  ["Google's metadata, six", "[fd20:ce::254]"],
  ["link-local", "[fe80::1]"],
  ["multicast, six", "[ff02::1]"],
  ["documentation", "[2001:db8::1]"],
  ["even a public one", "[2606:4700:4700::1111]"],
  ["dotted, trailing dot", "127.0.0.1."],
  ["decimal, trailing dot", "2130706433."],
] as const;

const NAMES = [
  ["localhost", "localhost"],
  ["localhost, upper case", "LOCALHOST"],
  ["localhost, full width", "ｌｏｃａｌｈｏｓｔ"],
  ["localhost, long s", "localhoſt"],
  ["localhost, trailing dot", "localhost."],
  ["a name below localhost", "app.localhost"],
  ["localhost.localdomain", "localhost.localdomain"],
  ["ip6-localhost", "ip6-localhost"],
  ["a single label", "intranet"],
  ["a single label, container's", "kubernetes"],
  [".local", "printer.local"],
  [".internal, Google's metadata", "metadata.google.internal"],
  [".internal, AWS", "instance-data.ec2.internal"],
  [".lan", "router.lan"],
  [".home.arpa", "nas.home.arpa"],
  [".corp", "wiki.corp"],
  [".svc.cluster.local", "kubernetes.default.svc.cluster.local"],
  [".test", "app.test"],
  [".onion", "abcdefghij.onion"],
  ["a public name with a trailing dot", "example.com."],
  ["a public name with an ideographic trailing dot", "example.com。"],
  ["an empty label", "example..com"],
] as const;

describe("hosts that are not public names never reach a socket", () => {
  for (const scheme of ["http", "https"] as const) {
    const hosts = [
      ...LITERALS.map(([title, host]) => [title, host, /is an address/] as const),
      ...NAMES.map(
        ([title, host]) => [title, host, title.includes("trailing dot") ? /ends in a dot/ : /./] as const,
      ),
    ];
    test.each(hosts)(`${scheme}: %s (%s)`, async (_, host, why) => {
      for (const port of ["", `:${bird.port}`]) {
        const { fetcher, asked } = fetcherToCanary(scheme);
        const answer = await fetcher.get(`${scheme}://${host}${port}/`);
        expect(asked).toEqual([]);
        expect(answer).toMatchObject({
          ok: false,
          verdict: "failed",
          code: "blocked",
          reason: expect.stringMatching(why),
        });
      }
      untouched();
    });
  }
});

describe("what is not plainly an http link is not read", () => {
  test.each([
    ["data", "data:text/plain,ok"],
    ["file", "file:///etc/passwd"],
    ["gopher", "gopher://127.0.0.1:6379/_INFO"],
    ["ftp", "ftp://127.0.0.1/"],
    ["dict", "dict://127.0.0.1:11211/stats"],
    ["ws", "ws://127.0.0.1/"],
    ["javascript", "javascript:alert(1)"],
    ["blob", "blob:http://127.0.0.1/0"],
    ["view-source", "view-source:http://127.0.0.1/"],
    ["unix socket", "unix:/var/run/docker.sock"],
    ["http+unix", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info"],
    ["no scheme", "//127.0.0.1/"],
    ["no slashes", "http:127.0.0.1"],
    ["one slash", "http:/127.0.0.1/"],
    ["three slashes", "http:///127.0.0.1/"],
    ["empty", ""],
    ["no host", "http://"],
    ["user info", "http://example.com@127.0.0.1/"],
    ["user and password", "http://user:pass@app.example.com/"],
    ["empty user info", "http://@app.example.com/"],
    ["empty user and password", "http://:@app.example.com/"],
    ["two ats", "http://a@b@127.0.0.1/"],
    ["backslash before the at", "http://app.example.com\\@127.0.0.1/"],
    ["backslash after the host", "http://127.0.0.1\\.example.com/"],
    ["backslashes for slashes", "http:\\\\127.0.0.1\\"],
    ["a tab in the scheme", "ht\ttp://127.0.0.1/"],
    ["a tab in the host", "http://127.0.\t0.1/"],
    ["a line feed in the host", "http://127.0.0.\n1/"],
    ["CRLF and a header", "http://app.example.com/\r\nX-Evil: 1"],
    ["a leading space", " http://127.0.0.1/"],
    ["a trailing space", "http://app.example.com/ "],
    ["a space before a second host", "http://app.example.com 127.0.0.1/"],
    ["a no-break space", "http://app.example.com\u00a0/"],
    ["a NUL", "http://app.example.com\0.127.0.0.1/"],
    ["a zero-width space", "http://127.0.0\u200b.1/"],
    ["a soft hyphen", "http://local\u00adhost/"],
    ["a right-to-left override", "http://app.example.com/\u202e"],
    ["a percent-encoded host", "http://%6c%6f%63alhost/"],
    ["a percent-encoded dot", "http://127%2e0.0.1/"],
    ["a percent-encoded dot in a public name", "http://app%2eexample.com/"],
    ["a percent-encoded at", "http://app.example.com%40127.0.0.1/"],
    ["a zone id", "http://[fe80::1%25eth0]/"],
    ["a zone id, raw", "http://[fe80::1%eth0]/"],
    ["a square bracket missing", "http://[::1/"],
    ["a port that is none", "http://app.example.com:x/"],
    ["a port too big", "http://app.example.com:65536/"],
    ["IPv6 without brackets", "http://::1/"],
    ["an octal part with an eight", "http://0188.0.0.1/"],
    ["five parts", "http://127.0.0.0.1/"],
    ["too long", `http://app.example.com/${"a".repeat(5_000)}`],
  ])("%s", async (_, url) => {
    const { fetcher, asked } = fetcherToCanary("http");
    const answer = await fetcher.get(url);
    expect(asked).toEqual([]);
    expect(answer).toMatchObject({ ok: false, verdict: "failed" });
    untouched();
  });

  test.each(["22", "25", "6379", "2375", "3000", "5432", "9200", "11211", "65535"])(
    "port %s",
    async (port) => {
      const lookup = names({ "app.example.com": [PUBLIC] });
      const answer = await guardedFetcher({ lookup: lookup.lookup }).get(`http://app.example.com:${port}/`);
      expect(answer).toMatchObject({ ok: false, code: "blocked" });
      expect(lookup.asked).toEqual([]);
    },
  );
});

describe("a public name that leads inside is refused before it is dialled", () => {
  const inside = [
    ["loopback", ["127.0.0.1"]],
    ["a private network", ["10.0.0.5"]],
    ["metadata", ["169.254.169.254"]],
    ["Azure's wire server", ["168.63.129.16"]],
    ["loopback, six", ["::1"]],
    ["IPv4-mapped loopback", ["::ffff:127.0.0.1"]],
    ["IPv4-mapped public", ["::ffff:93.184.216.34"]],
    ["NAT64", ["64:ff9b::7f00:1"]],
    ["6to4", ["2002:7f00:1::"]],
    ["Teredo", ["2001:0:7f00:1::1"]],
    ["a unique local address", ["fd00::1"]],
    ["a zoned address", ["fe80::1%1"]],
    ["a mixed answer, public first", [PUBLIC, "127.0.0.1"]],
    ["a mixed answer, private first", ["10.0.0.1", PUBLIC]],
    ["a mixed answer of families", ["2606:4700::1", "::1"]],
    ["an octal answer", ["0177.0.0.1"]],
    ["an answer that is no address", ["localhost"]],
  ] as const;
  for (const scheme of ["http", "https"] as const) {
    test.each(inside)(`${scheme}: %s`, async (_, addresses) => {
      const target = scheme === "https" ? tlsBird : bird;
      const net = internet(
        Object.fromEntries([...addresses, PUBLIC].map((address) => [address, target.port])),
      );
      const { lookup } = names({ "app.example.com": addresses });
      const fetcher = guardedFetcher({ lookup, connector: net.build, ca: authority.ca, totalMs: 2_000 });
      const answer = await fetcher.get(`${scheme}://app.example.com/`);
      expect(answer).toMatchObject({ ok: false, code: "blocked", verdict: "failed" });
      expect(net.dialled).toEqual([]);
      untouched();
    });
  }

  test("the machine's own names are looked up for real and refused", async () => {
    // Without the rule about single labels, this is what would keep localhost out.
    const lookup = () => lookupBySystem("localhost");
    const answer = await guardedFetcher({ lookup }).get("http://app.example.com:8080/");
    expect(answer).toMatchObject({ ok: false, code: "blocked" });
  });
});

describe("a name that changes its mind gains nothing", () => {
  test("the answer that was checked is the answer that is dialled: there is no second look-up", async () => {
    const site = await serve((_, response) => response.end("public"));
    const net = internet({ [PUBLIC]: site.port, "127.0.0.1": bird.port });
    const zone = names({ "app.example.com": [[PUBLIC], ["127.0.0.1"]] });
    const fetcher = guardedFetcher({ lookup: zone.lookup, connector: net.build });
    expect(await fetcher.get("http://app.example.com/")).toMatchObject({ ok: true, status: 200 });
    expect(zone.asked).toHaveLength(1);
    expect(await fetcher.get("http://app.example.com/")).toMatchObject({ ok: false, code: "blocked" });
    expect(net.dialled).toEqual([PUBLIC]);
    untouched();
  });

  test("nor between two hops of one fetch", async () => {
    const site = await serve((_, response) => response.writeHead(302, { location: "/again" }).end());
    const net = internet({ [PUBLIC]: site.port, "127.0.0.1": bird.port });
    const zone = names({ "app.example.com": [[PUBLIC], ["127.0.0.1"]] });
    const answer = await guardedFetcher({ lookup: zone.lookup, connector: net.build }).get(
      "http://app.example.com/",
    );
    expect(answer).toMatchObject({ ok: false, code: "blocked" });
    untouched();
  });

  test.each(["127.0.0.1", "::ffff:93.184.216.34", "93.184.216.35", ""])(
    "a socket that turns out to be connected to %j is closed unread",
    async (peer) => {
      const site = await serve((_, response) => response.end("SECRET"));
      const { lookup } = names({ "app.example.com": [PUBLIC] });
      const connector = internet({ [PUBLIC]: site.port }, peer).build;
      const answer = await guardedFetcher({ lookup, connector }).get("http://app.example.com/");
      expect(answer).toMatchObject({ ok: false, code: "blocked" });
      expect(site.requests).toEqual([]);
    },
  );
});

test("the connector refuses a literal by itself, should one ever get so far", async () => {
  const connect = guardedConnector({
    internal: false,
    lookup: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]),
    connectMs: 1_000,
    ca: undefined,
    build: buildConnector,
  });
  for (const hostname of ["127.0.0.1", "[::1]", "93.184.216.34"]) {
    const fault = await new Promise((resolve) => {
      connect({ hostname, protocol: "http:", port: String(bird.port) }, (...[error]) => resolve(error));
    });
    expect(fault).toBeInstanceOf(BlockedAddress);
  }
  untouched();
});

describe("only the exact origins on the list lead inside", () => {
  test("the listed origin is read, by its literal and with the system's own sockets", async () => {
    const site = await serve((_, response) => response.end("inside"));
    const answer = await guardedFetcher({ origins: [site.origin] }).get(`${site.origin}/x`);
    expect(answer).toMatchObject({ ok: true, status: 200, internal: true });
  });

  test("another port, scheme, spelling or name of the same machine is not", async () => {
    const fetcher = guardedFetcher({ origins: ["http://127.0.0.1:1"], totalMs: 2_000 });
    const others = [
      "http://127.0.0.1:",
      "https://127.0.0.1:",
      "http://localhost:",
      "http://[::1]:",
      "http://127.0.0.2:",
    ];
    for (const other of others) {
      const answer = await fetcher.get(`${other}${bird.port}/`);
      expect(answer).toMatchObject({ ok: false, code: "blocked" });
    }
    untouched();
  });

  test.each(["169.254.169.254", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "fd00:ec2::23", "fd00:42::42"])(
    "a listed name may not be pointed at the metadata host %s",
    async (address) => {
      const { lookup } = names({ "build.corp": [address] });
      const net = internet({ [address]: bird.port });
      const fetcher = guardedFetcher({ origins: ["http://build.corp"], lookup, connector: net.build });
      expect(await fetcher.get("http://build.corp/")).toMatchObject({ ok: false, code: "blocked" });
      untouched();
    },
  );

  test.each([
    "127.0.0.1:80",
    "http://127.0.0.1:80/",
    "http://a.corp/path",
    "http://*.corp",
    "HTTP://a.corp",
    "http://u@a.corp",
    "ftp://a.corp",
    "",
  ])("%j is no origin and is refused when the fetcher is made", (origin) => {
    expect(() => guardedFetcher({ origins: [origin] })).toThrow(/not an exact origin/);
  });
});

describe("proxies of the environment see nothing", () => {
  test("neither by the variables nor by a global dispatcher", async () => {
    const site = await serve((_, response) => response.end("direct"));
    const saved = { dispatcher: getGlobalDispatcher(), env: { ...process.env } };
    const variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    for (const name of variables) process.env[name] = bird.origin;
    process.env["NODE_USE_ENV_PROXY"] = "1";
    try {
      for (const dispatcher of [new EnvHttpProxyAgent(), new ProxyAgent(bird.origin)]) {
        setGlobalDispatcher(dispatcher);
        const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
        expect(answer).toMatchObject({ ok: true, status: 200 });
        await dispatcher.destroy();
      }
    } finally {
      setGlobalDispatcher(saved.dispatcher);
      process.env = saved.env;
    }
    untouched();
  });
});

test("the canary sings: an unguarded client reaches it by the same links", async () => {
  const other = await canary();
  const ways = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
  ];
  for (const host of ways) {
    const answer = await request(`http://${host}:${other.port}/`);
    expect(await answer.body.text()).toBe("SECRET");
  }
  expect(other.requests).toHaveLength(ways.length);
});
