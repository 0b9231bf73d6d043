import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newTask, openDoor, type TestDoor } from "./support/door.ts";

let door: TestDoor;
let before: string;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());
beforeEach(async () => {
  before = await door.everything();
});
// Whatever came in: nothing changed, and nothing had to be looked up in the log.
afterEach(async () => {
  expect(await door.everything()).toBe(before);
  expect(door.logged).toEqual([]);
});

const valid = JSON.stringify(newTask());
const post = (raw: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) =>
  door.ask("POST", "/v1/tasks", { raw, headers });

describe("what cannot be read", () => {
  const unreadable: [string, string | Uint8Array<ArrayBuffer>, string][] = [
    ["malformed JSON", '{"title": ', "not-json"],
    ["two JSON values", "{} {}", "not-json"],
    ["a comment in JSON", '{/* hi */"title":"x"}', "not-json"],
    ["NaN", '{"version": NaN}', "not-json"],
    ["an invalid UTF-8 byte in a title", withByte(valid, 0xff), "not-utf-8"],
    ["an overlong encoding", withBytes(valid, [0xc0, 0xaf]), "not-utf-8"],
    ["a surrogate encoded as UTF-8", withBytes(valid, [0xed, 0xa0, 0x80]), "not-utf-8"],
    ["a truncated character", withByte(valid, 0xe2), "not-utf-8"],
    ["UTF-16", new Uint8Array(Buffer.from(`\ufeff${valid}`, "utf16le")), "not-utf-8"],
    ["half of a surrogate pair", '{"title":"\\ud83d"}', "half-character"],
    ["half of a surrogate pair in a name", '{"\\ud83d":"x"}', "half-character"],
    ["lists nested 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000), "too-deep"],
    ["objects nested 50,000 deep", '{"a":'.repeat(50_000) + "1" + "}".repeat(50_000), "too-deep"],
    ["a field named __proto__", '{"title":"x","__proto__":{"role":"operator"}}', "key-name"],
  ];
  test.each(unreadable)("%s is a 400 with a sentence", async (_, raw, code) => {
    const { status, body, headers } = await post(raw);
    expect(status).toBe(400);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({ status: 400, code, field: "body", type: `urn:gatehouse:http:${code}` });
    expect(body.hint).toMatch(/\.|:/);
  });

  test.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["multipart/form-data; boundary=x"],
    ["application/json; charset=iso-8859-1"],
    ["application/jsonp"],
  ])("a body of type %s is a 415", async (type) => {
    const { status, body } = await post(valid, { "content-type": type });
    expect(status).toBe(415);
    expect(body).toMatchObject({ code: "media-type", field: "Content-Type", got: type });
  });

  test("a compressed body is a 415", async () => {
    const { status, body } = await post(valid, { "content-encoding": "gzip" });
    expect(status).toBe(415);
    expect(body).toMatchObject({ code: "content-encoding", got: "gzip" });
  });
});

describe("what is too large", () => {
  const tenMegabytes = JSON.stringify(newTask({ body: "x".repeat(10 * 1024 * 1024) }));

  test("10 MB of JSON is a 413", async () => {
    const { status, body } = await post(tenMegabytes);
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: "body-too-large", expected: "at most 1048576 bytes" });
  });

  test("a body in chunks, which name no length, is a 413 that also reaches who reads after sending", async () => {
    for (let round = 0; round < 10; round++) {
      expect(await sendThenRead(160)).toMatch(/^HTTP\/1\.1 413 [\s\S]*"body-too-large"/);
    }
  });

  test("a body in chunks that never ends is a 413 long before its sender is done", async () => {
    expect(await sendThenRead(Number.POSITIVE_INFINITY)).toMatch(/^HTTP\/1\.1 413 [\s\S]*"body-too-large"/);
  });

  test("a length that is a lie does not help", async () => {
    const answer = await raw(
      `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.operator}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a body that is cut off is nobody's fault here", async () => {
    const { hostname, port } = new URL(door.base);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.operator}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"title":`,
          () => setImmediate(() => socket.destroy()),
        );
      });
      socket.on("error", reject);
      socket.on("close", () => resolve());
    });
    // The door is asked once more, so that what became of the first request has had its turn.
    expect((await door.ask("GET", "/v1/lanes")).status).toBe(200);
  });

  test("a body just below the limit is read", async () => {
    const fits = JSON.stringify({ title: "x".repeat(1024 * 1024 - 20) });
    expect((await post(fits)).status).toBe(422);
  });

  test("nothing of a body is read without a key", async () => {
    const { status } = await door.ask("POST", "/v1/tasks", { key: null, raw: tenMegabytes });
    expect(status).toBe(401);
  });
});

