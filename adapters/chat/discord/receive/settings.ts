/** What the incoming side is told about this installation. */
export interface DiscordReceiverSettings {
  readonly token: string;
  /** The one server it works in, by id; without it the only one the bot is in. */
  readonly guildId: string | undefined;
  /** Another host than Discord's, as in tests. */
  readonly apiUrl: string | undefined;
}

/** How fast it goes about; a test takes less time. In milliseconds. */
export interface Pace {
  /** The first rest after a failure, doubled up to a quarter of an hour. */
  readonly retryMs: number;
}
