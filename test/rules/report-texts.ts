// Reports in the three formats, good but for what a rule forbids.
import { AFTER, JUNIT } from "../proof/support/world.ts";
import { all, type Spoil, wants } from "./rule.ts";

export const put = (text: string | Uint8Array): Spoil => {
  return (_, world) => world.put("junit.xml", text);
};
/** The good report with one test more, or with something else where it ends. */
export const more = (text: string) => JUNIT.replace("</testsuite>", `${text}</testsuite>`);
export const third = (inner: string, attributes = "") =>
  put(more(`<testcase name="third" ${attributes}>${inner}</testcase>`));
export const asTap = (text: string) => all(wants({ format: "tap" }), put(text));
export const POINTS = "ok 1 - has one winner\nok 2 - gives up\n";

const RUN = {
  success: true,
  startTime: Date.parse(AFTER),
  numTotalTests: 2,
  numPassedTests: 2,
  numFailedTests: 0,
  numFailedTestSuites: 0,
};
export const ASSERTIONS = ["has one winner", "gives up"].map((title) => ({
  title,
  fullName: title,
  status: "passed",
}));
export const asVitest = (change: object, assertions: readonly object[] = ASSERTIONS, status = "passed") =>
  all(
    wants({ format: "vitest" }),
    put(
      JSON.stringify({
        ...RUN,
        ...change,
        testResults: [{ name: "queue.test.ts", status, assertionResults: assertions }],
      }),
    ),
  );
export const onThird = (status: string) => [...ASSERTIONS, { title: "third", fullName: "third", status }];
