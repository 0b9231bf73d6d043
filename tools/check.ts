import { spawnSync } from "node:child_process";

// Everything a change must pass, all of it even after a failure, so that one run tells the whole state.

/**
 * CI has just run the README's test line and says so with CHECK_TESTS=done. The tests are then not run a second
 * time, but their report is read: it must hold tests and no failure. Anywhere else the tests run.
 */
const tests = process.env["CHECK_TESTS"] === "done" ? "node tools/ci-summary.mjs" : "vitest run";

const steps = [
  { name: "format and cheap rules", run: "biome ci --error-on-warnings ." },
  { name: "lint and boundaries", run: "oxlint" },
  { name: "types", run: "tsc" },
  { name: "unused code", run: "knip" },
  { name: "tests", run: tests },
];

const failed = steps.filter(({ name, run }) => {
  console.log(`== ${name}: ${run}`);
  return spawnSync(run, { shell: true, stdio: "inherit" }).status !== 0;
});

console.log(
  failed.length === 0 ? "== every check passed" : `== failed: ${failed.map((each) => each.name).join(", ")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
