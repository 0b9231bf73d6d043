// Rules of the kind test-report: of what is wanted, whatever the format.
import { AFTER, BEFORE, JUNIT } from "../proof/support/world.ts";
import { formatRules } from "./report-formats.ts";
import { asTap, asVitest, more, onThird, POINTS, put, third } from "./report-texts.ts";
import { all, claims, inFile, links, rulesOf, type Spoil, wants } from "./rule.ts";

const report = inFile("test-report.ts");
const source = inFile("source.ts");
const local = inFile("local-file.ts");

const byUrl = (headers: Record<string, string> = {}, status = 200): Spoil => {
  return (good, world) => {
    Object.assign(world.page, { body: JUNIT, headers, status });
    return all(links(`${world.site.origin}/health`), wants({ origin: world.site.origin }))(good, world);
  };
};

const wanted = rulesOf("test-report", [
  [
    "the link's scheme",
    /linked as file:/,
    [local('if (!uri.startsWith("file:")) return null;')],
    ...["path:junit.xml", "data:junit.xml", "FILE:junit.xml"].map(links),
  ],
  [
    "origin",
    /Nobody vouches/,
    [report("if (!vouched)", "if (false)")],
    (good, world) => {
      world.page.body = JUNIT;
      const away = links(`${world.elsewhere.origin}/health`);
      return all(away, wants({ origin: world.site.origin }))(good, world);
    },
  ],
  [
    "status",
    /200 is wanted/,
    [source("if (answer.status !== 200)", "if (false)")],
    ...[201, 403, 404, 429, 500].map((status) => byUrl({}, status)),
  ],
  [
    "age by the file",
    /before the task was claimed/,
    [source("return olderThanClaim(file, ask.claimedAt) ?? {", "return {")],
    (_, world) => world.put("junit.xml", JUNIT, BEFORE),
    claims(Date.parse(AFTER) + 21),
  ],
  [
    "age by its keeper",
    /last changed before/,
    [source("modifiedAt !== null && modifiedAt + HTTP_DATE_MS <= ask.claimedAt", "false")],
    byUrl({ "last-modified": new Date(BEFORE).toUTCString() }),
  ],
  [
    "age by the run",
    /began before/,
    [report("report.startedAt !== undefined && report.startedAt < claimedAt", "false")],
    asVitest({ startTime: Date.parse(BEFORE) }),
  ],
  [
    "UTF-8",
    /not UTF-8/,
    [report("{ fatal: true }", "{}")],
    put(Buffer.from(more('<testcase name="\xff"/>'), "latin1")),
  ],
  [
    "no failure",
    /1 tests failed/,
    [report("counts.failed > 0", "false")],
    ...["<failure/>", "<error/>", '<failure message="x">y</failure>'].map((inner) => third(inner)),
    third("", 'status="failed"'),
    asTap(`${POINTS}not ok 3 - third\n1..3\n`),
    asVitest({ numTotalTests: 3, numFailedTests: 1 }, onThird("failed")),
  ],
  [
    "clean",
    /not clean/,
    [report("report.faults.length > 0", "false")],
    put(JUNIT.replace("<testsuite", '<testsuite errors="1"')),
    put(JUNIT.replace("<testsuite", '<testsuite failures="2"')),
    asTap(`${POINTS}1..3\n`),
    asTap(`${POINTS}1..2\nBail out!\n`),
    asVitest({ success: false }),
    asVitest({ numFailedTestSuites: 1 }),
  ],
  [
    "minTests",
    /at least/,
    [report("counts.passed < wanted.minTests", "false")],
    wants({ minTests: 3 }),
    all(wants({ mustPass: [] }), put("<testsuites/>")),
    all(
      wants({ mustPass: [], maxSkipped: 9 }),
      put('<testsuite><testcase name="a"><skipped/></testcase></testsuite>'),
    ),
  ],
  [
    "maxSkipped",
    /at most 0/,
    [report("counts.skipped > maxSkipped", "false")],
    third("<skipped/>"),
    third("", 'status="notrun"'),
    asTap(`${POINTS}ok 3 - third # SKIP\n1..3\n`),
    asTap(`${POINTS}not ok 3 - third # TODO\n1..3\n`),
    asVitest({ numTotalTests: 3 }, onThird("skipped")),
    asVitest({ numTotalTests: 3 }, onThird("todo")),
  ],
  [
    "mustPass is there",
    /is not in the report/,
    [report("named.length === 0", "false")],
    ...["has two winners", "has one winner ", "Has one winner", "has one winne", "queue"].map((name) =>
      wants({ mustPass: [name] }),
    ),
  ],
  [
    "mustPass passed wherever it is",
    /did not pass/,
    [report('named.some((test) => test.outcome !== "passed")', "false")],
    all(wants({ maxSkipped: 1 }), put(more('<testcase name="gives up"><skipped/></testcase>'))),
  ],
]);

export const reportRules = [...wanted, ...formatRules];
