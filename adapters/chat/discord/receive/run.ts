import type { Client, REST } from "discord.js";
import type { ChatDesk, ConnectionState } from "../../../../src/ports/chat-receiver.ts";
import type { Arrival } from "../../../../src/ports/inbox.ts";
import { pause } from "../../pause.ts";
import { commandsOf } from "../register/command-json.ts";
import { registerCommands } from "../register/register.ts";
import type { Answers } from "./answers.ts";
import { InOrder } from "./in-order.ts";
import { Interactions } from "./interactions.ts";
import { arrivalOf, deletionsOf, editsOf, type Reading } from "./messages.ts";
import { readBack } from "./read-back.ts";
import { type Listeners, stay } from "./session.ts";
import type { DiscordReceiverSettings, Pace } from "./settings.ts";
import { Parents } from "./threads.ts";
import { noGuildWords, registrationWords } from "./words.ts";

const RETRY_MAX_MS = 900_000;
/** After so long a rest at most what could not be kept is tried again. */
const KEEP_RETRY_MS = 2_000;

/** More than this does not come within the moment between the connection and the server being known. */
const EARLY_MAX = 1_000;

export interface Connection {
  readonly settings: DiscordReceiverSettings;
  readonly pace: Pace;
  readonly rest: REST;
  readonly answers: Answers;
  readonly desk: ChatDesk;
  readonly signal: AbortSignal;
  readonly told: (state: ConnectionState) => void;
  /** Told which server it is as soon as that is known. */
  readonly inGuild: (guild: string) => void;
}

/**
 * Connects and stays connected until the signal aborts. Whatever ends a session is said in plain words and tried again after
 * a rest that grows: Discord bans who asks too often. Never rejects for what Discord does.
 */
export async function runDiscord(connection: Connection): Promise<void> {
  const { settings, pace, signal, told } = connection;
  const { token, apiUrl } = settings;
  let failures = 0;
  const link = new Link(connection);
  while (!signal.aborted) {
    told({ state: "connecting" });
    await link.begin();
    const ended = await stay({ token, apiUrl, content: link.content }, link, signal);
    if (ended.reason === "stopped") break;
    told({ state: "refused", message: ended.words });
    if (ended.reason === "content") link.content = false;
    else {
      failures = ended.connected ? 1 : failures + 1;
      await pause(Math.min(pace.retryMs * 2 ** Math.min(failures - 1, 20), RETRY_MAX_MS), signal);
    }
  }
  connection.answers.close();
  told({ state: "closed" });
}

/** One connection after another, and what has to be read back between them. */
class Link implements Listeners {
  readonly #with: Connection;
  /** Whether the privileged intent of reading what people write is asked for: until Discord says that it was not granted. */
  content = true;
  #interactions: Interactions | null = null;
  #reading: Reading | null = null;
  /** What came before it was known which server it is about. */
  readonly #early: (() => void)[] = [];
  readonly #inOrder = new InOrder();
  /** When anything was heard last before the connection was lost; null while it stands. */
  #since: number | null = null;

  constructor(connection: Connection) {
    this.#with = connection;
  }

  /** Before anything new is heard: when something was heard last. Without a database it is asked again. */
  async begin(): Promise<void> {
    const { desk, signal } = this.#with;
    while (this.#since === null && !signal.aborted) {
      try {
        this.#since = (await desk.lastReceived()) ?? 0;
      } catch (error) {
        desk.broke("what was heard last could not be looked up", error);
        await pause(KEEP_RETRY_MS, signal);
      }
    }
  }

  readonly ready = (client: Client<true>): void => {
    void this.#ready(client).catch((error: unknown) => {
      // What it was reading back is read by the next process.
      if (!this.#with.signal.aborted) this.#with.desk.broke("Discord could not be set up", error);
    });
  };

  readonly lost = (): void => {
    this.#since ??= Date.now();
  };

  readonly resumed = (): void => {
    this.#since = null;
  };

  readonly interaction: Listeners["interaction"] = (raw) =>
    this.#whenReady(() => void this.#interactions?.take(raw));
  readonly message: Listeners["message"] = (raw) =>
    this.#heard(raw.channel_id, async (reading) => {
      const arrival = await arrivalOf(reading, raw);
      return arrival === null ? [] : [arrival];
    });
  readonly edited: Listeners["edited"] = (raw) =>
    this.#heard(raw.channel_id, (reading) => editsOf(reading, raw));
  readonly deleted: Listeners["deleted"] = ({ id, channel_id: channel, guild_id: guild }) =>
    this.#heard(channel, (reading) => deletionsOf(reading, { id, channel, guild }));

  async #ready(client: Client<true>): Promise<void> {
    const { rest, desk, settings, told, signal, answers, inGuild } = this.#with;
    const guild = guildOf(client, settings.guildId);
    if (guild === null) {
      const names = client.guilds.cache.map(({ name, id }) => `${name} (${id})`);
      told({ state: "refused", message: noGuildWords(settings.guildId, names) });
      return;
    }
    inGuild(guild);
    const broke = (error: unknown) => desk.broke("an interaction could not be answered", error);
    const parents = new Parents(rest, client);
    const parentOf = (channel: string) => parents.of(channel);
    this.#reading = { bot: client.user.id, guild, content: this.content, parentOf };
    this.#interactions ??= new Interactions({ desk, answers }, guild, broke);
    for (const take of this.#early.splice(0)) take();
    told({ state: "connected" });
    const since = this.#since;
    this.#since = null;
    await this.#register(client.application.id, guild);
    if (since !== null)
      await readBack({ rest, desk, reading: this.#reading, signal }, { since, now: Date.now() });
  }

  async #register(application: string, guild: string): Promise<void> {
    const { rest, desk, told } = this.#with;
    try {
      await registerCommands(rest, { application, guild }, commandsOf(desk.catalogue));
    } catch (error) {
      told({ state: "refused", message: registrationWords(error) });
    }
  }

  /** Discord hands nothing over twice: what cannot be kept now is kept as soon as it can, and in its order. */
  #heard(channel: string, read: (reading: Reading) => Promise<readonly Arrival[]>): void {
    this.#whenReady(() => {
      const reading = this.#reading;
      if (reading !== null) this.#inOrder.add(channel, () => this.#keep(() => read(reading)));
    });
  }

  #whenReady(take: () => void): void {
    if (this.#reading !== null) take();
    else if (this.#early.length < EARLY_MAX) this.#early.push(take);
  }

  async #keep(read: () => Promise<readonly Arrival[]>): Promise<void> {
    const { desk, signal } = this.#with;
    while (!signal.aborted) {
      try {
        for (const arrival of await read()) await desk.receive(arrival);
        return;
      } catch (error) {
        desk.broke("what Discord handed over could not be kept yet", error);
        await pause(KEEP_RETRY_MS, signal);
      }
    }
  }
}

/** The server that was named, or the only one there is. */
function guildOf(client: Client<true>, named: string | undefined): string | null {
  const { cache } = client.guilds;
  if (named !== undefined) return cache.has(named) ? named : null;
  return cache.size === 1 ? (cache.firstKey() ?? null) : null;
}
