import type { Json } from "../json.ts";

/** Attributes of one kind of thing, flat. Lists, maps and bytes are left out: nothing read here is one. */
export type Attributes = ReadonlyMap<string, string | number | boolean>;

/** A span or a log record, as an exporter sent it. */
export interface TelemetryRecord {
  readonly source: "otlp-trace" | "otlp-log";
  readonly resource: Attributes;
  readonly attributes: Attributes;
  /** A span's name; a log's event name, or its body where that is a text. */
  readonly name: string;
  /** When it ended or was written, in milliseconds since 1970 UTC; null where it does not say. */
  readonly at: number | null;
  readonly failed: boolean;
  readonly message: string | null;
}

export type TelemetryRead =
  | { readonly ok: true; readonly records: readonly TelemetryRecord[]; readonly rejected: number }
  | { readonly ok: false; readonly field: string; readonly expected: string };

/** What one request may carry; the rest is rejected, as the protocol's partial success says. */
const RECORDS_MAX = 10_000;

type Fields = { readonly [field: string]: Json };

/** Reads the JSON of `ExportTraceServiceRequest`. Fields that are not known are ignored, as the protocol asks. */
export function readTraces(body: Json): TelemetryRead {
  return readRequest(body, ["resourceSpans", "scopeSpans", "spans"], spanOf);
}

/** Reads the JSON of `ExportLogsServiceRequest`. */
export function readLogs(body: Json): TelemetryRead {
  return readRequest(body, ["resourceLogs", "scopeLogs", "logRecords"], logOf);
}

type Names = readonly [resources: string, scopes: string, records: string];
type ReadOne = (fields: Fields, resource: Attributes) => TelemetryRecord | null;

/** Which part of a request is not what the protocol says. */
class NotOtlp extends Error {
  readonly field: string;
  readonly expected: string;

  constructor(field: string, expected: string) {
    super(field);
    this.field = field;
    this.expected = expected;
  }
}

function readRequest(body: Json, names: Names, readOne: ReadOne): TelemetryRead {
  const records: TelemetryRecord[] = [];
  let rejected = 0;
  const [resources, scopes, leaves] = names;
  try {
    for (const [at, resource] of objects(asObject(body, "body"), resources, "")) {
      const attributes = resourceAttributes(resource, at);
      for (const [inner, scope] of objects(resource, scopes, `${at}.`)) {
        for (const leaf of list(scope, leaves, `${inner}.`)) {
          const fields = isObject(leaf) ? leaf : null;
          const record =
            fields === null || records.length >= RECORDS_MAX ? null : readOne(fields, attributes);
          if (record === null) rejected += 1;
          else records.push(record);
        }
      }
    }
  } catch (error) {
    if (error instanceof NotOtlp) return { ok: false, field: error.field, expected: error.expected };
    throw error;
  }
  return { ok: true, records, rejected };
}

function resourceAttributes(fields: Fields, at: string): Attributes {
  if (fields["resource"] === undefined || fields["resource"] === null) return new Map();
  const resource = asObject(fields["resource"], `${at}.resource`);
  const attributes = attributesOf(resource["attributes"]);
  if (attributes === null) throw new NotOtlp(`${at}.resource.attributes`, "a list of {key, value}");
  return attributes;
}

/** Null where it is no span: its attributes are no list of pairs. */
function spanOf(fields: Fields, resource: Attributes): TelemetryRecord | null {
  const attributes = attributesOf(fields["attributes"]);
  if (attributes === null) return null;
  const status = isObject(fields["status"]) ? fields["status"] : {};
  return {
    source: "otlp-trace",
    resource,
    attributes,
    name: textOf(fields["name"]) ?? "",
    at: millisecondsOf(fields["endTimeUnixNano"]) ?? millisecondsOf(fields["startTimeUnixNano"]),
    failed: status["code"] === 2 || status["code"] === "STATUS_CODE_ERROR",
    message: textOf(status["message"]),
  };
}

function logOf(fields: Fields, resource: Attributes): TelemetryRecord | null {
  const attributes = attributesOf(fields["attributes"]);
  if (attributes === null) return null;
  const body = isObject(fields["body"]) ? textOf(fields["body"]["stringValue"]) : null;
  const named = attributes.get("event.name");
  return {
    source: "otlp-log",
    resource,
    attributes,
    name: textOf(fields["eventName"]) ?? (typeof named === "string" ? named : null) ?? body ?? "",
    at: millisecondsOf(fields["timeUnixNano"]) ?? millisecondsOf(fields["observedTimeUnixNano"]),
    failed: false,
    message: body,
  };
}

/** Null where it is not what the protocol writes; a value of a kind that is not read here is left out. */
function attributesOf(value: Json | undefined): Attributes | null {
  if (value === undefined || value === null) return new Map();
  if (!Array.isArray(value)) return null;
  const attributes = new Map<string, string | number | boolean>();
  for (const pair of value as readonly Json[]) {
    if (!isObject(pair) || typeof pair["key"] !== "string") return null;
    const read = isObject(pair["value"]) ? plainValue(pair["value"]) : null;
    if (read !== null) attributes.set(pair["key"], read);
  }
  return attributes;
}

function plainValue(value: Fields): string | number | boolean | null {
  const text = value["stringValue"];
  if (typeof text === "string") return text;
  if (typeof value["boolValue"] === "boolean") return value["boolValue"];
  // 64-bit integers travel as text; numbers come as well.
  const number = value["intValue"] ?? value["doubleValue"];
  if (typeof number !== "number" && typeof number !== "string") return null;
  const read = typeof number === "string" && number.trim() === "" ? Number.NaN : Number(number);
  return Number.isFinite(read) ? read : null;
}

/** Nanoseconds since 1970 as text or number; null for 0, which the protocol uses for "unknown". */
function millisecondsOf(value: Json | undefined): number | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  if (typeof value === "string" && !/^\d{1,20}$/.test(value)) return null;
  const ms = Math.floor(Number(value) / 1_000_000);
  return Number.isSafeInteger(ms) && ms > 0 ? ms : null;
}

function* objects(parent: Fields, name: string, before: string): Generator<readonly [string, Fields]> {
  for (const [index, item] of list(parent, name, before).entries()) {
    const at = `${before}${name}[${index}]`;
    yield [at, asObject(item, at)];
  }
}

function list(parent: Fields, name: string, before: string): readonly Json[] {
  const value = parent[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  throw new NotOtlp(`${before}${name}`, "a list");
}

function asObject(value: Json | undefined, field: string): Fields {
  if (isObject(value)) return value;
  throw new NotOtlp(field, "an object");
}

function isObject(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
