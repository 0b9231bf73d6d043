import { SocketModeClient } from "@slack/socket-mode";
import { type Body, type Inlet, socketAck } from "./inlet.ts";
import { clientOptions, quiet, type SlackRefusal, type SlackSettings } from "./web.ts";

/** One connection of Socket Mode. */
export interface Socket {
  /** Resolves when another one should take its place: Slack asked for that, or it broke. With Slack's reason to stop, if it gave one. */
  readonly over: Promise<SlackRefusal | null>;
  close(): Promise<void>;
}

/** Slack leaves the connection open after saying good-bye; nobody waits longer for it to go. */
const CLOSE_MS = 500;

/**
 * Connects. What comes goes to the inlet. The client's own reconnecting is off: it waits five seconds without a
 * connection at each refresh, and what it cannot open any more ends the process as an unhandled rejection.
 */
export async function openSocket(
  settings: SlackSettings,
  inlet: Inlet,
  log: (error: unknown) => void,
): Promise<Socket> {
  const client = new SocketModeClient({
    appToken: settings.appToken ?? "",
    autoReconnectEnabled: false,
    logger: quiet,
    clientOptions: clientOptions(settings),
  });
  const over = new Promise<SlackRefusal | null>((resolve) => {
    client.on("ws_message", (data: unknown) => {
      const reason = goodBye(data);
      if (reason !== null) resolve(reason === "link_disabled" ? { error: reason, needed: null } : null);
    });
    client.on("disconnected", () => resolve(null));
  });
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
  return { over, close: () => close(client) };
}

/** Slack's reason, where a message asks the bot to connect anew. */
function goodBye(data: unknown): string | null {
  if (typeof data !== "string" || !data.includes('"disconnect"')) return null;
  try {
    const { type, reason } = JSON.parse(data) as { readonly type?: unknown; readonly reason?: unknown };
    return type === "disconnect" ? String(reason) : null;
  } catch {
    return null;
  }
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
