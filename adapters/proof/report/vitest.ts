import { z } from "zod";
import type { Report, ReportedTest } from "./report.ts";
import { MAX_TESTS, UnreadableReport } from "./report.ts";

const count = z.int().min(0);

const document = z.object({
  success: z.boolean(),
  startTime: z.number().optional(),
  numTotalTests: count,
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count.optional(),
  numTodoTests: count.optional(),
  numFailedTestSuites: count.optional(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), title: z.string(), status: z.string() })),
    }),
  ),
});

const SKIPPED = new Set(["skipped", "pending", "todo", "disabled"]);

function outcomeOf(status: string): ReportedTest["outcome"] {
  if (status === "passed") return "passed";
  return SKIPPED.has(status) ? "skipped" : "failed";
}

/** Vitest's JSON reporter (Jest's shape). The totals must be what the tests themselves add up to. */
export function readVitest(text: string): Report {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnreadableReport("The report is not JSON.");
  }
  const parsed = document.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UnreadableReport(
      `The report is not Vitest's: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
    );
  }
  const { data } = parsed;
  const tests: ReportedTest[] = data.testResults.flatMap((file) =>
    file.assertionResults.map(({ fullName, title, status }) => ({
      names: [fullName, title],
      outcome: outcomeOf(status),
    })),
  );
  if (tests.length > MAX_TESTS) throw new UnreadableReport(`The report has more than ${MAX_TESTS} tests.`);
  const faults: string[] = [];
  if (!data.success) faults.push("the run says it did not succeed");
  if ((data.numFailedTestSuites ?? 0) > 0) faults.push(`${data.numFailedTestSuites} suites failed`);
  for (const file of data.testResults) {
    if (file.status !== "passed")
      faults.push(`${JSON.stringify(file.name.slice(-80))} ended as ${file.status.slice(0, 20)}`);
  }
  const passed = tests.filter((test) => test.outcome === "passed").length;
  const failed = tests.filter((test) => test.outcome === "failed").length;
  if (
    data.numTotalTests !== tests.length ||
    data.numPassedTests !== passed ||
    data.numFailedTests !== failed
  ) {
    faults.push("the totals are not what the tests add up to");
  }
  return { tests, faults, ...(data.startTime === undefined ? {} : { startedAt: data.startTime }) };
}
