import type { App, Receiver, ReceiverEvent } from "@slack/bolt";

export type Body = ReceiverEvent["body"];
type Ack = (answer?: unknown) => Promise<void>;

/**
 * The way into the Bolt app, the same for sockets and for signed requests. Bolt thanks Slack for an event before any
 * listener has seen it; here Slack is thanked when the listeners are done, so that what changes something is kept by then.
 * A listener that fails leaves it unthanked, and Slack tells it again.
 */
export class Inlet implements Receiver {
  #app: App | null = null;

  init(app: App): void {
    this.#app = app;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Rejects where a listener failed. */
  async take(body: Body, respond: Ack): Promise<void> {
    const app = this.#app;
    if (app === null) throw new Error("the app is not there yet");
    let thanked = false;
    const ack: Ack = async (answer) => {
      if (thanked) return;
      thanked = true;
      await respond(answer);
    };
    const isEvent = body["type"] === "event_callback";
    await app.processEvent({ body, ack: isEvent ? () => Promise.resolve() : ack });
    await ack();
  }
}

/** The acknowledgement of an envelope. A socket that went meanwhile cannot take it: Slack tells the same again, and it is known. */
export function socketAck(ack: (answer?: object) => Promise<void>): Ack {
  return async (answer) => {
    const body = typeof answer === "string" ? { text: answer } : (answer as object | null | undefined);
    await ack(body ?? undefined).catch(() => undefined);
  };
}
