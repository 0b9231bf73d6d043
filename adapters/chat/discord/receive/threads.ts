import { type Client, DiscordAPIError, type REST } from "discord.js";
import { type APIChannel, ChannelType, RESTJSONErrorCodes, Routes } from "discord-api-types/v10";

const KNOWN_MAX = 10_000;

/** Which channel a thread belongs to: as the client was told, or asked once where it was not. */
export class Parents {
  readonly #rest: REST;
  readonly #client: Client;
  readonly #asked = new Map<string, Promise<string | null>>();

  constructor(rest: REST, client: Client) {
    this.#rest = rest;
    this.#client = client;
  }

  /** Null where the channel is no thread. A channel that cannot be looked at is none. */
  async of(channel: string): Promise<string | null> {
    const told = this.#client.channels.cache.get(channel);
    if (told !== undefined) return told.isThread() ? told.parentId : null;
    const known = this.#asked.get(channel);
    if (known !== undefined) return known;
    if (this.#asked.size >= KNOWN_MAX) this.#asked.clear();
    const asking = this.#ask(channel);
    this.#asked.set(channel, asking);
    asking.catch(() => this.#asked.delete(channel));
    return asking;
  }

  async #ask(id: string): Promise<string | null> {
    try {
      const channel = (await this.#rest.get(Routes.channel(id))) as APIChannel;
      return isThread(channel) ? (channel.parent_id ?? null) : null;
    } catch (error) {
      const gone = error instanceof DiscordAPIError && error.status < 500;
      if (gone) return null;
      throw error;
    }
  }
}

function isThread(channel: APIChannel): channel is Extract<APIChannel, { parent_id?: string | null }> {
  return [ChannelType.PublicThread, ChannelType.PrivateThread, ChannelType.AnnouncementThread].includes(
    channel.type,
  );
}

/** A thread or channel that is not there, or not for the bot: the others are. */
export function isShut(error: unknown): boolean {
  return (
    error instanceof DiscordAPIError &&
    (error.status === 403 || error.status === 404 || error.code === RESTJSONErrorCodes.UnknownChannel)
  );
}
