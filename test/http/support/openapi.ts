// Holds every answer the tests get to what /openapi.json says of it, field by field: an answer may neither lack what is
// described nor hold what is not.
import { z } from "zod";

interface Schema {
  [keyword: string]: unknown;
}
interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Schema }> }>;
}
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** Answers with a check that throws where an answer is not as described. `seen` collects `operation status`. */
export function conformance(document: OpenApi, seen: Set<string>): (answered: Answered) => void {
  const schemas = new Map<string, z.ZodType>();
  const $defs = closed(document.components.schemas) as Record<string, Schema>;
  return ({ method, path, status, contentType, body }) => {
    const operation = operationOf(document, method, path);
    if (operation === null) return;
    seen.add(`${operation.operationId} ${status}`);
    const type = contentType.split(";")[0] ?? "";
    if (status === 405) return;
    const described = operation.responses[String(status)]?.content?.[type]?.schema;
    if (described === undefined)
      throw new Error(`${operation.operationId} does not describe ${status} ${type}`);
    if (type === "text/event-stream") return;
    const name = `${operation.operationId} ${status} ${type}`;
    let schema = schemas.get(name);
    if (schema === undefined) {
      schema = z.fromJSONSchema({ ...(closed(described) as Schema), $defs });
      schemas.set(name, schema);
    }
    const parsed = schema.safeParse(body);
    if (!parsed.success)
      throw new Error(
        `${name} is not as described: ${z.prettifyError(parsed.error)}\n${JSON.stringify(body)}`,
      );
  };
}

export function operationOf(document: OpenApi, method: string, path: string): Operation | null {
  const [plain = ""] = path.split("?");
  for (const [pattern, operations] of Object.entries(document.paths)) {
    const fits = new RegExp(`^${pattern.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(plain);
    const operation = operations[method.toLowerCase()];
    if (fits && operation !== undefined) return operation;
  }
  return null;
}

/** The same schema, taking no field it does not name; references point into `$defs`. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== "object") return schema;
  const entries = Object.entries(schema).map(([key, value]) =>
    key === "$ref" && typeof value === "string"
      ? [key, value.replace("#/components/schemas/", "#/$defs/")]
      : [key, closed(value)],
  );
  const result = Object.fromEntries(entries);
  const isObject = result["type"] === "object" && typeof result["properties"] === "object";
  return isObject && result["additionalProperties"] === undefined
    ? { ...result, additionalProperties: false }
    : result;
}
