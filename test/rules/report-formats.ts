// Rules of the kind test-report: of the three formats a report is read in.
import { JUNIT } from "../proof/support/world.ts";
import { ASSERTIONS, asTap, asVitest, more, onThird, POINTS, put, third } from "./report-texts.ts";
import { inFile, rulesOf } from "./rule.ts";

const junit = inFile("report/junit.ts");
const tap = inFile("report/tap.ts");
const vitest = inFile("report/vitest.ts");

const junitRules = rulesOf("test-report", [
  [
    "JUnit: well-formed",
    /not well-formed/,
    [junit("throw new UnreadableReport(`The report is not well-formed XML: ", "void (`")],
    put(more('<testcase name="&unknown;"/>')),
    put(JUNIT.replace("</testsuite>", "")),
    put(`${JUNIT}<testsuite/>`),
  ],
  [
    "JUnit: no document type",
    /document type/,
    [junit('throw new UnreadableReport("The report declares a document type; none is read.");')],
    put(`<!DOCTYPE testsuite>${JUNIT}`),
    put(`<!DOCTYPE testsuite SYSTEM "http://127.0.0.1/x.dtd">${JUNIT}`),
    put(`<!DOCTYPE testsuite [<!ENTITY x "y">]>${JUNIT}`),
  ],
  [
    "JUnit: suites at the root",
    /begins with/,
    [
      junit('parent === undefined && name !== "testsuites" && name !== "testsuite"', "false"),
      junit('parent !== undefined && parent !== "testsuites" && parent !== "testsuite"', "false"),
    ],
    put(`<report>${JUNIT}</report>`),
    put(`<html>${JUNIT}</html>`),
  ],
  [
    "JUnit: suites in suites",
    /stands inside/,
    [junit('parent !== undefined && parent !== "testsuites" && parent !== "testsuite"', "false")],
    put(`<testsuites><properties>${JUNIT}</properties></testsuites>`),
    put(`<testsuite><system-out>${JUNIT}</system-out></testsuite>`),
  ],
  [
    "JUnit: tests in suites",
    /outside of every suite/,
    [junit("if (!inSuite)", "if (false)")],
    put(more('<properties><testcase name="third"/></properties>')),
    put(more('<system-out><testcase name="third"/></system-out>')),
  ],
  [
    "JUnit: a test has a name",
    /has no name/,
    [junit("if (name === undefined)", "if (false)")],
    put(more("<testcase/>")),
    put(more('<testcase classname="queue"/>')),
  ],
  [
    "JUnit: failures and errors are seen",
    /1 tests failed/,
    [
      junit(
        'if (parent === "testcase" && state.open !== null) state.open.outcome = "failed";',
        'if (parent === "testcase");',
      ),
    ],
    third("<failure/>"),
    third("<error/>"),
  ],
  [
    "JUnit: failures outside of tests are seen",
    /outside any test/,
    [junit("else state.faults.push(`a ", "else void (`a ")],
    put(more("<error/>")),
    put(more("<failure/>")),
  ],
  [
    "JUnit: what a suite counts is believed",
    /says (errors|failures)=/,
    [junit("said !== undefined && !/^0*$/.test(said.trim())", "false")],
    put(JUNIT.replace("<testsuite", '<testsuite errors="1"')),
    put(JUNIT.replace("<testsuite", '<testsuite failures="many"')),
    put(`<testsuites failures="1">${JUNIT}</testsuites>`),
  ],
  [
    "JUnit: a status that says failed",
    /1 tests failed/,
    [junit("const broken = status !== undefined && /^(fail|error)/i.test(status);", "const broken = false;")],
    ...["failed", "FAIL", "Error"].map((status) => third("", `status="${status}"`)),
  ],
  [
    "JUnit: a test that did not run",
    /at most 0/,
    [junit('notRun ? "skipped" : "passed"', '"passed"')],
    ...["notrun", "disabled", "SKIPPED"].map((status) => third("", `status="${status}"`)),
    third("", 'result="suppressed"'),
  ],
  [
    "JUnit: skipped is not passed",
    /at most 0/,
    [junit('state.open.outcome = "skipped";', ";")],
    third("<skipped/>"),
    third('<skipped message="later"/>'),
  ],
  [
    "JUnit: depth",
    /nested too deeply/,
    [junit("if (state.path.length > MAX_DEPTH)", "if (false)")],
    put(more(`${"<a>".repeat(80)}${"</a>".repeat(80)}`)),
  ],
]);

