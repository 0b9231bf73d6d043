import type { QuietHours } from "../core/local-time.ts";
import type { NoticeKind } from "../core/notice.ts";

/** A place that notices go to, and what it asked for. */
export interface Channel {
  readonly platform: string;
  readonly name: string;
  /** Null: all kinds. */
  readonly kinds: readonly NoticeKind[] | null;
  /** Whose tasks it hears of, and what its heartbeats and digests tell of; null: all lanes. */
  readonly lanes: readonly string[] | null;
  /** An IANA name; null: the house's. */
  readonly timezone: string | null;
  readonly quietHours: QuietHours | null;
  /** The quiet spell that goes on or comes next, in milliseconds since 1970 UTC; null where there are no quiet hours. */
  readonly quiet: { readonly from: number; readonly until: number } | null;
  /** Whom a contradiction that escalates pings there: a Discord role or a Slack user group, by its id; null: nobody. */
  readonly ping: string | null;
  /** Nothing but escalations is sent until then; null where it is not muted. Every mute has an end. */
  readonly mutedUntil: number | null;
}

export type ChannelSettings = Partial<Omit<Channel, "platform" | "name">>;

export interface ChannelStore {
  channels(): Promise<readonly Channel[]>;
  channel(platform: string, name: string): Promise<Channel | null>;
  /**
   * Adds the channel where it is new; what is not said stays as it is. `by` is who wants it so: then it is an event, which
   * the log takes once a request. Without it the row only keeps up with the clock.
   */
  setChannel(
    place: { readonly platform: string; readonly name: string },
    settings: ChannelSettings,
    by?: { readonly actor: string; readonly requestId?: string | undefined },
  ): Promise<Channel>;
}
