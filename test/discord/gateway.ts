// The gateway: what a real client needs to come up, stay up, and come back.
import type { IncomingMessage } from "node:http";
import { GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from "discord-api-types/v10";
import { type WebSocket, WebSocketServer } from "ws";
import { asText, loose } from "./components.ts";
import { guildJson } from "./guild-routes.ts";
import type { World } from "./world.ts";

const KEPT = 1000;
const PRIVILEGED =
  GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent;

interface Session {
  readonly id: string;
  readonly intents: number;
  socket: WebSocket | null;
  sequence: number;
  readonly sent: { readonly s: number; readonly packet: string }[];
}

export interface GatewaySettings {
  readonly token: () => string;
  readonly url: () => string;
  /** The privileged intents the application was given, as bits. */
  readonly privileged: () => number;
  readonly heartbeatMs: number;
}

export class Gateway {
  readonly sockets: WebSocketServer;
  readonly #world: World;
  readonly #settings: GatewaySettings;
  readonly #sessions = new Map<string, Session>();
  readonly #waiting: (() => void)[] = [];
  /** Heartbeats that came, and whether they are answered. */
  heartbeats = 0;
  acknowledges = true;
  identified = 0;
  /** What the last client that identified itself asked to be told of, as bits. */
  intents = 0;
  resumed = 0;

  constructor(world: World, settings: GatewaySettings) {
    this.#world = world;
    this.#settings = settings;
    this.sockets = new WebSocketServer({ noServer: true });
    this.sockets.on("connection", (socket: WebSocket, request: IncomingMessage) => {
      socket.on("error", () => {});
      if (!(request.url ?? "").includes("v=10")) return socket.close(GatewayCloseCodes.InvalidAPIVersion);
      this.#greet(socket);
    });
  }

  /** Resolves once a client is connected and has been told of its guild. */
  async connected(): Promise<void> {
    while (![...this.#sessions.values()].some(({ socket }) => socket !== null)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends an event to every client that asked for its kind; those that are away get it when they resume. */
  dispatch(event: string, data: object): void {
    for (const session of this.#sessions.values()) {
      const shown = this.#seenBy(session, event, data);
      if (shown !== null) this.#send(session, event, shown);
    }
  }

  /** Asks every client to come back by itself (7), with its session. */
  reconnect(): void {
    this.#each((socket) => socket.send(JSON.stringify({ op: GatewayOpcodes.Reconnect, d: null })));
  }

  /** Tells every client that its session is over (9). What it missed is lost unless it can resume. */
  invalidate(resumable = false): void {
    const before = [...this.#sessions.values()];
    if (!resumable) this.#sessions.clear();
    for (const { socket } of before)
      socket?.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: resumable }));
  }

  /** Closes every connection with a code, such as 4000; 4004 and 4014 end it for good. */
  close(code: number, reason = ""): void {
    this.#each((socket) => socket.close(code, reason));
  }

  /** Cuts every connection, as a network does: without a word. */
  drop(): void {
    this.#each((socket) => socket.terminate());
  }

  async stop(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    await new Promise<void>((resolve) => this.sockets.close(() => resolve()));
  }

  #each(act: (socket: WebSocket) => void): void {
    for (const { socket } of this.#sessions.values()) if (socket !== null) act(socket);
  }

  #greet(socket: WebSocket): void {
    const hello = { heartbeat_interval: this.#settings.heartbeatMs, _trace: [] };
    socket.send(JSON.stringify({ op: GatewayOpcodes.Hello, d: hello }));
    let session: Session | null = null;
    socket.on("close", () => {
      if (session?.socket === socket) session.socket = null;
    });
    socket.on("message", (raw: Buffer) => {
      const packet = loose(JSON.parse(raw.toString("utf8")) as unknown);
      switch (packet["op"] as GatewayOpcodes) {
        case GatewayOpcodes.Heartbeat:
          this.heartbeats += 1;
          if (this.acknowledges) socket.send(JSON.stringify({ op: GatewayOpcodes.HeartbeatAck }));
          return;
        case GatewayOpcodes.Identify:
          if (session !== null) return socket.close(GatewayCloseCodes.AlreadyAuthenticated);
          session = this.#identify(socket, loose(packet["d"]));
          return;
        case GatewayOpcodes.Resume:
          session = this.#resume(socket, loose(packet["d"]));
          return;
        case GatewayOpcodes.RequestGuildMembers:
          if (session !== null) this.#members(session, loose(packet["d"]));
          return;
        case GatewayOpcodes.PresenceUpdate:
        case GatewayOpcodes.VoiceStateUpdate:
          return;
        // biome-ignore lint/complexity/noUselessSwitchCase: a client never sends these.
        case GatewayOpcodes.Dispatch:
        default:
          socket.close(GatewayCloseCodes.UnknownOpcode);
      }
    });
  }

  #identify(
    socket: WebSocket,
    { token, intents, properties }: { readonly [field: string]: unknown },
  ): Session | null {
    if (token !== this.#settings.token()) return refuse(socket, GatewayCloseCodes.AuthenticationFailed);
    if (typeof intents !== "number" || typeof properties !== "object")
      return refuse(socket, GatewayCloseCodes.DecodeError);
    if ((intents & PRIVILEGED & ~this.#settings.privileged()) !== 0)
      return refuse(socket, GatewayCloseCodes.DisallowedIntents, "Disallowed intent(s).");
    const session: Session = { id: this.#world.nextId(), intents, socket, sequence: 0, sent: [] };
    this.#sessions.set(session.id, session);
    this.identified += 1;
    this.intents = intents;
    const { bot, guild, application } = this.#world;
    this.#send(session, "READY", {
      v: 10,
      user: { ...bot, verified: true, mfa_enabled: false },
      guilds: [{ id: guild.id, unavailable: true }],
      session_id: session.id,
      resume_gateway_url: this.#settings.url(),
      application: { id: application, flags: 0 },
    });
    this.#send(session, "GUILD_CREATE", this.#guild());
    this.#wake();
    return session;
  }

  #resume(
    socket: WebSocket,
    { token, session_id: id, seq }: { readonly [field: string]: unknown },
  ): Session | null {
    if (token !== this.#settings.token()) return refuse(socket, GatewayCloseCodes.AuthenticationFailed);
    const session = this.#sessions.get(String(id));
    const oldest = session?.sent[0]?.s ?? 1;
    if (session === undefined || Number(seq) > session.sequence || Number(seq) + 1 < oldest) {
      socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
      return null;
    }
    session.socket = socket;
    this.resumed += 1;
    for (const { s, packet } of session.sent) if (s > Number(seq)) socket.send(packet);
    this.#send(session, "RESUMED", {});
    this.#wake();
    return session;
  }

  #wake(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }

  #send(session: Session, event: string, data: object): void {
    session.sequence += 1;
    const packet = JSON.stringify({ op: GatewayOpcodes.Dispatch, t: event, s: session.sequence, d: data });
    session.sent.push({ s: session.sequence, packet });
    if (session.sent.length > KEPT) session.sent.shift();
    session.socket?.send(packet);
  }

  #guild(): object {
    const world = this.#world;
    const channels = [...world.channels.values()].filter(({ guild }) => guild !== null);
    return {
      ...guildJson(world),
      joined_at: new Date(1_700_000_000_000).toISOString(),
      large: false,
      unavailable: false,
      member_count: world.members.size,
      members: [...world.members.values()].map((member) => world.memberJson(member)),
      channels: channels
        .filter(({ parent, type }) => parent === null && type < 10)
        .map((each) => world.channelJson(each)),
      threads: channels
        .filter(({ archived, type }) => type >= 10 && type <= 12 && !archived)
        .map((each) => world.channelJson(each)),
      presences: [],
      voice_states: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
    };
  }

  #members(session: Session, { user_ids: ids, query }: { readonly [field: string]: unknown }): void {
    const wanted = Array.isArray(ids) ? ids.map(String) : null;
    const members = [...this.#world.members.values()].filter(({ user: { id, username } }) =>
      wanted === null ? username.startsWith(asText(query)) : wanted.includes(id),
    );
    this.#send(session, "GUILD_MEMBERS_CHUNK", {
      guild_id: this.#world.guild.id,
      members: members.map((member) => this.#world.memberJson(member)),
      chunk_index: 0,
      chunk_count: 1,
    });
  }

  /** As a client sees it: only what its intents cover, and what people write only with the privileged one. */
  #seenBy({ intents }: Session, event: string, data: object): object | null {
    const message = data as {
      guild_id?: string;
      content?: string;
      author?: { id: string };
      mentions?: { id: string }[];
    };
    if (event.startsWith("MESSAGE_")) {
      const needed =
        message.guild_id == null ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages;
      if ((intents & needed) === 0) return null;
      const own = message.author?.id === this.#world.bot.id || message.guild_id == null;
      const mentioned = message.mentions?.some(({ id }) => id === this.#world.bot.id) === true;
      if (
        event === "MESSAGE_DELETE" ||
        own ||
        mentioned ||
        (intents & GatewayIntentBits.MessageContent) !== 0
      )
        return data;
      return { ...data, content: "", embeds: [], attachments: [], components: [] };
    }
    if (event === "INTERACTION_CREATE") return data;
    if (event.startsWith("GUILD_MEMBER"))
      return (intents & GatewayIntentBits.GuildMembers) === 0 ? null : data;
    return (intents & GatewayIntentBits.Guilds) === 0 ? null : data;
  }
}

function refuse(socket: WebSocket, code: number, reason = ""): null {
  socket.close(code, reason);
  return null;
}
