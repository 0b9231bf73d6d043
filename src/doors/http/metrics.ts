import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { House } from "../../commands/house.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { ChatConnections } from "../../ports/chat-connections.ts";

export interface Metrics {
  requested(method: string, route: string, status: number, seconds: number): void;
  answered(call: string, answer: unknown): void;
  refused(refusal: Refusal): void;
  /** The exposition text, with the queue as it is now. */
  scrape(): Promise<{ readonly text: string; readonly contentType: string }>;
}

interface Sources {
  readonly house: House;
  /** The size of the write-ahead log in bytes; null where there is none to measure. */
  readonly walBytes?: (() => Promise<number | null>) | undefined;
  readonly connections?: ChatConnections | undefined;
}

const EVENTS_A_READ = 1000;

/** Numbers of this process, and of the queue at the moment they are asked for. Each door has a registry of its own. */
export function doorMetrics({ house, walBytes, connections }: Sources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "gatehouse_http_requests_total",
    help: "Requests answered",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "gatehouse_http_request_duration_seconds",
    help: "From the request's head to the answer's",
    labelNames: ["route"],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers,
  });
  const claims = new Counter({
    name: "gatehouse_claims_total",
    help: "Claims answered, by whether there was work",
    labelNames: ["result"],
    registers,
  });
  const beats = new Counter({
    name: "gatehouse_heartbeats_total",
    help: "Heartbeats that renewed a lease",
    registers,
  });
  const refusals = new Counter({
    name: "gatehouse_refusals_total",
    help: "What the gates refused",
    labelNames: ["gate", "code"],
    registers,
  });
  const telemetry = new Counter({
    name: "gatehouse_telemetry_records_total",
    help: "Spans and log records received, by whether they told of a call of a model",
    labelNames: ["result"],
    registers,
  });
  const queue = queueNumbers(house, registry);
  const itself = ownNumbers({ walBytes, connections }, registry);

  return {
    requested(method, route, status, seconds) {
      requests.inc({ method, route, status });
      durations.observe({ route }, seconds);
    },
    answered(call, answer) {
      if (call === "claim") {
        const empty = (answer as { readonly attempt: unknown }).attempt === null;
        claims.inc({ result: empty ? "nothing" : "claimed" });
      }
      if (call === "heartbeat") beats.inc();
      if (call === "exportTraces" || call === "exportLogs") {
        const { understood, ignored, rejected } = answer as Record<string, number>;
        for (const [result, count] of Object.entries({ understood, ignored, rejected }))
          telemetry.inc({ result }, count ?? 0);
      }
    },
    refused: ({ gate, code }) => refusals.inc({ gate, code }),
    async scrape() {
      await queue();
      await itself();
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

/** Of the bot itself: its log, and its ways to people. Answers with what brings them up to date. */
function ownNumbers({ walBytes, connections }: Omit<Sources, "house">, registry: Registry) {
  const registers = [registry];
  const wal = new Gauge({ name: "gatehouse_wal_bytes", help: "Size of the write-ahead log", registers });
  const chats = new Gauge({
    name: "gatehouse_chat_connected",
    help: "1 where the chat is connected, 0 where it is not",
    labelNames: ["platform"],
    registers,
  });
  return async (): Promise<void> => {
    const bytes = await walBytes?.();
    if (bytes != null) wal.set(bytes);
    for (const [platform, { state }] of connections?.all() ?? [])
      chats.set({ platform }, Number(state === "connected"));
  };
}

/** Answers with what brings the numbers up to date: depths as they are, events as they were written since the start. */
function queueNumbers(house: House, registry: Registry): () => Promise<void> {
  const registers = [registry];
  const depth = new Gauge({
    name: "gatehouse_tasks",
    help: "Tasks by status and lane",
    labelNames: ["status", "lane"],
    registers,
  });
  const events = new Counter({
    name: "gatehouse_events_total",
    help: "Events written since this process started, by any process: task.completed are the completions",
    labelNames: ["kind"],
    registers,
  });
  const start = house.log.lastEvent();
  start.catch(() => undefined);
  let seen: Promise<number> = start;

  const catchUp = async (from: number): Promise<number> => {
    let after = from;
    for (;;) {
      const batch = await house.log.events({ after, limit: EVENTS_A_READ });
      for (const event of batch) events.inc({ kind: event.kind });
      after = batch.at(-1)?.id ?? after;
      if (batch.length < EVENTS_A_READ) return after;
    }
  };

  return async () => {
    seen = seen.catch(() => house.log.lastEvent()).then(catchUp);
    await seen;
    const counts = await house.listing.counts();
    depth.reset();
    for (const { status, lane, tasks } of counts) depth.set({ status, lane: lane ?? "" }, tasks);
  };
}
