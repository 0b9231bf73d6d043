import type { RequestListener } from "node:http";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Redirects } from "../../adapters/proof/fetch/fetch.ts";
import { guardedFetcher } from "../../adapters/proof/fetch/fetch.ts";
import type { Authority } from "./support/authority.ts";
import { makeAuthority } from "./support/authority.ts";
import { canary, closePeers, internet, names, serve } from "./support/peers.ts";

const A = "93.184.216.34";
const B = "93.184.216.35";
let authority: Authority;

beforeAll(async () => {
  authority = await makeAuthority();
});
afterEach(closePeers);

const sendTo =
  (location: string | string[], status = 302): RequestListener =>
  (request, response) => {
    if (request.url === "/") response.setHeader("location", location).writeHead(status).end();
    else response.end("arrived");
  };

/** app.example.com redirects; other.example.com answers; inside.example.com leads to a canary on loopback. */
async function world(location: string | string[], scheme: "http" | "https" = "http", status = 302) {
  const issued = scheme === "https" ? await authority.issue("app.example.com") : undefined;
  const app = await serve(sendTo(location, status), issued);
  const other = await serve((_, response) => response.end("other"));
  const bird = await canary();
  const zone = { "app.example.com": [A], "other.example.com": [B], "inside.example.com": ["127.0.0.1"] };
  const net = internet({ [A]: app.port, [B]: other.port, "127.0.0.1": bird.port });
  const fetcher = guardedFetcher({ lookup: names(zone).lookup, connector: net.build, ca: authority.ca });
  const get = (redirects: Redirects, headers = {}) =>
    fetcher.get(`${scheme}://app.example.com/`, { redirects, headers });
  return { get, app, other, bird };
}

describe("a redirect is a new link and is checked as one", () => {
  test.each([
    ["loopback", "http://127.0.0.1/"],
    ["loopback in decimal", "http://2130706433/"],
    ["loopback, six", "http://[::1]/"],
    ["IPv4-mapped", "http://[::ffff:127.0.0.1]/"],
    ["metadata", "http://169.254.169.254/latest/meta-data/"],
    ["localhost", "http://localhost/"],
    ["a public name that leads inside", "http://inside.example.com/"],
    ["a local name", "http://metadata.google.internal/"],
    ["user info", "http://u:p@app.example.com/x"],
    ["a file", "file:///etc/passwd"],
    ["data", "data:text/plain,ok"],
    ["gopher", "gopher://127.0.0.1:6379/"],
    ["javascript", "javascript:1"],
    ["a scheme without slashes", "http:127.0.0.1"],
    ["a scheme with one slash", "http:/127.0.0.1"],
    ["a protocol-relative private host", "//127.0.0.1/"],
    ["backslashes", "\\\\127.0.0.1\\"],
    ["a slash and a backslash", "/\\127.0.0.1/"],
    ["a tab", "/\t/127.0.0.1/"],
    ["a space in the middle", "http://app.example.com 127.0.0.1/"],
    ["a bad port", "http://app.example.com:22/"],
    ["a trailing dot", "http://app.example.com./x"],
  ])("%s is refused whatever redirects are allowed", async (_, location) => {
    const { get, bird } = await world(location);
    for (const redirects of ["any", "same-origin"] as const) {
      expect(await get(redirects)).toMatchObject({ ok: false, verdict: "failed" });
    }
    expect(bird.connections).toBe(0);
  });

  test.each(["/x y", "/x\ty", "\\x", "/x\\y"])("%j is no plain address", async (location) => {
    const { get, app } = await world(location);
    expect(await get("any")).toMatchObject({ ok: false, verdict: "failed", code: "redirect-refused" });
    expect(app.requests).toEqual(["/"]);
  });

  test("two Location headers are no place to go", async () => {
    const { get, bird } = await world(["/x", "/x"]);
    expect(await get("any")).toMatchObject({ ok: false, code: "redirect-refused" });
    expect(bird.connections).toBe(0);
  });

  test.each([301, 302, 303, 307, 308])("%d to the same origin is followed", async (status) => {
    const { get, app } = await world("/x", "http", status);
    expect(await get("same-origin")).toMatchObject({ ok: true, status: 200, redirects: 1 });
    expect(app.requests).toEqual(["/", "/x"]);
  });

  test.each([300, 304, 305, 306])("%d is an answer, not a way", async (status) => {
    const { get, app } = await world("/x", "http", status);
    expect(await get("any")).toMatchObject({ ok: true, status, redirects: 0 });
    expect(app.requests).toEqual(["/"]);
  });

  test("manual hands the redirect back", async () => {
    const { get, other } = await world("http://other.example.com/x");
    const answer = await get("manual");
    expect(answer).toMatchObject({ ok: true, status: 302 });
    expect(answer.ok && answer.headers.get("location")).toBe("http://other.example.com/x");
    expect(other.connections).toBe(0);
  });
});

