import { SocketModeClient } from "@slack/socket-mode";
import { clientOptions, silent } from "../client.ts";
import { type Body, type Inlet, socketAck } from "./inlet.ts";
import type { SlackSettings } from "./web.ts";

/** One connection of Socket Mode. */
export interface Socket {
  /** Resolves with Slack's reason when it asks for another one in its place. This one goes on hearing until it is closed. */
  readonly goodBye: Promise<string>;
  /** Resolves when it hears nothing any more, for whatever reason. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

/** Slack leaves the connection open after saying good-bye; nobody waits longer for it to go. */
const CLOSE_MS = 500;

/**
 * The client hangs up as soon as Slack asks it to connect anew, and what was on its way to it is lost. This one tells, and
 * goes on hearing until another one hears.
 */
class PatientClient extends SocketModeClient {
  protected override onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    const reason = goodBye(data);
    if (reason === null) return super.onWebSocketMessage(data, isBinary);
    this.emit("good_bye", reason);
    return Promise.resolve();
  }
}

/** Slack's reason, where a message asks the bot to connect anew. */
function goodBye(data: string | ArrayBuffer): string | null {
  if (typeof data !== "string" || !data.includes('"disconnect"')) return null;
  try {
    const { type, reason } = JSON.parse(data) as { readonly type?: unknown; readonly reason?: unknown };
    return type === "disconnect" ? String(reason) : null;
  } catch {
    return null;
  }
}

/**
 * Connects. What comes goes to the inlet. The client's own reconnecting is off: it waits five seconds without a
 * connection at each refresh, and what it cannot open any more ends the process as an unhandled rejection.
 */
export async function openSocket(
  settings: SlackSettings,
  inlet: Inlet,
  log: (error: unknown) => void,
): Promise<Socket> {
  const client = new PatientClient({
    appToken: settings.appToken ?? "",
    autoReconnectEnabled: false,
    logger: silent,
    clientOptions: clientOptions(settings),
  });
  const toldGoodBye = new Promise<string>((resolve) => client.on("good_bye", resolve));
  const gone = new Promise<void>((resolve) => client.on("disconnected", () => resolve()));
  client.on("slack_event", (event: { body: Body; ack: (answer?: object) => Promise<void> }) => {
    inlet.take(event.body, socketAck(event.ack)).catch(log);
  });
  try {
    await client.start();
  } catch (error) {
    await close(client);
    if (error instanceof Error) throw error;
    throw new Error("Slack closed the connection before it was ready", { cause: error });
  }
  return { goodBye: toldGoodBye, gone, close: () => close(client) };
}

async function close(client: SocketModeClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([client.disconnect().catch(() => undefined), late]);
  clearTimeout(timer);
  // Else its timers would keep the process for half a minute.
  const held: unknown = Reflect.get(client, "websocket");
  const cleanup: unknown = held === undefined ? undefined : Reflect.get(held as object, "cleanup");
  if (typeof cleanup === "function") cleanup.call(held);
}
