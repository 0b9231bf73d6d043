import type { House } from "./commands/house.ts";
import { chatDesk } from "./doors/chat/desk.ts";
import { hear } from "./doors/chat/hear.ts";
import { speakers } from "./doors/chat/speakers.ts";
import { allVerbs } from "./doors/chat/verbs/all.ts";
import { inboxPool } from "./jobs/answer-inbox.ts";
import { startLoop } from "./jobs/loop.ts";
import type { ChatConnections } from "./ports/chat-connections.ts";
import type { ChatReceiver, ConnectionState } from "./ports/chat-receiver.ts";
import { Nudge } from "./ports/nudge.ts";

interface Listening {
  readonly house: House;
  readonly receivers: readonly ChatReceiver[];
  /** Rung when anything was written in this process. */
  readonly nudge: Nudge;
  readonly log: {
    readonly info: (facts: object, message: string) => void;
    readonly error: (facts: object, message: string) => void;
  };
  readonly signal: AbortSignal;
  /** Told how each chat's connection stands. */
  readonly connections?: ChatConnections | undefined;
}

/** Connects every chat and handles what comes from it, until the signal aborts. Resolves when the last arrival under way is over. */
export async function listen(listening: Listening): Promise<void> {
  const { house, receivers, nudge, log, signal, connections } = listening;
  const who = speakers(house, receivers);
  const hearing = { house, speakers: who, verbs: allVerbs };
  /** What arrives is taken up at once; that it was handled leaves a free place. Nothing else wakes this loop. */
  const arrived = new Nudge();
  const pool = inboxPool({
    inbox: house.inbox,
    platforms: receivers.map(({ name }) => name),
    async handle(entry) {
      const receiver = receivers.find(({ name }) => name === entry.platform);
      if (receiver !== undefined) await hear(hearing, receiver, entry);
    },
    settled: () => arrived.ring(),
    broke: (entry, error) =>
      log.error({ err: error, event: entry.event }, "a chat's arrival could not be handled"),
    clock: house.clock,
  });
  const loop = startLoop("answer-inbox", () => pool.run(), {
    clock: house.clock,
    signal,
    nudge: arrived,
    spacingMs: 0,
    log: ({ loop: name, error, failures, retryMs }) =>
      log.error({ err: error, loop: name, failures, retryMs }, "a job failed"),
  });
  await Promise.all([
    loop,
    ...receivers.map((receiver) => {
      const broke = (what: string, error: unknown): void =>
        log.error({ err: error, platform: receiver.name }, what);
      const desk = chatDesk({ ...hearing, platform: receiver.name, arrived, nudge, broke });
      return receiver.run(desk, signal, (state) => {
        // What is part of the machine itself is connected to nothing that could be away.
        if (receiver.owner !== undefined) return;
        connections?.tell(receiver.name, state, house.clock.now());
        tell(log, receiver.name, state);
      });
    }),
  ]);
  await pool.idle();
}

/** A token that is refused is no reason to stop: the queue, the page and the other chats go on, and it is tried again. */
function tell(log: Listening["log"], platform: string, state: ConnectionState): void {
  if (state.state === "refused") log.error({ platform, state: state.state }, state.message);
  else log.info({ platform, state: state.state }, `${platform}: ${state.state}`);
}