describe("what does not fit", () => {
  const faults = async (body: unknown, path = "/v1/tasks", method = "POST") => {
    const answer = await door.ask(method, path, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.hint).not.toBe("");
    return Object.fromEntries(answer.body.errors.map((one: any) => [one.field, one.expected]));
  };

  test("every wrong field is named at once", async () => {
    const found = await faults({
      title: "",
      acceptance: 7,
      lane: "builder",
      priority: "P9",
      dependsOn: ["clip-1", "CLIP-0"],
      notBefore: "tomorrow",
      limits: { maxAttempts: 0, tries: 3 },
      policy: {
        requirements: [
          { name: "a", kind: "file", sha256: "short" },
          { name: "b", kind: "magic" },
          { kind: "file" },
        ],
      },
      status: "done",
    });
    expect(Object.keys(found).toSorted()).toEqual(
      [
        "acceptance",
        "dependsOn[0]",
        "dependsOn[1]",
        "limits.maxAttempts",
        "limits.tries",
        "notBefore",
        "policy.requirements[0].sha256",
        "policy.requirements[1].kind",
        "policy.requirements[2].name",
        "priority",
        "status",
        "title",
      ].toSorted(),
    );
    expect(found["status"]).toBe("no such field");
    expect(found["priority"]).toBe("one of P0, P1, P2, P3, P4");
  });

  test("what a task must have to be pulled is asked for at once", async () => {
    expect(Object.keys(await faults({ title: "x" })).toSorted()).toEqual([
      "acceptance",
      "lane",
      "policy.requirements",
    ]);
  });

  test("a policy with no requirement is refused, and so is one whose names repeat", async () => {
    expect(await faults(newTask({ policy: { requirements: [] } }))).toHaveProperty(["policy.requirements"]);
    const twice = [
      { name: "a", kind: "command", argv: ["true"] },
      { name: "a", kind: "command", argv: ["true"] },
    ];
    const { status, body } = await door.ask("POST", "/v1/tasks", {
      body: newTask({ policy: { requirements: twice } }),
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({ field: "policy.requirements", got: "a" });
  });

  test.each([[null], [[]], ["text"], [7], [true]])(
    "a body that is %j is refused as a whole",
    async (body) => {
      expect(Object.keys(await faults(body))).toContain("body");
    },
  );

  test("an empty body is told what it lacks", async () => {
    const { status, body } = await door.ask("POST", "/v1/claims", { key: door.ada });
    expect(status).toBe(422);
    expect(body.errors.map((one: any) => one.field)).toEqual(["lane", "session", "route"]);
  });

  const deceiving: [string, string][] = [
    ["NUL", "a\u0000b"],
    ["a bell", "a\u0007b"],
    ["a line end", "a\nb"],
    ["a carriage return", "a\rb"],
    ["an escape sequence", "a\u001b[31mb"],
    ["a right-to-left override", "abc\u202egpj.exe"],
    ["an isolate", "abc\u2066def"],
    ["a line separator", "abc\u2028def"],
    ["a byte order mark inside", "abc\ufeffdef"],
    ["nothing but white space", "   "],
    ["301 characters", "x".repeat(301)],
  ];
  test.each(deceiving)("a title with %s is refused", async (_, title) => {
    expect(Object.keys(await faults(newTask({ title })))).toEqual(["title"]);
  });

  test("unknown, repeated and unfitting parts of a query are named", async () => {
    const { status, body } = await door.ask(
      "GET",
      "/v1/tasks?status=finished&limit=0&limit=5&page=2&runnable=yes&cursor=-1",
    );
    expect(status).toBe(422);
    expect(body.errors.map((one: any) => one.field).toSorted()).toEqual([
      "cursor",
      "limit",
      "limit",
      "page",
      "runnable",
      "status",
    ]);
  });

  test.each([["1e2"], ["0x10"], [" 5"], [""], ["5.5"], ["201"], ["99999999999999999999"]])(
    "limit=%s is no page length",
    async (limit) => {
      const { status } = await door.ask("GET", `/v1/tasks?limit=${encodeURIComponent(limit)}`);
      expect(status).toBe(422);
    },
  );
});

/** What a server answers to bytes as they are. */
function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(door.base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      answer += text;
      if (answer.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

function withByte(text: string, byte: number): Uint8Array<ArrayBuffer> {
  return withBytes(text, [byte]);
}

/** The bytes stand inside the title. */
function withBytes(text: string, bytes: number[]): Uint8Array<ArrayBuffer> {
  const at = text.indexOf("Cut") + 3;
  return new Uint8Array([...Buffer.from(text.slice(0, at)), ...bytes, ...Buffer.from(text.slice(at))]);
}

/**
 * What is answered to a body in chunks of 64 KiB, of which some number are sent before anything is read; where they have
 * no end, reading goes on beside. Rejects where the connection is reset before the answer was there whole.
 */
function sendThenRead(chunks: number): Promise<string> {
  const { hostname, port } = new URL(door.base);
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  return new Promise((resolve, reject) => {
    let answer = "";
    let left = chunks;
    const send = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= 1;
        if (!socket.write(chunk)) return;
      }
      socket.resume();
    };
    const socket = connect(Number(port), hostname, () => {
      if (Number.isFinite(chunks)) socket.pause();
      socket.write(
        `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.operator}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      send();
    });
    socket.on("drain", send);
    socket.on("data", (data) => {
      answer += data.toString();
      if (!/\}\s*$/.test(answer)) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after: ${answer}`)));
  });
}
