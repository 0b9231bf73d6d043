import type { Report, ReportedTest } from "./report.ts";
import { MAX_TESTS, UnreadableReport } from "./report.ts";

/** The points of one level: the top, or a subtest four spaces further in. */
interface Level {
  planned: number | null;
  points: number;
  /** The plan may stand first or last, and then nothing follows it. */
  closed: boolean;
}

const POINT = /^(not )?ok(?=[ \t]|$)(?:[ \t]+(\d+))?(?:[ \t]+-)?[ \t]*(.*)$/;
const DIRECTIVE = /(?:^|[^\\])#[ \t]*(skip|todo)/i;
const INDENT = 4;

/**
 * TAP 13 and 14. Every level keeps its plan exactly, points are numbered in order, and a level ends with the point
 * that sums it up. The leaves are the tests; what is to do counts as skipped. Lines that are not TAP are comments,
 * except those that look like a failure out of place.
 */
export function readTap(text: string): Report {
  const tests: ReportedTest[] = [];
  const faults: string[] = [];
  const levels: Level[] = [newLevel()];
  let yamlIndent: number | null = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const indent = raw.length - raw.trimStart().length;
    const line = raw.slice(indent).trimEnd();
    const at = `line ${index + 1}`;
    if (yamlIndent !== null) {
      if (line === "..." && indent === yamlIndent) yamlIndent = null;
      continue;
    }
    if (line === "---" && indent > 0) yamlIndent = indent;
    else if (/^bail out!/i.test(line)) faults.push(`a bail out in ${at}`);
    else readLine(line, { indent, at, levels, tests, faults });
    if (tests.length > MAX_TESTS) throw new UnreadableReport(`The report has more than ${MAX_TESTS} tests.`);
  }
  if (yamlIndent !== null) throw new UnreadableReport("The report ends inside a diagnostic block.");
  if (levels.length > 1) faults.push("a subtest that nothing sums up");
  endLevel(levels[0] ?? newLevel(), "the end", faults);
  return { tests, faults };
}

function newLevel(): Level {
  return { planned: null, points: 0, closed: false };
}

interface Reading {
  readonly indent: number;
  readonly at: string;
  readonly levels: Level[];
  readonly tests: ReportedTest[];
  readonly faults: string[];
}

function readLine(line: string, reading: Reading): void {
  const { indent, at, levels, faults } = reading;
  const plan = /^1\.\.(\d{1,9})(?:[ \t]*#.*)?$/.exec(line);
  const point = POINT.exec(line);
  if (plan === null && point === null) return;
  const depth = indent / INDENT;
  if (!Number.isInteger(depth) || depth > levels.length) {
    // Ordinary output may look like a passed point; only a failure out of place is believed.
    if (point?.[1] !== undefined) faults.push(`a failure out of place in ${at}`);
    return;
  }
  const begun = depth === levels.length;
  if (begun) levels.push(newLevel());
  const closesSubtest = point !== null && levels.length === depth + 2;
  while (levels.length > depth + 1) endLevel(levels.pop() ?? newLevel(), at, faults);
  const level = levels[depth];
  if (level === undefined) return;
  if (plan !== null) readPlan(level, Number(plan[1]), at, faults);
  else if (point !== null) readPoint(level, point, closesSubtest, reading);
}

function readPlan(level: Level, planned: number, at: string, faults: string[]): void {
  if (level.planned !== null) faults.push(`a second plan in ${at}`);
  level.planned = planned;
  level.closed = level.points > 0;
}

function readPoint(level: Level, point: RegExpExecArray, isSum: boolean, reading: Reading): void {
  const { at, tests, faults } = reading;
  const [, not, number, rest = ""] = point;
  level.points += 1;
  if (level.closed) faults.push(`a point after the plan in ${at}`);
  if (number !== undefined && Number(number) !== level.points) {
    faults.push(`point ${number} in ${at} where ${level.points} is due`);
  }
  const directive = DIRECTIVE.exec(rest)?.[1]?.toLowerCase();
  const name = rest
    .replace(/(^|[^\\])#[ \t]*(skip|todo).*$/i, "$1")
    .replaceAll("\\#", "#")
    .trim();
  const outcome = directive !== undefined ? "skipped" : not === undefined ? "passed" : "failed";
  if (!isSum) tests.push({ names: [name], outcome });
  else if (outcome === "failed") faults.push(`the subtest ${JSON.stringify(name.slice(0, 80))} failed`);
}

function endLevel(level: Level, at: string, faults: string[]): void {
  if (level.planned === null) faults.push(`no plan before ${at}`);
  else if (level.planned !== level.points) {
    faults.push(`${level.points} points before ${at} where ${level.planned} were planned`);
  }
}
