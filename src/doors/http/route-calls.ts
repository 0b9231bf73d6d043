import { z } from "@hono/zod-openapi";
import { reportTrouble } from "../../commands/report-trouble.ts";
import { type ShownRoute, showRoutesOf } from "../../commands/show-routes.ts";
import { type Diagnosis, diagnosisJson } from "../../core/diagnosis.ts";
import { done } from "../../core/refusal.ts";
import { OBSERVE, ROUTE_SOURCES, type RouteObservation, TROUBLE_KINDS } from "../../core/route-facts.ts";
import { type Call, defineCall } from "./call.ts";
import { AttemptParams, Epoch, iso, line, Session, Timestamp, text } from "./fields.ts";

const Route = z.object({ provider: z.string(), model: z.string() });
const Known = z.object({ route: Route, source: z.string(), at: Timestamp });

const DiagnosisJson = z
  .object({
    verdict: z
      .enum(["route-override", "own-route"])
      .openapi({ description: "route-override: the error is another route's, whatever it says" }),
    kind: z.enum(TROUBLE_KINDS),
    attempt: z.string(),
    session: z.string(),
    agent: z.string(),
    lane: z.string(),
    required: Route,
    got: z.object({ provider: z.string().nullable(), model: z.string().nullable() }),
    since: Timestamp,
    override: z
      .object({ seat: z.enum(["session", "agent", "fallback", "configuration"]), because: z.string() })
      .nullable(),
    summary: z.string(),
    advice: z.string(),
    evidence: z.array(z.object({ at: Timestamp, source: z.string(), session: z.string(), what: z.string() })),
  })
  .openapi("TroubleDiagnosis");

const ObservationJson = z
  .object({
    session: z.string(),
    agent: z.string(),
    attempt: z.string().nullable(),
    source: z.enum(ROUTE_SOURCES),
    kind: z.enum(["ok", "error"]),
    provider: z.string().nullable().openapi({ description: "null: not observed" }),
    requestedModel: z.string().nullable(),
    respondedModel: z.string().nullable(),
    errorType: z.string().nullable(),
    statusCode: z.int().nullable(),
    trouble: z.enum(TROUBLE_KINDS).nullable(),
    message: z.string().nullable(),
    firstSeenAt: Timestamp,
    lastSeenAt: Timestamp,
    count: z.int(),
  })
  .openapi("RouteObservation");
const Observations = z.array(ObservationJson);

const LedgerJson = z
  .object({
    attempt: z.string(),
    task: z.string(),
    session: z.string(),
    agent: z.string(),
    lane: z.string(),
    observe: z.enum(OBSERVE),
    tainted: z.boolean().openapi({ description: "Its proof cannot close the task" }),
    required: Known,
    requested: Known,
    reported: Known.extend({ count: z.int() }).nullable(),
    refused: Observations,
    resolved: Observations,
    observed: Observations.openapi({ description: "Answered calls; empty where none was observed" }),
    errors: Observations,
    diagnosis: z.union([DiagnosisJson, z.null()]),
  })
  .openapi("RouteLedger");

const trouble = defineCall({
  method: "post",
  path: "/v1/attempts/{id}/trouble",
  name: "reportTrouble",
  summary: "Say which error the provider answered with, and learn whose it is",
  params: AttemptParams,
  body: z
    .strictObject({
      epoch: Epoch,
      kind: z.enum(TROUBLE_KINDS),
      provider: line(200),
      model: line(200),
      message: text(4000),
    })
    .openapi("Trouble"),
  success: {
    status: 200,
    schema: z.object({ diagnosis: DiagnosisJson }),
    description: "What the error means",
  },
  async run({ house, agent, caller }, { params, body }) {
    const told = await reportTrouble(house, { ...body, attempt: params.id, agent: agent.name }, caller);
    return told.ok ? done({ diagnosis: shownDiagnosis(told.value) }) : told;
  },
  recall: (_, made) =>
    Promise.resolve(done({ diagnosis: made.data as unknown as z.input<typeof DiagnosisJson> })),
});

const routes = defineCall({
  method: "get",
  path: "/v1/routes",
  name: "showRoutes",
  summary: "The routes of a session's attempts: required, requested, reported, resolved and observed",
  query: z.strictObject({ session: Session }),
  success: {
    status: 200,
    schema: z.object({ attempts: z.array(LedgerJson), unattributed: Observations }).openapi("Routes"),
    description: "The ledgers, newest attempt first",
  },
  async run({ house }, { query }) {
    const { attempts, unattributed } = await showRoutesOf(house, query);
    return done({ attempts: attempts.map(shownLedger), unattributed: unattributed.map(shownObservation) });
  },
});

function shownDiagnosis(diagnosis: Diagnosis): z.input<typeof DiagnosisJson> {
  return diagnosisJson(diagnosis) as z.input<typeof DiagnosisJson>;
}

function shownObservation(seen: RouteObservation): z.input<typeof ObservationJson> {
  return { ...seen, firstSeenAt: iso(seen.firstSeenAt), lastSeenAt: iso(seen.lastSeenAt) };
}

function shownLedger(ledger: ShownRoute): z.input<typeof LedgerJson> {
  const known = <T extends { readonly at: number }>(one: T) => ({ ...one, at: iso(one.at) });
  const { required, requested, reported, diagnosis } = ledger;
  return {
    ...ledger,
    required: known(required),
    requested: known(requested),
    reported: reported === null ? null : known(reported),
    refused: ledger.refused.map(shownObservation),
    resolved: ledger.resolved.map(shownObservation),
    observed: ledger.observed.map(shownObservation),
    errors: ledger.errors.map(shownObservation),
    diagnosis: diagnosis === null ? null : shownDiagnosis(diagnosis),
  };
}

export const routeCalls: readonly Call[] = [trouble, routes];
