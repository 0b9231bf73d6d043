// Rules of the guarded fetcher about what a link says: read from its text alone, before anybody is asked.
import { type Attack, type FetchRow, visits } from "./attacks.ts";
import { inFile } from "./rule.ts";

const target = inFile("fetch/target.ts");
const connect = inFile("fetch/connect.ts");
const fetching = inFile("fetch/fetch.ts");

const links = (...all: string[]): Attack[] => all.map((link) => visits(link));
const hosts = (...all: string[]): Attack[] => links(...all.map((host) => `http://${host}/`));

const LOCAL =
  `alt arpa corp domain example home host internal intranet invalid lan local localdomain localhost mail onion
  private router test workgroup`.split(/\s+/);

const CONNECTOR = connect(
  "if (!settings.internal) {\n        callback(new BlockedAddress",
  "if (false) {\n        callback(new BlockedAddress",
);
const LITERAL = target(
  'if (host.startsWith("[") || isIP(host) !== 0) return no("is an address, not a name");',
);
const NO_DOMAIN = target("labels.length < 2", "false");
const NO_LOCAL = target("LOCAL_TLDS.has(tld)", "false");
const EMPTY_PART = target('labels.some((label) => label === "")', "false");

export const nameRows: readonly FetchRow[] = [
  [
    "a link's length",
    /at most 4096 long/,
    [target("text.length > MAX_URL_LENGTH", "false")],
    ...links(`http://app.example.com/${"a".repeat(4_096)}`),
  ],
  [
    "nothing that two readers read differently",
    /no white space, control characters or backslashes/,
    [target("if (AMBIGUOUS.test(text)) {", "if (false) {")],
    ...links(
      "http://app.exam\tple.com/",
      "http://app.exam\nple.com/",
      "http://app.exam\u200bple.com/",
      "http://app.exam\u00adple.com/",
      "http://app.example.com\\x",
      "http://app.example.com/\\x",
      "http://app.example.com/ ",
      "http://app.example.com/\u00a0x",
      "http://app.example.com/\0",
      "http://app.example.com/\u202ex",
      "http://app.example.com/\r\nX-Evil: 1",
    ),
  ],
  [
    "two slashes and a host",
    /Only http:/,
    [target("written === null || ", ""), target('written[2] ?? ""', 'written?.[2] ?? ""')],
    ...links("http:app.example.com/", "http:/app.example.com/", "http:///app.example.com/"),
  ],
  [
    ["http and https", "the client, which speaks nothing else"],
    /Only http:/,
    [
      target("(https?):", "([a-z]+):"),
      fetching("new Client(url.origin,", 'new Client(url.origin.replace(/^(ws|ftp):/, "http:"),'),
    ],
    ...links("ws://app.example.com/", "ftp://app.example.com/", "WS://app.example.com/"),
  ],
  [
    "no user name",
    /no user name or password/,
    [target('authority.includes("@")', "false")],
    ...hosts(
      "user:pass@app.example.com",
      "@app.example.com",
      ":@app.example.com",
      "127.0.0.1@app.example.com",
    ),
  ],
  [
    "no percent sign in a host",
    /without percent signs/,
    [target('authority.includes("%")', "false")],
    ...hosts("app%2eexample.com", "%61pp.example.com", "app.ex%61mple.com"),
  ],
  [
    ["no address for a name", "the connector"],
    /is an address, not a name/,
    [LITERAL, CONNECTOR],
    ...hosts("127.0.0.1", "127.8.9.10", "10.0.0.1", "169.254.169.254", "100.100.100.200", "168.63.129.16"),
    ...hosts("2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.1", "0"),
    ...hosts("１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "8.8.8.8"),
  ],
  [
    ["no IPv6 address for a name", "the connector, and having no domain"],
    /is an address, not a name/,
    [LITERAL, CONNECTOR, NO_DOMAIN],
    ...hosts(
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::ffff:a9fe:a9fe]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
    ),
    ...hosts("[2002:7f00:1::]", "[fd00:ec2::254]", "[fe80::1]", "[2606:4700:4700::1111]"),
  ],
  [
    ["no dot at the end", "no empty part"],
    /ends in a dot/,
    [target('if (host.endsWith(".")) return no("ends in a dot");'), EMPTY_PART],
    ...hosts("app.example.com.", "printer.local.", "app.example.com。"),
  ],
  ["no empty part", /has an empty part/, [EMPTY_PART], ...hosts("example..com", ".example.com")],
  [
    "a domain",
    /a name without a domain/,
    [NO_DOMAIN],
    ...hosts("kubernetes", "ip6-loopback", "metadata", "wiki"),
  ],
  [
    ["a domain for localhost", "no local domain"],
    /a name without a domain/,
    [NO_DOMAIN, NO_LOCAL],
    ...hosts("localhost", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ", "intranet"),
  ],
  [
    "no local domain",
    /which is local/,
    [NO_LOCAL],
    ...hosts(...LOCAL.map((domain) => `app.${domain}`)),
    ...hosts("APP.LOCALHOST", "app.ｌｏｃａｌｈｏｓｔ", "metadata.google.internal"),
  ],
  [
    "ports",
    /which is not 80, 443, 8080 or 8443/,
    [target("!PORTS.has(url.port)", "false")],
    ...hosts(
      ...[22, 25, 2375, 3000, 5432, 6379, 9200, 11211, 65535].map((port) => `app.example.com:${port}`),
    ),
  ],
  [
    "only the exact origins on the list lead inside",
    /is an address, not a name/,
    [
      target(
        "internalOrigins.has(url.origin)",
        "[...internalOrigins].some((one) => new URL(one).hostname === url.hostname)",
      ),
    ],
    ...["http://127.0.0.1:2/", "https://127.0.0.1:1/", "http://127.0.0.1/", "http://127.1:2/"].map((link) =>
      visits(link, { origins: ["http://127.0.0.1:1"] }),
    ),
  ],
];
