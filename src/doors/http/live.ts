import type { House } from "../../commands/house.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventLog, EventRecord } from "../../ports/log.ts";
import { Bell, type Nudge } from "../../ports/nudge.ts";
import { ProblemAnswer, problem } from "./problem.ts";
import { eventJson } from "./task-json.ts";

/** Other processes write without ringing: how long until the log is looked at anyway, in milliseconds. */
const LOOK_EVERY_MS = 1000;
/** A silent stream is taken for a dead one by proxies: a comment this often, in milliseconds. */
const COMMENT_EVERY_MS = 15_000;
const EVENTS_A_READ = 200;
const STREAMS_MAX = 256;

export interface LiveRequest {
  readonly after: number;
  readonly task: string | undefined;
  /** The client went away. */
  readonly gone: AbortSignal;
  /** Rejects once the caller may not listen any more. */
  readonly stillAllowed: () => Promise<unknown>;
}

export interface LiveStreams {
  open(request: LiveRequest): Response;
  /** Ends every stream at once: the clients come back to whoever serves next, with the last id they saw. */
  end(): void;
}

/** The event log as server-sent events. `now` is a monotonic clock in milliseconds. */
export function liveStreams(
  { log, clock }: Pick<House, "log" | "clock">,
  nudge: Nudge | undefined,
  now: () => number,
): LiveStreams {
  const ending = new AbortController();
  let count = 0;

  return {
    open(request) {
      if (count >= STREAMS_MAX || ending.signal.aborted) {
        throw new ProblemAnswer(
          problem(503, "streams", {
            expected: `at most ${STREAMS_MAX} live streams`,
            hint: "Too many listen already: ask for pages with after= instead, or try again later.",
          }),
          { "retry-after": "5" },
        );
      }
      count += 1;
      const left = new AbortController();
      const over = AbortSignal.any([ending.signal, request.gone, left.signal]);
      const bell = new Bell(nudge);
      let closed = false;
      const close = (): void => {
        if (closed) return;
        closed = true;
        count -= 1;
        bell.unhang();
        left.abort();
      };
      const next = pieces({ log, clock, request, now, bell, over });
      // Nothing is read from the log before the client has taken what came before: a slow one costs no memory.
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const text = await next().catch(() => null);
            if (text !== null) return controller.enqueue(new TextEncoder().encode(text));
            close();
            controller.close();
          },
          cancel: close,
        },
        { highWaterMark: 1 },
      );
      over.addEventListener("abort", close, { once: true });
      return new Response(body, {
        headers: {
          "content-type": "text/event-stream",
          "cache-control": "no-store",
          // Buffering proxies would turn live into late.
          "x-accel-buffering": "no",
        },
      });
    },
    end: () => ending.abort(),
  };
}

interface Listening {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly request: LiveRequest;
  readonly now: () => number;
  readonly bell: Bell;
  readonly over: AbortSignal;
}

/** Answers with the next piece of the stream when there is one; null at its end. */
function pieces({ log, clock, request, now, bell, over }: Listening): () => Promise<string | null> {
  const { after, task, stillAllowed } = request;
  let last = after;
  let spokeAt: number | null = null;
  return async () => {
    for (;;) {
      if (over.aborted) return null;
      if (spokeAt === null) {
        spokeAt = now();
        return "retry: 1000\n\n";
      }
      await stillAllowed();
      bell.clear();
      const events = await log.events({ after: last, task, limit: EVENTS_A_READ });
      last = events.at(-1)?.id ?? last;
      if (events.length > 0) {
        spokeAt = now();
        return events.map(message).join("");
      }
      if (now() - spokeAt >= COMMENT_EVERY_MS) {
        spokeAt = now();
        return ": still here\n\n";
      }
      await bell.rest(LOOK_EVERY_MS, clock, over);
    }
  };
}

function message(event: EventRecord): string {
  return `id: ${event.id}\ndata: ${JSON.stringify(eventJson(event))}\n\n`;
}
