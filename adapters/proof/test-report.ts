import { z } from "zod";
import type { Verdict } from "../../src/core/proof.ts";
import type { Verifier } from "../../src/ports/verifier.ts";
import { defineVerifier, failed, isVerdict, passed } from "./define.ts";
import { shown } from "./fetch/answer.ts";
import { relativePath } from "./local-file.ts";
import { readJUnit } from "./report/junit.ts";
import type { Report } from "./report/report.ts";
import { UnreadableReport } from "./report/report.ts";
import { readTap } from "./report/tap.ts";
import { readVitest } from "./report/vitest.ts";
import type { Source, SourceSettings } from "./source.ts";
import { isSourceUri, readSource } from "./source.ts";
import { originField } from "./url.ts";

const FORMATS = { junit: readJUnit, tap: readTap, vitest: readVitest } as const;

const fields = {
  format: z.enum(["junit", "tap", "vitest"]),
  minTests: z.int().min(1),
  maxSkipped: z.int().min(0).optional(),
  mustPass: z.array(z.string().min(1)).optional(),
  /** Where a report may be read from by URL; anybody can put a green report somewhere. */
  origin: originField.optional(),
};

interface Wanted {
  readonly format: keyof typeof FORMATS;
  readonly minTests: number;
  readonly maxSkipped?: number | undefined;
  readonly mustPass?: readonly string[] | undefined;
}

/**
 * `test-report`: JUnit XML, TAP or Vitest JSON, linked as `file:relative/path` or by URL.
 *
 * Holds when the report can be read whole, at least `minTests` tests passed, none failed or broke, at most
 * `maxSkipped` (0 unless said) were skipped, every name in `mustPass` is there and passed wherever it is, and the
 * report is not older than the claim. A URL must be below the policy's `origin`, or without one below an origin the
 * operator listed. JUnit names are `name` or `classname.name`, Vitest's the full name or the title.
 */
export function testReportVerifier(settings: SourceSettings): Verifier {
  return defineVerifier({
    kind: "test-report",
    fields,
    matches: (_, uri) => isSourceUri(uri),
    async verify(wanted, proof, signal) {
      if (!isSourceUri(proof.uri)) return failed("A report is linked as file:relative/path or by its URL.");
      if (relativePath(proof.uri) === null) {
        const origin = URL.canParse(proof.uri) ? new URL(proof.uri).origin : "";
        const vouched =
          wanted.origin === undefined ? settings.fetcher.isInternal(proof.uri) : origin === wanted.origin;
        if (!vouched)
          return failed(`Nobody vouches for reports from ${shown(origin)}: the policy names no such origin.`);
      }
      const { claimedAt } = proof.attempt;
      const source = await readSource(settings, { uri: proof.uri, claimedAt, now: proof.now, signal });
      if (isVerdict(source)) return source;
      return judge(wanted, source, claimedAt);
    },
  });
}

function readReport(format: Wanted["format"], bytes: Uint8Array): Report | Verdict {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return failed("The report is not UTF-8.");
  }
  try {
    return FORMATS[format](text);
  } catch (error) {
    if (error instanceof UnreadableReport) return failed(shown(error.message, 300));
    throw error;
  }
}

function judge(wanted: Wanted, source: Source, claimedAt: number): Verdict {
  const report = readReport(wanted.format, source.bytes);
  if (isVerdict(report)) return report;
  const count = (outcome: string) => report.tests.filter((test) => test.outcome === outcome).length;
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  const seen = { sha256: source.sha256, ...counts, modifiedAt: source.modifiedAt };
  const fault = faultOf(wanted, report, counts);
  if (fault !== null) return failed(shown(fault, 400), seen);
  if (report.startedAt !== undefined && report.startedAt < claimedAt) {
    return failed("The run began before the task was claimed, so it shows nothing of this attempt.", seen);
  }
  return passed(
    `${counts.passed} tests passed, ${counts.skipped} were skipped, none failed.`,
    `test-report:${source.provider}:sha256:${source.sha256}`,
    seen,
  );
}

function faultOf(
  wanted: Wanted,
  report: Report,
  counts: { passed: number; failed: number; skipped: number },
): string | null {
  if (counts.failed > 0) {
    const first = report.tests.find((test) => test.outcome === "failed")?.names.at(-1) ?? "";
    return `${counts.failed} tests failed, ${JSON.stringify(shown(first, 120))} first.`;
  }
  if (report.faults.length > 0) return `The report is not clean: ${report.faults.slice(0, 3).join("; ")}.`;
  const maxSkipped = wanted.maxSkipped ?? 0;
  if (counts.skipped > maxSkipped)
    return `${counts.skipped} tests were skipped; at most ${maxSkipped} may be (maxSkipped).`;
  if (counts.passed < wanted.minTests)
    return `${counts.passed} tests passed; at least ${wanted.minTests} are wanted.`;
  for (const name of wanted.mustPass ?? []) {
    const named = report.tests.filter((test) => test.names.includes(name));
    if (named.length === 0) return `${JSON.stringify(shown(name, 120))} is not in the report.`;
    if (named.some((test) => test.outcome !== "passed"))
      return `${JSON.stringify(shown(name, 120))} did not pass.`;
  }
  return null;
}
