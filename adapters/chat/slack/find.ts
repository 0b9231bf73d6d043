import type { Delivery } from "../../../src/ports/outbox.ts";
import { SlackTrouble } from "./trouble.ts";
import type { SlackWeb } from "./web.ts";

const EVENT_TYPE = "gatehouse_notice";
/** Slack's clock and ours may differ by so much, in milliseconds. */
const CLOCKS_MS = 5 * 60_000;
const PAGE = 200;
/** In a channel where more was written since, nobody can tell. */
const PAGES_MAX = 20;

/** What a message is known by again. Everybody in the workspace may read it. */
export function noticeMetadata({ notice, revision }: Pick<Delivery, "notice" | "revision">): object {
  return { event_type: EVENT_TYPE, event_payload: { notice, revision } };
}

/**
 * The `ts` of the message that a delivery became, in the thread of `head` or in the channel itself; null where it does not
 * stand there. `but`: not this one. Rejects with `doubtful` where the whole stretch since the first try cannot be read.
 */
export async function findPosted(
  web: SlackWeb,
  delivery: Delivery,
  head: string | null,
  but: string | null,
): Promise<string | null> {
  const { channel, notice, triedSince = 0 } = delivery;
  const method = head === null ? "conversations.history" : "conversations.replies";
  const bounds = {
    channel,
    oldest: (Math.max(0, triedSince - CLOCKS_MS) / 1000).toFixed(6),
    limit: PAGE,
    include_all_metadata: true,
    ...(head === null ? {} : { ts: head }),
  };
  let cursor = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const asked = { method, channel, who: `${notice} ${page}` };
    const answer = await web.call(asked, cursor === "" ? bounds : { ...bounds, cursor });
    const { messages, response_metadata: next } = answer as HistoryPage;
    const found = messages?.find((one) => one.ts !== but && isOf(one, notice));
    if (found !== undefined) return found.ts;
    cursor = next?.next_cursor ?? "";
    if (cursor === "") return null;
  }
  throw new SlackTrouble(
    "doubtful",
    `More than ${PAGE * PAGES_MAX} messages were written in ${channel} since it may have been sent.`,
    null,
  );
}

interface HistoryPage {
  readonly messages?: readonly PostedMessage[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

interface PostedMessage {
  readonly ts: string;
  readonly bot_id?: string;
  readonly metadata?: {
    readonly event_type?: string;
    readonly event_payload?: { readonly notice?: unknown };
  };
}

/** People cannot write metadata; only an app's message is looked at. */
function isOf({ bot_id: bot, metadata }: PostedMessage, notice: number): boolean {
  return (
    bot !== undefined &&
    metadata?.event_type === EVENT_TYPE &&
    String(metadata.event_payload?.notice) === String(notice)
  );
}