describe("another origin", () => {
  test("is refused to a proof", async () => {
    const { get, other } = await world("http://other.example.com/x");
    expect(await get("same-origin")).toMatchObject({
      ok: false,
      code: "redirect-refused",
      verdict: "failed",
    });
    expect(other.connections).toBe(0);
  });

  test("is another port and another scheme too", async () => {
    for (const location of ["http://app.example.com:8080/", "https://app.example.com/"]) {
      const { get } = await world(location);
      expect(await get("same-origin")).toMatchObject({ ok: false, code: "redirect-refused" });
    }
  });

  test("gets none of the credentials meant for the first", async () => {
    const { get, app, other } = await world("http://other.example.com/x");
    const secret = {
      authorization: "Bearer s3cret",
      cookie: "a=b",
      "x-api-key": "s3cret",
      "proxy-authorization": "x",
    };
    expect(await get("any", secret)).toMatchObject({ ok: true, status: 200 });
    expect(app.headers[0]).toMatchObject(secret);
    expect(JSON.stringify(other.headers)).not.toMatch(/s3cret|a=b|proxy/);
  });

  test("and a redirect back does not bring them back", async () => {
    const back = await serve((_, response) =>
      response.writeHead(302, { location: "http://app.example.com/x" }).end(),
    );
    const app = await serve(sendTo("http://other.example.com/"));
    const zone = names({ "app.example.com": [A], "other.example.com": [B] });
    const net = internet({ [A]: app.port, [B]: back.port });
    const fetcher = guardedFetcher({ lookup: zone.lookup, connector: net.build });
    const headers = { authorization: "Bearer s3cret" };
    const answer = await fetcher.get("http://app.example.com/", { redirects: "any", headers });
    expect(answer).toMatchObject({ ok: true, redirects: 2 });
    expect(app.headers.map((sent) => sent["authorization"])).toEqual(["Bearer s3cret", undefined]);
  });
});

describe("https", () => {
  test("is never left for http, not even to the same host", async () => {
    for (const location of ["http://app.example.com/x", "http://other.example.com/"]) {
      const { get, other } = await world(location, "https");
      for (const redirects of ["any", "same-origin"] as const) {
        expect(await get(redirects)).toMatchObject({
          ok: false,
          code: "redirect-refused",
          verdict: "failed",
        });
      }
      expect(other.connections).toBe(0);
    }
  });

  test("is followed within its origin, with the certificate checked", async () => {
    const { get } = await world("/x", "https");
    expect(await get("same-origin")).toMatchObject({ ok: true, status: 200 });
  });

  test.each([
    ["another host's certificate", "wrong.example.com", undefined],
    ["an expired certificate", "app.example.com", new Date(Date.now() - 1_000)],
  ])("with %s is not believed", async (_, hostname, notAfter) => {
    const app = await serve((_, response) => response.end("x"), await authority.issue(hostname, notAfter));
    const { lookup } = names({ "app.example.com": [A] });
    const connector = internet({ [A]: app.port }).build;
    const answer = await guardedFetcher({ lookup, connector, ca: authority.ca }).get(
      "https://app.example.com/",
    );
    expect(answer).toMatchObject({ ok: false, code: "tls", verdict: "inconclusive" });
    expect(app.requests).toEqual([]);
  });

  test("is checked by the system's own sockets too, whatever the environment says", async () => {
    const app = await serve((_, response) => response.end("x"), await authority.issue("localhost"));
    const origin = `https://localhost:${app.port}`;
    expect(await guardedFetcher({ origins: [origin], ca: authority.ca }).get(origin)).toMatchObject({
      ok: true,
    });
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await guardedFetcher({ origins: [origin] }).get(origin)).toMatchObject({
        ok: false,
        code: "tls",
      });
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
    expect(app.requests).toHaveLength(1);
  });

  test("by an authority nobody knows is not believed", async () => {
    const app = await serve((_, response) => response.end("x"), await authority.issue("app.example.com"));
    const { lookup } = names({ "app.example.com": [A] });
    const answer = await guardedFetcher({ lookup, connector: internet({ [A]: app.port }).build }).get(
      "https://app.example.com/",
    );
    expect(answer).toMatchObject({ ok: false, code: "tls" });
  });
});

describe("redirects end", () => {
  const counting: RequestListener = (request, response) => {
    const step = Number(request.url?.slice(1)) || 0;
    if (step === 0) response.end("end");
    else response.writeHead(302, { location: `/${step - 1}` }).end();
  };

  test("five are followed, six are not", async () => {
    const site = await serve(counting);
    const fetcher = guardedFetcher({ origins: [site.origin] });
    expect(await fetcher.get(`${site.origin}/5`)).toMatchObject({ ok: true, redirects: 5 });
    const answer = await fetcher.get(`${site.origin}/6`);
    expect(answer).toMatchObject({ ok: false, code: "too-many-redirects", verdict: "failed" });
  });

  test("a loop costs six requests", async () => {
    const site = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
    const answer = await guardedFetcher({ origins: [site.origin] }).get(site.origin);
    expect(answer).toMatchObject({ ok: false, code: "too-many-redirects" });
    expect(site.requests).toHaveLength(6);
  });
});
