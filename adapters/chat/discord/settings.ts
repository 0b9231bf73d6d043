/** What the Discord side is told about this installation. */
export interface DiscordSettings {
  readonly token: string;
  /** The one server it works in, by id. Without it nothing that people link to is known to be there. */
  readonly guild: string | undefined;
  /** Another host than Discord's, as in tests. */
  readonly apiUrl?: string | undefined;
  /** Hears of what a person has to mend: once, until it is mended. */
  readonly warn?: (message: string) => void;
  /** How long a call may take; ten seconds without it. */
  readonly timeoutMs?: number;
}
