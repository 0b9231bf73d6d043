/** A message somebody wrote in a chat, as its platform says it is now. Times are milliseconds since 1970 UTC. */
export interface ChatMessage {
  /** The platform's own ids, never names: of the message within its channel, of the channel, of who wrote it. */
  readonly id: string;
  readonly channel: string;
  readonly author: string;
  /** A program wrote it, this one or another. */
  readonly bot: boolean;
  readonly text: string;
  readonly at: number;
  /** When it was last edited; null where it stands as it was written. */
  readonly editedAt: number | null;
}

/** The messages of one platform, by their permalinks. One beside each folder's `platform.ts` under `adapters/chat/`. */
export interface PlatformMessages {
  /** As in `channels.platform`. */
  readonly platform: string;
  /** True where a link has the form of this platform's permalinks; asks nobody. */
  recognises(permalink: string): boolean;
  /**
   * Null where the platform says that there is no such message, or not any more, and for what is no permalink of it.
   * Rejects with a Trouble where it cannot be asked.
   */
  find(permalink: string): Promise<ChatMessage | null>;
}

/** The messages of every platform this installation is connected to, by the platform's name. */
export interface ChatMessages {
  recognises(platform: string, permalink: string): boolean;
  /** As with one platform; a platform that is not connected is a Trouble. */
  find(platform: string, permalink: string): Promise<ChatMessage | null>;
}
