// What is asked before a verifier looks at anything, of every kind alike, and what a look may cost at the most.
import { appendFileSync } from "node:fs";
import { HEALTH, JUNIT, type World } from "../proof/support/world.ts";
import { while_ } from "./local.ts";
import { ASSERTIONS, asTap, asVitest, put } from "./report-texts.ts";
import { all, inFile, type Rule, rulesOf, type Spoil, wants } from "./rule.ts";

const define = inFile("define.ts");
const body = inFile("body-rules.ts");
const command = inFile("command.ts");
const source = inFile("source.ts");
const human = inFile("human.ts");
const chat = inFile("chat-message.ts");
const api = inFile("github/api.ts");

const UNFIT = (kind: string, ...fields: string[]) =>
  new RegExp(`does not fit kind ${kind}: (${fields.join("|")})\\.`);
const asked = (change: { readonly name?: string; readonly kind?: string }): Spoil => {
  return (good) => {
    good.requirement = { ...good.requirement, ...change };
  };
};
const calledOff: Spoil = (good) => {
  good.signal = AbortSignal.abort();
};

/** Nothing that does not fit its kind is looked at, and every kind of look can be called off. */
const entryRules: readonly Rule[] = [
  ...rulesOf("url", [
    [
      "no field that is not known",
      UNFIT("url", "surprise", "statuss", "Path"),
      [define("z.strictObject({", "z.object({")],
      ...[{ surprise: true }, { statuss: 500 }, { Path: "/other" }].map(wants),
    ],
    [
      "fields as the kind says",
      UNFIT("url", "contains", "matches", "json\\.more"),
      [
        define(
          "return result.success ? (result.data as unknown as Wanted<Fields>) : result.error;",
          "return requirement;",
        ),
      ],
      wants({ contains: "" }),
      wants({ matches: "" }),
      wants({ json: { pointer: "/status", equals: "ok", more: 1 } }),
    ],
    [
      "a name",
      UNFIT("url", "name"),
      [define("name: z.string().min(1)", "name: z.string()")],
      asked({ name: "" }),
    ],
    [
      "its own kind",
      UNFIT("url", "kind"),
      [define("kind: z.literal(kind)", "kind: z.string()")],
      ...["file", "URL", "url ", "human"].map((kind) => asked({ kind })),
    ],
  ]),
  ...rulesOf("command", [
    [
      "a link's length",
      /at most 4096 long/,
      [define("if (proof.uri.length > MAX_URI_LENGTH)", "if (false)")],
      (good) => {
        good.uri = `command:${"n".repeat(4_096)}`;
        return asked({ name: "n".repeat(4_096) })(good, {} as World);
      },
    ],
  ]),
  ...["chat-message", "human"].flatMap((kind) =>
    rulesOf(kind, [
      ["a call off", /called off before it began/, [define("if (signal.aborted)", "if (false)")], calledOff],
    ]),
  ),
];

/** Matches the good page at once; so many instructions more than its start. */
const pattern = (steps: number) => `^\\{"status":"ok",(x{${steps}})?`;
const long = (length: number) => "a".repeat(length);
const says = (change: object): Spoil => {
  return (_, { said }) => {
    if (said.message !== null) said.message = { ...said.message, ...change };
  };
};
const page = (text: string): Spoil => {
  return (_, world) => Object.assign(world.page, { body: text });
};

const MANY = 200_001;
const tests = <T>(one: (n: number) => T): T[] => Array.from({ length: MANY }, (_, n) => one(n));