const tapRules = rulesOf("test-report", [
  [
    "TAP: a plan",
    /no plan/,
    [tap("if (level.planned === null) faults.push(`no plan before ", "if (level.planned === null) void (`")],
    asTap(POINTS),
  ],
  [
    "TAP: the plan is kept",
    /were planned/,
    [tap("else if (level.planned !== level.points)", "else if (false)")],
    asTap(`${POINTS}1..3\n`),
    asTap(`1..1\n${POINTS}`),
    asTap(`1..20\n${POINTS}`),
  ],
  [
    "TAP: one plan",
    /second plan/,
    [tap("if (level.planned !== null)", "if (false)")],
    asTap(`1..3\n${POINTS}1..2\n`),
  ],
  [
    "TAP: nothing after the plan",
    /after the plan/,
    [tap("if (level.closed)", "if (false)")],
    asTap("ok 1 - has one winner\n1..2\nok 2 - gives up\n"),
  ],
  [
    "TAP: points in order",
    /is due/,
    [tap("number !== undefined && Number(number) !== level.points", "false")],
    asTap("1..2\nok 1 - has one winner\nok 3 - gives up\n"),
    asTap("1..2\nok 2 - has one winner\nok 1 - gives up\n"),
    asTap("1..2\nok 1 - has one winner\nok 1 - gives up\n"),
  ],
  [
    "TAP: a bail out",
    /bail out/,
    [
      tap(
        "if (/^bail out!/i.test(line)) faults.push(`a bail out in ",
        "if (/^bail out!/i.test(line)) void (`",
      ),
    ],
    asTap(`${POINTS}1..2\nBail out!\n`),
    asTap(`${POINTS}1..2\nbail out! no disk\n`),
  ],
  [
    "TAP: not ok",
    /1 tests failed/,
    [tap('not === undefined ? "passed" : "failed"', '"passed"')],
    asTap(`${POINTS}not ok 3 - third\n1..3\n`),
    asTap(`${POINTS}not ok\n1..3\n`),
  ],
  [
    "TAP: a failure out of place",
    /out of place/,
    [tap("if (point?.[1] !== undefined)", "if (false)")],
    asTap(`${POINTS}  not ok 3 - third\n1..2\n`),
    asTap(`${POINTS}        not ok 3 - third\n1..2\n`),
  ],
  [
    "TAP: a subtest's sum",
    /the subtest/,
    [tap('else if (outcome === "failed")', "else if (false)")],
    asTap(`${POINTS}    ok 1 - inner\n    1..1\nnot ok 3 - outer\n1..3\n`),
  ],
  [
    "TAP: every subtest is summed up",
    /nothing sums up/,
    [tap("if (levels.length > 1)", "if (false)")],
    asTap(`1..2\n${POINTS}    ok 1 - inner\n    1..1\n`),
  ],
  [
    "TAP: diagnostics end",
    /inside a diagnostic/,
    [tap("if (yamlIndent !== null) throw", "if (false) throw")],
    asTap(`1..2\n${POINTS}  ---\n  not ok 3\n`),
  ],
  [
    "TAP: skipped and to do",
    /at most 0/,
    [tap('directive !== undefined ? "skipped" : ', "")],
    asTap(`${POINTS}ok 3 - third # SKIP later\n1..3\n`),
    asTap(`${POINTS}ok 3 - third # todo\n1..3\n`),
  ],
]);

const vitestRules = rulesOf("test-report", [
  [
    "Vitest: success",
    /did not succeed/,
    [vitest("if (!data.success)", "if (false)")],
    asVitest({ success: false }),
  ],
  [
    "Vitest: failed suites",
    /suites failed/,
    [vitest("(data.numFailedTestSuites ?? 0) > 0", "false")],
    asVitest({ numFailedTestSuites: 1 }),
  ],
  [
    "Vitest: a file that failed",
    /ended as/,
    [vitest('if (file.status !== "passed")', "if (false)")],
    asVitest({}, ASSERTIONS, "failed"),
    asVitest({}, ASSERTIONS, "pending"),
  ],
  [
    "Vitest: totals",
    /totals/,
    [
      vitest("data.numTotalTests !== tests.length ||", "false ||"),
      vitest("data.numPassedTests !== passed ||", "false ||"),
      vitest("data.numFailedTests !== failed\n", "false\n"),
    ],
    asVitest({ numTotalTests: 3 }),
    asVitest({ numTotalTests: 1 }),
    asVitest({ numPassedTests: 1 }),
    asVitest({ numFailedTests: 1 }),
  ],
  [
    "Vitest: what did not pass",
    /1 tests failed|at most 0/,
    [
      vitest('if (status === "passed") return "passed";', 'return "passed";'),
      vitest("data.numPassedTests !== passed ||", "false ||"),
      vitest("data.numFailedTests !== failed\n", "false\n"),
    ],
    asVitest({ numTotalTests: 3, numFailedTests: 1 }, onThird("failed")),
    asVitest({ numTotalTests: 3, numFailedTests: 1 }, onThird("broken")),
    asVitest({ numTotalTests: 3 }, onThird("pending")),
  ],
]);

export const formatRules = [...junitRules, ...tapRules, ...vitestRules];
