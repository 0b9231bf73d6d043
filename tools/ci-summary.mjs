// Prints the count of the tests, taken from vitest's own report, and fails unless some passed and none failed.
// Plain JavaScript, as it also tells that nothing ran where Node 24 could not be installed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const path = join(import.meta.dirname, "../test-results/report.json");

const readReport = () => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
};

const report = readReport();
const failedTests = (file) => file.assertionResults.some((test) => test.status === "failed");

// A file that could not be loaded has none of its tests in the report: it counts as one failure.
const unloaded = report.testResults.filter((file) => file.status === "failed" && !failedTests(file));
// An error outside every test is in no report: there, vitest's own exit status fails the run.
const failed = report.numFailedTests + unloaded.length;
const passed = report.numPassedTests;
const skipped = report.numPendingTests + report.numTodoTests;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
