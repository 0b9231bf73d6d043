import type { RouteSource, TroubleKind } from "../route-facts.ts";
import type { Attributes, TelemetryRecord } from "./otlp.ts";

/** One call of a model, as an instrument saw it. What was not seen is null. */
export interface RouteSignal {
  readonly source: Extract<RouteSource, "otlp-trace" | "otlp-log">;
  /** The names the call's session goes by, the surest first. */
  readonly sessions: readonly string[];
  /** The attempt the exporter was told to speak for. */
  readonly attempt: string | null;
  readonly kind: "ok" | "error";
  readonly provider: string | null;
  readonly requestedModel: string | null;
  readonly respondedModel: string | null;
  readonly errorType: string | null;
  readonly statusCode: number | null;
  readonly message: string | null;
  /** Milliseconds since 1970 UTC. */
  readonly at: number | null;
}

/** Longer than any name there is; what is cut is marked, so that it equals nothing. */
const NAME_MAX = 200;
const MESSAGE_MAX = 300;

/** Operations that ask no model for words: an embedding runs on another model by right. */
const WORDLESS: ReadonlySet<string> = new Set(["embeddings", "execute_tool", "create_agent", "retrieval"]);

/** The call a record tells of; null where it tells of none. */
export function signalOf(record: TelemetryRecord): RouteSignal | null {
  const call = claudeCodeCall(record) ?? genAiCall(record);
  if (call === null) return null;
  const { resource, attributes } = record;
  const said = [name(resource, "gatehouse.session")];
  const own = ["session.id", "gen_ai.conversation.id"].map(
    (key) => name(attributes, key) ?? name(resource, key),
  );
  const sessions = [...new Set((said[0] === null ? own : said).filter((one) => one !== null))];
  const attempt = name(resource, "gatehouse.attempt");
  if (sessions.length === 0 && attempt === null) return null;
  return { source: record.source, sessions, attempt, at: record.at, ...call };
}

type Call = Omit<RouteSignal, "source" | "sessions" | "attempt" | "at">;

/** Claude Code's own events say no provider: that stays unobserved. */
function claudeCodeCall({ source, name: event, attributes, resource }: TelemetryRecord): Call | null {
  const match = /^(?:claude_code\.)?api_(request|error)$/.exec(event);
  const model = name(attributes, "model");
  if (source !== "otlp-log" || match === null || model === null) return null;
  const failed = match[1] === "error";
  const statusCode = wholeNumber(attributes, "status_code");
  return {
    kind: failed ? "error" : "ok",
    provider: name(attributes, "gen_ai.provider.name") ?? name(resource, "gen_ai.provider.name"),
    requestedModel: model,
    respondedModel: null,
    errorType: failed
      ? (name(attributes, "error.type") ?? (statusCode === null ? null : String(statusCode)))
      : null,
    statusCode: failed ? statusCode : null,
    message: failed ? cut(textOf(attributes, "error"), MESSAGE_MAX) : null,
  };
}

/** The OpenTelemetry conventions for generative AI, on spans and on events; `gen_ai.system` is what they said before. */
function genAiCall({ attributes, failed, message }: TelemetryRecord): Call | null {
  const requestedModel = name(attributes, "gen_ai.request.model");
  const respondedModel = name(attributes, "gen_ai.response.model");
  const operation = textOf(attributes, "gen_ai.operation.name");
  if (requestedModel === null && respondedModel === null) return null;
  if (operation !== null && WORDLESS.has(operation)) return null;
  const errorType = name(attributes, "error.type");
  const wrong = failed || errorType !== null;
  const numeric = errorType !== null && /^[1-5]\d\d$/.test(errorType) ? Number(errorType) : null;
  return {
    kind: wrong ? "error" : "ok",
    provider: name(attributes, "gen_ai.provider.name") ?? name(attributes, "gen_ai.system"),
    requestedModel,
    respondedModel,
    errorType,
    statusCode: wrong ? (wholeNumber(attributes, "http.response.status_code") ?? numeric) : null,
    message: wrong ? cut(textOf(attributes, "error.message") ?? message, MESSAGE_MAX) : null,
  };
}

const TROUBLE_BY_STATUS: ReadonlyMap<number, TroubleKind> = new Map([
  [401, "auth"],
  [402, "billing"],
  [403, "auth"],
  [429, "rate_limit"],
  [529, "rate_limit"],
]);

/** What kind of trouble an error is, by its own words first: providers answer 429 for an empty account as well. */
export function troubleOf(error: {
  readonly errorType: string | null;
  readonly statusCode: number | null;
  readonly message: string | null;
}): TroubleKind {
  const words = `${error.errorType ?? ""} ${error.message ?? ""}`.toLowerCase();
  if (/billing|credit|quota|payment|insufficient.?(funds|balance)/.test(words)) return "billing";
  if (/rate.?limit|too.?many.?requests|overloaded|throttl/.test(words)) return "rate_limit";
  if (/authenticat|unauthori[sz]ed|permission|forbidden|api.?key|credential/.test(words)) return "auth";
  return TROUBLE_BY_STATUS.get(error.statusCode ?? 0) ?? "other";
}

function textOf(attributes: Attributes, key: string): string | null {
  const value = attributes.get(key);
  return typeof value === "string" && value !== "" ? value : null;
}

/** A name as it is compared: what could not be seen in it is made visible, so that it never passes for another. */
function name(attributes: Attributes, key: string): string | null {
  return cut(textOf(attributes, key), NAME_MAX);
}

function wholeNumber(attributes: Attributes, key: string): number | null {
  const value = attributes.get(key);
  const number = typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 && number < 1_000_000
    ? number
    : null;
}

function cut(text: string | null, max: number): string | null {
  if (text === null) return null;
  const visible = text.replace(/\p{Cc}/gu, "\ufffd");
  if (visible.length <= max) return visible;
  return `${visible.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