const capRules: readonly Rule[] = [
  ...rulesOf("url", [
    [
      "a pattern's steps",
      UNFIT("url", "matches"),
      [body("size > MAX_PATTERN_SIZE", "false")],
      wants({ matches: pattern(600) }),
    ],
    [
      "a pattern's length",
      UNFIT("url", "matches"),
      [body("  .min(1)\n  .max(1024)", "  .min(1)")],
      wants({ matches: `^\\{"status":"ok",${"(?:)".repeat(300)}` }),
    ],
    [
      "a pattern's steps over a whole body",
      /too long for this pattern/,
      [body("compiled.programSize() * text.length > MAX_PATTERN_STEPS", "false")],
      all(wants({ matches: pattern(450) }), page(HEALTH + " ".repeat(40_000))),
    ],
    [
      "a pointer's length",
      UNFIT("url", "json\\.pointer"),
      [body("  .string()\n  .max(1024)", "  .string()")],
      all(
        wants({
          contains: undefined,
          matches: undefined,
          json: { pointer: `/${long(1_024)}`, equals: "ok" },
        }),
        page(JSON.stringify({ [long(1_024)]: "ok" })),
      ),
    ],
  ]),
  ...rulesOf("command", [
    [
      "so many words",
      UNFIT("command", "argv"),
      [command("argv.length <= 256", "true")],
      wants({ argv: ["echo", "12 passed", ...Array.from({ length: 255 }, () => "x")] }),
    ],
    [
      "so much time may be asked for",
      UNFIT("command", "timeoutSeconds"),
      [command(".max(MAX_TIMEOUT_SECONDS)")],
      wants({ timeoutSeconds: 601 }),
    ],
  ]),
  ...rulesOf("file", [
    [
      ["largest size, while it grows", "unchanged while it is read"],
      /grew past/,
      [
        inFile("local-file.ts")("if (size > maxBytes)", "if (false)"),
        inFile("local-file.ts")(
          "after.size !== read.size || after.mtimeMs !== before.mtimeMs || after.ctimeMs !== before.ctimeMs",
          "false",
        ),
      ],
      while_((path) => appendFileSync(path, Buffer.alloc(67_108_864))),
    ],
  ]),
  ...rulesOf("test-report", [
    [
      "a document's size",
      /larger than 16777216 bytes/,
      [source("maxBytes: MAX_DOCUMENT_BYTES", "maxBytes: 1e9")],
      put(JUNIT + "\n".repeat(16_777_216)),
    ],
    [
      "JUnit: so many tests",
      /more than 200000 tests/,
      [inFile("report/junit.ts")("if (state.tests.length >= MAX_TESTS)", "if (false)")],
      put(JUNIT.replace("</testsuite>", `${'<testcase name="n"/>'.repeat(MANY)}</testsuite>`)),
    ],
    [
      "TAP: so many tests",
      /more than 200000 tests/,
      [inFile("report/tap.ts")("if (tests.length > MAX_TESTS)", "if (false)")],
      (good, world) => {
        const points = ["has one winner", "gives up", ...tests((n) => `n${n}`)].map(
          (name, n) => `ok ${n + 1} - ${name}`,
        );
        return asTap(`1..${points.length}\n${points.join("\n")}\n`)(good, world);
      },
    ],
    [
      "Vitest: so many tests",
      /more than 200000 tests/,
      [inFile("report/vitest.ts")("if (tests.length > MAX_TESTS)", "if (false)")],
      (good, world) => {
        const more = tests(() => ({ title: "n", fullName: "n", status: "passed" }));
        const total = MANY + ASSERTIONS.length;
        return asVitest({ numTotalTests: total, numPassedTests: total }, [...ASSERTIONS, ...more])(
          good,
          world,
        );
      },
    ],
  ]),
  ...rulesOf("github-checks", [
    [
      "so many pages",
      /lists more than 5000/,
      [api("page <= MAX_PAGES", "page <= 60")],
      (_, { repo }) => {
        const [own] = repo.checks;
        if (own === undefined) throw new Error("the good proof has no check");
        for (let id = 100; id < 5_101; id += 1) repo.checks.push({ ...own, id, name: `other-${id}` });
      },
    ],
  ]),
  ...rulesOf("chat-message", [
    [
      "a channel's length",
      UNFIT("chat-message", "channel"),
      [chat("channel: z.string().min(1).max(200)", "channel: z.string()")],
      all(wants({ channel: long(201) }), says({ channel: long(201) })),
      all(wants({ channel: "" }), says({ channel: "" })),
    ],
    [
      "an author's length",
      UNFIT("chat-message", "author"),
      [chat("author: z.string().min(1).max(200)", "author: z.string()")],
      all(wants({ author: long(201) }), says({ author: long(201) })),
    ],
    [
      "a text's length",
      UNFIT("chat-message", "contains"),
      [chat("contains: z.string().min(1).max(2000)", "contains: z.string()")],
      all(wants({ contains: long(2_001) }), says({ text: long(2_001) })),
      wants({ contains: "" }),
    ],
  ]),
  ...rulesOf("human", [
    [
      "so many people may be asked for, and never none",
      UNFIT("human", "approvers"),
      [human(".min(1).max(20)", "")],
      wants({ approvers: 0 }),
      wants({ approvers: -1 }),
      all(wants({ approvers: 21 }), (_, { said }) => {
        said.approvals = Array.from({ length: 21 }, (__, n) => ({
          requirement: "it",
          person: `person:slack:${n}`,
          at: said.approvals[0]?.at ?? 0,
        }));
      }),
    ],
  ]),
];

export const costRules: readonly Rule[] = [...entryRules, ...capRules];
