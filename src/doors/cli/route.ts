import { type ShownRoute, type ShownRoutes, showRoutes } from "../../commands/show-routes.ts";
import { diagnosisJson } from "../../core/diagnosis.ts";
import { routeName } from "../../core/route.ts";
import type { RouteObservation } from "../../core/route-facts.ts";
import { tidyLine } from "../../core/text.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { conclude, isoTime, printJson, printLine, printTable } from "./print.ts";

interface Json {
  readonly json?: boolean;
}

export const routeVerbs: VerbGroup = (program, cli) => {
  const route = program.command("route").description("look at which model work was really done on");
  route
    .command("show")
    .description("show the routes of a session, an attempt or an agent: required, said and observed")
    .argument("<name>", "a session, an attempt such as CLIP-12.2, or an agent")
    .option("--json", "print JSON: {attempts, unattributed}")
    .action((name: string, { json }: Json) =>
      cli.inHouse(async (house) =>
        conclude(cli, await showRoutes(house, name), (shown) =>
          json === true ? printJson(cli, shownJson(shown)) : printRoutes(cli, shown),
        ),
      ),
    );
};

function printRoutes(cli: Cli, { attempts, unattributed }: ShownRoutes): void {
  for (const [index, ledger] of attempts.entries()) {
    if (index > 0) printLine(cli, "");
    printLedger(cli, ledger);
  }
  if (unattributed.length === 0) return;
  printLine(cli, `${attempts.length > 0 ? "\n" : ""}In no attempt that is known:`);
  printTable(
    cli,
    HEAD,
    unattributed.map((one) => cells(one.kind === "ok" ? "observed" : "error", one)),
  );
}

const HEAD = ["COLUMN", "ROUTE", "SOURCE", "SINCE", "UNTIL", "TIMES", "REMARK"] as const;
type Cells = readonly (string | number | null)[];

function printLedger(cli: Cli, ledger: ShownRoute): void {
  const { attempt, session, agent, lane, observe, required, requested, reported, diagnosis } = ledger;
  const verdict = ledger.tainted ? ". TAINTED: its proof cannot close the task" : "";
  printLine(cli, tidyLine(`${attempt}: ${agent}, session ${session}, lane ${lane}${verdict}`));
  const unobserved = observe === "required" ? "unobserved, and the lane demands it" : "unobserved";
  const rows: Cells[] = [
    ["required", routeName(required.route), "lane", isoTime(required.at), null, null, null],
    ["requested", routeName(requested.route), "claim", isoTime(requested.at), null, null, null],
    reported === null
      ? ["reported", "no beat yet", "beat", null, null, null, null]
      : ["reported", routeName(reported.route), "beat", null, isoTime(reported.at), reported.count, null],
    ...ledger.refused.map((one) => cells("refused", one)),
    ...(ledger.resolved.length === 0
      ? [["resolved", "unobserved", null, null, null, null, null]]
      : ledger.resolved.map((one) => cells("resolved", { ...one, requestedModel: one.respondedModel }))),
    ...(ledger.observed.length === 0
      ? [["observed", unobserved, null, null, null, null, null]]
      : ledger.observed.map((one) => cells("observed", one))),
    ...ledger.errors.map((one) => cells("error", one)),
  ];
  printTable(cli, HEAD, rows);
  if (diagnosis === null) return;
  printLine(cli, tidyLine(diagnosis.summary));
  if (diagnosis.override !== null)
    printLine(cli, tidyLine(`Most likely in: ${diagnosis.override.seat} (${diagnosis.override.because})`));
  printLine(cli, tidyLine(diagnosis.advice));
}

function cells(column: string, seen: RouteObservation): Cells {
  const { provider, requestedModel, respondedModel, errorType, statusCode, trouble, message } = seen;
  const route = `${provider ?? "(unobserved)"}/${requestedModel ?? respondedModel ?? "(unobserved)"}`;
  const remarks = [trouble, errorType, statusCode, message].filter((one) => one !== null);
  const remark = seen.kind === "ok" ? null : [...new Set(remarks.map(String))].join(", ").slice(0, 80);
  return [
    column,
    route,
    seen.source,
    isoTime(seen.firstSeenAt),
    isoTime(seen.lastSeenAt),
    seen.count,
    remark,
  ];
}

function shownJson({ attempts, unattributed }: ShownRoutes) {
  const known = <T extends { readonly at: number }>(one: T) => ({ ...one, at: isoTime(one.at) });
  const seen = (all: readonly RouteObservation[]) =>
    all.map((one) => ({
      ...one,
      firstSeenAt: isoTime(one.firstSeenAt),
      lastSeenAt: isoTime(one.lastSeenAt),
    }));
  return {
    attempts: attempts.map((ledger) => ({
      ...ledger,
      required: known(ledger.required),
      requested: known(ledger.requested),
      reported: ledger.reported === null ? null : known(ledger.reported),
      refused: seen(ledger.refused),
      resolved: seen(ledger.resolved),
      observed: seen(ledger.observed),
      errors: seen(ledger.errors),
      diagnosis: ledger.diagnosis === null ? null : diagnosisJson(ledger.diagnosis),
    })),
    unattributed: seen(unattributed),
  };
}
