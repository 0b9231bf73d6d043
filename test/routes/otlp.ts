// Exports as the OTLP/JSON specification writes them, made to measure.
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

export interface CallSpan {
  readonly session: string;
  readonly model: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly provider?: string;
  /** The older name of the provider, instead. */
  readonly system?: string;
  readonly responded?: string;
  readonly operation?: string;
  /** Makes it a failed call. */
  readonly error?: string;
  readonly status?: number;
}

/** A chat span; the lane's provider unless told. */
export function callSpan({ session, model, at, ...more }: CallSpan) {
  const provider =
    more.system === undefined
      ? text("gen_ai.provider.name", more.provider ?? "anthropic")
      : text("gen_ai.system", more.system);
  return {
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: "eee19b7ec3c1b174",
    name: `chat ${model}`,
    kind: 3,
    startTimeUnixNano: `${at}000000`,
    endTimeUnixNano: `${at}000000`,
    attributes: [
      text("gen_ai.operation.name", more.operation ?? "chat"),
      provider,
      text("gen_ai.request.model", model),
      ...(more.responded === undefined ? [] : [text("gen_ai.response.model", more.responded)]),
      ...(more.error === undefined ? [] : [text("error.type", more.error)]),
      ...(more.status === undefined
        ? []
        : [{ key: "http.response.status_code", value: { intValue: String(more.status) } }]),
      text("session.id", session),
    ],
    status: more.error === undefined ? {} : { code: 2, message: more.error },
  };
}

export function spans(records: readonly unknown[], resource: Readonly<Record<string, string>> = {}) {
  const attributes = Object.entries(resource).map(([key, value]) => text(key, value));
  return {
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: "test" }, spans: records }] }],
  };
}
