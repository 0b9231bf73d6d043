// Rules of the kind url.
import type { Page, World } from "../proof/support/world.ts";
import { all, inFile, links, relinks, rulesOf, type Spoil, wants } from "./rule.ts";

const url = inFile("url.ts");
const body = inFile("body-rules.ts");
const fetching = inFile("fetch/fetch.ts");
const target = inFile("fetch/target.ts");

const rewrites = (rewrite: (uri: string) => string): Spoil => {
  return (good) => {
    good.uri = rewrite(good.uri);
  };
};
const page = (change: Partial<Page>): Spoil => {
  return (_, world) => Object.assign(world.page, change);
};
const says = (text: string) =>
  all(page({ body: text }), wants({ contains: undefined, matches: undefined, json: undefined }));
const json = (pointer: string, equals: Parameters<typeof wants>[0][string]) =>
  wants({ json: { pointer, equals: equals ?? null } });
const anyPath = wants({ path: undefined });
const away = (status: number): Spoil => {
  return (_, world) => page({ status, headers: { location: `${world.elsewhere.origin}/health` } })(_, world);
};
const below = (world: World, path: string) => links(`${world.elsewhere.origin}${path}`);

export const urlRules = rulesOf("url", [
  [
    "the plain form",
    /plain form/,
    [url("uri !== url.href && uri !== url.origin", "false")],
    ...[
      (uri: string) => uri.replace("http:", "HTTP:"),
      (uri: string) => uri.replace("127.0.0.1", "127.1"),
      (uri: string) => uri.replace("127.0.0.1", "0x7f.0.0.1"),
      (uri: string) => uri.replace("127.0.0.1", "2130706433"),
      (uri: string) => uri.replace("/health", "/out/../health"),
      (uri: string) => uri.replace("/health", "/./health"),
    ].map((rewrite) => all(anyPath, rewrites(rewrite))),
  ],
  [
    "origin",
    /wants a link below/,
    [
      url("if (url.origin !== rules.origin)", "if (false)"),
      url("if (answer.url.origin !== rules.origin)", "if (false)"),
    ],
    (good, world) => below(world, "/health")(good, world),
    (good, world) => all(anyPath, below(world, "/health"))(good, world),
  ],
  [
    "no user name",
    /user name or password/,
    [url('url.username !== "" || url.password !== ""', "false"), target('authority.includes("@")', "false")],
    ...["ada@", "ada:secret@", ":secret@"].map((who) => all(anyPath, relinks("//", `//${who}`))),
  ],
  [
    "no fragment",
    /has a fragment/,
    [url('uri.includes("#")', "false")],
    ...["#", "#top", "#/health"].map((end) => all(anyPath, relinks(/$/, end))),
  ],
  [
    "path",
    /policy wants http/,
    [url("rules.path !== undefined && uri.slice(url.origin.length) !== rules.path", "false")],
    ...["/healthz", "/Health", "/healt", "/health/", "/health?x=1", "/"].map((path) => wants({ path })),
  ],
  [
    "status",
    /is wanted/,
    [url("if (answer.status !== wantedStatus(rules)) return", "if (false) return")],
    ...[201, 202, 206, 401, 403, 404, 410, 429, 500, 502, 503].map((status) => page({ status })),
    wants({ status: 201 }),
    wants({ status: 418 }),
  ],
  [
    "contains",
    /does not hold/,
    [body("contains !== undefined && !Buffer.from(body).includes(contains)", "false")],
    ...['"version":"1.4.3"', '"version":"1.4.2" ', '"Version":"1.4.2"', '"version": "1.4.2"'].map(
      (contains) => wants({ contains }),
    ),
  ],
  [
    "matches",
    /does not match/,
    [body("!compiled.matcher(text).find()", "false")],
    ...["^ok$", '^\\{"status":"OK"', "\\bdown\\b", "^$"].map((matches) => wants({ matches })),
  ],
  [
    "json",
    /another value at/,
    [body("if (sameJson(json.equals, got.value)) return null;", "return null;")],
    ...["down", "OK", "ok ", true, null, 0, ["ok"], { 0: "o" }].map((value) => json("/status", value)),
    json("", { status: "ok" }),
    json("", { status: "ok", version: "1.4.2", more: 1 }),
  ],
  [
    "json's pointer leads somewhere",
    /has nothing at/,
    [body("if (!got.found)", "if (false)")],
    ...["/state", "/status/0", "/Status", "/status/"].map((pointer) => json(pointer, null)),
  ],
  [
    "json's own fields only",
    /has nothing at/,
    [
      body(
        'value === null || typeof value !== "object" || !Object.hasOwn(value, key)',
        'value === null || typeof value !== "object"',
      ),
    ],
    json("/__proto__", {}),
  ],
  [
    "json's plain array indexes",
    /has nothing at/,
    [body("!/^(0|[1-9][0-9]{0,8})$/.test(key) || Number(key) >= value.length", "false")],
    all(says('{"list":[1,2]}'), json("/list/length", 2)),
  ],
  [
    "a random path answers otherwise",
    /random path beside it answers the same/,
    [url("if (bodyFault(answer.body, rules) !== null) return null;", "return null;")],
    page({ sibling: 200 }),
  ],
  [
    "a random path's answer is known",
    /random path beside it answered/,
    [url("const known = answer.status < 500 && answer.status !== 429;", "const known = true;")],
    ...[429, 500, 502, 503].map((sibling) => page({ sibling })),
  ],
  [
    "a random path is answered",
    /cannot be reached|not answer/,
    [
      url(
        'if (!answer.ok) return answer.verdict === "failed" ? null : verdictOfFault(answer);',
        "if (!answer.ok) return null;",
      ),
    ],
    page({ sibling: 0 }),
  ],
  [
    "twice",
    /is wanted|does not hold|cannot be reached/,
    [
      url(
        "        sample(fetcher, proof.uri, rules, proof.now, signal),\n        softNotFound",
        "        first,\n        softNotFound",
      ),
    ],
    page({ next: { status: 503 } }),
    page({ next: { status: 404 } }),
    page({ next: { body: "starting" } }),
  ],
  [
    "redirects stay",
    /redirect leaves/,
    [
      fetching('redirects === "same-origin" && next.url.origin !== from.origin', "false"),
      url("if (answer.url.origin !== rules.origin)", "if (false)"),
    ],
    ...[301, 302, 303, 307, 308].map(away),
  ],
  [
    "five redirects",
    /More than 5 redirects/,
    [fetching("hops >= limits.maxRedirects", "false")],
    ...[5, 6, 20].map((hops) => page({ status: 302, headers: { location: `/hop/${hops}` } })),
  ],
]);
