import { SaxesParser } from "saxes";
import type { Report, ReportedTest } from "./report.ts";
import { MAX_TESTS, UnreadableReport } from "./report.ts";

const MAX_DEPTH = 64;

interface Open {
  names: string[];
  outcome: ReportedTest["outcome"];
}

interface State {
  readonly path: string[];
  readonly tests: ReportedTest[];
  readonly faults: string[];
  open: Open | null;
}

/**
 * JUnit XML: `testsuites` or `testsuite` at the root, `testcase` only below suites. Read as a stream with no
 * document type and no entities of its own, so there is nothing to expand and nothing to fetch. A suite that
 * counts failures which its test cases do not show is believed about the failures.
 */
export function readJUnit(text: string): Report {
  const state: State = { path: [], tests: [], faults: [], open: null };
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw new UnreadableReport(`The report is not well-formed XML: ${error.message}`);
  });
  parser.on("doctype", () => {
    throw new UnreadableReport("The report declares a document type; none is read.");
  });
  parser.on("opentag", ({ name, attributes }) => openTag(state, name, attributes));
  parser.on("closetag", () => {
    if (state.path.pop() === "testcase" && state.open !== null) {
      state.tests.push({ names: state.open.names, outcome: state.open.outcome });
      state.open = null;
    }
  });
  parser.write(text).close();
  return { tests: state.tests, faults: state.faults };
}

function openTag(state: State, name: string, attributes: Readonly<Record<string, string>>): void {
  const parent = state.path.at(-1);
  state.path.push(name);
  if (state.path.length > MAX_DEPTH) throw new UnreadableReport("The report is nested too deeply.");
  if (parent === undefined && name !== "testsuites" && name !== "testsuite") {
    throw new UnreadableReport(
      `The report begins with <${name.slice(0, 40)}>, not with <testsuites> or <testsuite>.`,
    );
  }
  const inSuite = parent === "testsuite" || parent === "testsuites";
  if (name === "testsuite" || name === "testsuites") openSuite(state, name, attributes, parent);
  else if (name === "testcase") openCase(state, attributes, inSuite);
  else if (name === "failure" || name === "error") {
    if (parent === "testcase" && state.open !== null) state.open.outcome = "failed";
    else state.faults.push(`a ${name} outside any test`);
  } else if (name === "skipped" && parent === "testcase" && state.open?.outcome === "passed") {
    state.open.outcome = "skipped";
  }
}

function openSuite(
  state: State,
  name: string,
  attributes: Readonly<Record<string, string>>,
  parent: string | undefined,
): void {
  if (parent !== undefined && parent !== "testsuites" && parent !== "testsuite") {
    throw new UnreadableReport(`A <${name}> stands inside <${parent.slice(0, 40)}>.`);
  }
  for (const count of ["failures", "errors"]) {
    const said = attributes[count];
    if (said !== undefined && !/^0*$/.test(said.trim())) {
      state.faults.push(
        `suite ${JSON.stringify((attributes["name"] ?? "").slice(0, 80))} says ${count}=${said.slice(0, 20)}`,
      );
    }
  }
}

/** gtest and ctest write what did not run as an attribute. */
const NOT_RUN = new Set(["notrun", "disabled", "skipped", "suppressed", "ignored"]);

function openCase(state: State, attributes: Readonly<Record<string, string>>, inSuite: boolean): void {
  if (!inSuite) throw new UnreadableReport("A <testcase> stands outside of every suite.");
  if (state.tests.length >= MAX_TESTS)
    throw new UnreadableReport(`The report has more than ${MAX_TESTS} tests.`);
  const { name, classname, status, result } = attributes;
  if (name === undefined) throw new UnreadableReport("A <testcase> has no name.");
  const notRun = [status, result].some((word) => word !== undefined && NOT_RUN.has(word.toLowerCase()));
  const broken = status !== undefined && /^(fail|error)/i.test(status);
  state.open = {
    names: classname === undefined ? [name] : [name, `${classname}.${name}`],
    outcome: broken ? "failed" : notRun ? "skipped" : "passed",
  };
}
