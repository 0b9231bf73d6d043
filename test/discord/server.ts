import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { GatewayIntentBits } from "discord-api-types/v10";
import { channelRoutes } from "./channel-routes.ts";
import { Gateway } from "./gateway.ts";
import { guildRoutes } from "./guild-routes.ts";
import { Interactions } from "./interactions.ts";
import type { Told } from "./messages.ts";
import { People } from "./people.ts";
import { type Limits, RateLimits } from "./rate-limits.ts";
import { Rest } from "./rest.ts";
import { World } from "./world.ts";

export interface DiscordOptions {
  readonly token?: string;
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number;
  readonly limits?: Limits;
  /** How many requests a second there may be in all; 50 as on the real one. */
  readonly globalLimit?: number;
  /** The privileged intents the application was given: none, or to read what people write. */
  readonly messageContent?: boolean;
  readonly deadlineMs?: number;
  /** How long a nonce is remembered; five minutes without it. */
  readonly nonceMs?: number;
  readonly heartbeatMs?: number;
  readonly port?: number;
}

/**
 * A small strict Discord on 127.0.0.1: REST version 10 and a gateway, one guild. It refuses what Discord refuses, and
 * what our clients should never send. `url` goes in DISCORD_API_URL.
 */
export interface Discord {
  readonly url: string;
  readonly token: string;
  readonly world: World;
  readonly rest: Rest;
  readonly gateway: Gateway;
  readonly people: People;
  /** The general channel's id. */
  readonly channel: string;
  close(): Promise<void>;
}

export async function startDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const { token = "discord-token", now = Date.now, messageContent = false, heartbeatMs = 41_250 } = options;
  const world = new World(now);
  world.messageContent = messageContent;
  if (options.nonceMs !== undefined) world.nonceMs = options.nonceMs;
  const general = world.channel("general");
  let port = 0;
  const told: Told = { dispatch: (event, data) => gateway.dispatch(event, data) };
  const gatewayUrl = (): string => `ws://127.0.0.1:${port}/gateway`;
  const interactions = new Interactions(world, told, options.deadlineMs ?? 3000);
  const routes = [
    ...guildRoutes(world, { gatewayUrl, messageContent: () => messageContent }),
    ...channelRoutes(world, told),
    ...interactions.routes(),
  ];
  const global = { limit: options.globalLimit ?? 50, windowMs: 1000 };
  const rest = new Rest(routes, new RateLimits(options.limits ?? {}, now, global), token, now);
  const gateway = new Gateway(world, {
    token: () => rest.token,
    url: gatewayUrl,
    privileged: () => (messageContent ? GatewayIntentBits.MessageContent : 0),
    heartbeatMs,
  });
  const server = createServer((request, response) => void rest.handle(request, response));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (request, socket, head) => {
    gateway.sockets.handleUpgrade(request, socket, head, (client) =>
      gateway.sockets.emit("connection", client, request),
    );
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}/api`,
    token,
    world,
    rest,
    gateway,
    people: new People(world, told, interactions),
    channel: general.id,
    close: () => stop(server, gateway, sockets),
  };
}

async function stop(server: Server, gateway: Gateway, sockets: Set<Socket>): Promise<void> {
  await gateway.stop();
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
