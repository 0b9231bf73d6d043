import type { House } from "../../commands/house.ts";
import { Bell, type Nudge } from "../../ports/nudge.ts";
import type { Floor } from "./floor.ts";
import { plainJson } from "./plain-json.ts";

export interface LiveOptions {
  readonly house: Pick<House, "clock" | "localChat">;
  readonly channel: string;
  readonly floor: () => Promise<Floor>;
  /** Rung by this process's writers. */
  readonly nudge: Nudge | undefined;
  /** Aborting it ends every stream; the pages come back to whoever serves next. */
  readonly signal: AbortSignal;
}

/** How long until the chat is looked at anyway, in milliseconds: other processes write without ringing. */
const LOOK_EVERY_MS = 1000;
/** A silent stream is taken for a dead one: a comment this often, in milliseconds. */
const COMMENT_EVERY_MS = 15_000;
const MESSAGES_A_READ = 100;
const STREAMS_MAX = 64;

export type OpenLive = (request: { readonly after: number; readonly gone: AbortSignal }) => Response | null;

/**
 * The channel as server-sent events. `message`: a message as it is now, its change as the event's id, so that a page
 * that was away names the last change it saw and gets each later one once. `floor`: what goes on now. `reset`: the page
 * has seen more than there is, so this is another database: it starts anew. Null where too many watch already.
 */
export function liveChat(options: LiveOptions): OpenLive {
  let count = 0;
  return ({ after, gone }) => {
    if (count >= STREAMS_MAX || options.signal.aborted) return null;
    count += 1;
    const over = AbortSignal.any([options.signal, gone]);
    const bell = new Bell(options.nudge);
    let closed = false;
    const close = (): void => {
      if (closed) return;
      closed = true;
      count -= 1;
      bell.unhang();
    };
    const pieces = stream(options, after, bell, over);
    const body = new ReadableStream<Uint8Array>(
      {
        // Nothing more is read before the page has taken what came before: a slow one costs no memory.
        async pull(controller) {
          const { value } = await pieces.next().catch(() => ({ value: undefined }));
          if (value !== undefined) return controller.enqueue(new TextEncoder().encode(value));
          close();
          controller.close();
        },
        cancel: close,
      },
      { highWaterMark: 1 },
    );
    over.addEventListener("abort", close, { once: true });
    const headers = {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    };
    return new Response(body, { headers });
  };
}

async function* stream(
  options: LiveOptions,
  after: number,
  bell: Bell,
  over: AbortSignal,
): AsyncGenerator<string, undefined> {
  const { house, channel, floor } = options;
  yield "retry: 500\n\n";
  if (after > (await house.localChat.lastChange())) {
    yield piece("reset", {});
    return;
  }
  let last = after;
  let shown = "";
  let spokeAt = house.clock.now();
  while (!over.aborted) {
    bell.clear();
    const messages = await house.localChat.changes(channel, last, MESSAGES_A_READ);
    last = messages.at(-1)?.change ?? last;
    let text = messages.map((message) => piece("message", message, message.change)).join("");
    const seen = await floor();
    const { now: _, ...facts } = seen;
    if (JSON.stringify(facts) !== shown) {
      shown = JSON.stringify(facts);
      text += piece("floor", seen);
    }
    if (text === "" && house.clock.now() - spokeAt >= COMMENT_EVERY_MS) text = ": still here\n\n";
    if (text !== "") {
      spokeAt = house.clock.now();
      yield text;
    }
    if (messages.length < MESSAGES_A_READ) await bell.rest(LOOK_EVERY_MS, house.clock, over);
  }
}

function piece(event: string, data: unknown, id?: number): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${plainJson(data)}\n\n`;
}
