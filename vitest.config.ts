import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A process per file: an embedded database, a bot and a browser each leave handles that a worker thread
    // cannot give back, and libsql is native code.
    pool: "forks",
    maxWorkers: 2,
    // Whole flows, the browser and the soak start real processes; a unit test that needs this long has hung.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The JSON report is what CI counts: a summary that is read, not printed, cannot be made up.
    reporters: ["default", "json"],
    outputFile: { json: "test-results/report.json" },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "adapters/**/*.ts", "db/**/*.ts"],
      reporter: ["text-summary", "html"],
      reportsDirectory: "coverage",
    },
  },
});
