import { Client, Events, GatewayIntentBits, Options, SimpleShardingStrategy } from "discord.js";
import {
  type APIInteraction,
  GatewayDispatchEvents as Event,
  GatewayCloseCodes,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageDeleteBulkDispatchData,
  type GatewayMessageDeleteDispatchData,
  type GatewayMessageUpdateDispatchData,
} from "discord-api-types/v10";
import { closeWords, failureWords } from "./words.ts";

/** The least that tells of what people do: channels and threads, messages in them, and messages to the bot alone. */
const INTENTS = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages];
/** So often in a row the client may try to come back by itself, twice a second; then it rests like everything else. */
const RECONNECTS_MAX = 10;

/** What the gateway tells of. None of these may throw. */
export interface Listeners {
  /** Connected, with nothing of an earlier session: what came in between has to be read back. */
  readonly ready: (client: Client<true>) => void;
  /** Connected again, and Discord handed over what came in between. */
  readonly resumed: () => void;
  /** The connection was lost; the client tries to come back. */
  readonly lost: () => void;
  readonly interaction: (raw: APIInteraction) => void;
  readonly message: (raw: GatewayMessageCreateDispatchData) => void;
  readonly edited: (raw: GatewayMessageUpdateDispatchData) => void;
  readonly deleted: (raw: GatewayMessageDeleteDispatchData) => void;
}

/** How a session ended. `content`: the privileged intent was refused. `connected`: it had been up. */
export interface Ended {
  readonly reason: "stopped" | "content" | "failed";
  readonly words: string;
  readonly connected: boolean;
}

/** One stay at the gateway, with as many short losses as the client mends by itself. Never rejects. */
export async function stay(
  {
    token,
    apiUrl,
    content,
  }: { readonly token: string; readonly apiUrl: string | undefined; readonly content: boolean },
  listeners: Listeners,
  signal: AbortSignal,
): Promise<Ended> {
  let connected = false;
  let ended = false;
  let tries = 0;
  const client = new Client({
    intents: content ? [...INTENTS, GatewayIntentBits.MessageContent] : INTENTS,
    allowedMentions: { parse: [] },
    // Events are taken as they come: nothing about messages and people has to be remembered here.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      GuildMemberManager: { maxSize: 1, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 1, keepOverLimit: (user) => user.id === user.client.user.id },
      ReactionManager: 0,
      PresenceManager: 0,
    }),
    ws: { buildStrategy: (manager) => untilOver(manager, () => ended) },
    rest: { ...(apiUrl === undefined ? {} : { api: apiUrl }), retries: 1 },
  });
  const over = Promise.withResolvers<Ended>();
  const end = (reason: Ended["reason"], words: string) => over.resolve({ reason, words, connected });
  client.once(Events.ClientReady, () => {
    connected = true;
  });
  client.on(Events.Error, (error) => end("failed", failureWords(error)));
  client.on(Events.ShardError, () => undefined);
  client.on(Events.ShardReconnecting, () => {
    tries += 1;
    listeners.lost();
    if (tries > RECONNECTS_MAX) end("failed", failureWords(new Error("the gateway does not answer")));
  });
  client.on(Events.ShardResume, () => {
    tries = 0;
    listeners.resumed();
  });
  client.on(Events.ShardReady, () => {
    tries = 0;
  });
  client.on(Events.ShardDisconnect, (event) => {
    const code: GatewayCloseCodes = event.code;
    end(code === GatewayCloseCodes.DisallowedIntents && content ? "content" : "failed", closeWords(code));
  });
  heed(client, listeners);
  const stop = () => end("stopped", "");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  // Closed for good while it logs in, the close code says more than the login's own words.
  client.login(token).catch((error: unknown) => setImmediate(() => end("failed", failureWords(error))));
  const why = await over.promise;
  ended = true;
  signal.removeEventListener("abort", stop);
  await client.destroy().catch(() => undefined);
  return why;
}

type Manager = ConstructorParameters<typeof SimpleShardingStrategy>[0];

/**
 * A client that is destroyed while it waits to come back comes back all the same, half a second later: nobody stops it
 * then. Before each connection it asks for its session, and once it is over it is not answered any more.
 */
function untilOver(manager: Manager, isOver: () => boolean): SimpleShardingStrategy {
  const { options } = manager;
  const asked = options.retrieveSessionInfo.bind(options);
  options.retrieveSessionInfo = (shard) => (isOver() ? Promise.withResolvers<null>().promise : asked(shard));
  return new SimpleShardingStrategy(manager);
}

/** The events as Discord sends them: they are kept so, and what they lack can be told from what the client makes of them. */
function heed(client: Client, listeners: Listeners): void {
  const { ws } = client;
  ws.on(Event.InteractionCreate, listeners.interaction);
  ws.on(Event.MessageCreate, listeners.message);
  ws.on(Event.MessageUpdate, listeners.edited);
  ws.on(Event.MessageDelete, listeners.deleted);
  ws.on(Event.MessageDeleteBulk, ({ ids, ...where }: GatewayMessageDeleteBulkDispatchData) => {
    for (const id of ids) listeners.deleted({ id, ...where });
  });
  // Told for each new session, also where the client lost one and began another.
  client.on(Events.ShardReady, () => {
    if (client.isReady()) listeners.ready(client);
    else client.once(Events.ClientReady, listeners.ready);
  });
  // Somebody let the bot in meanwhile.
  client.on(Events.GuildCreate, () => {
    if (client.isReady()) listeners.ready(client);
  });
}
