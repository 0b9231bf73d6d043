import type { ChatMessage, PlatformMessages } from "../../../src/ports/chat-messages.ts";
import type { SlackSettings } from "./client.ts";
import { SlackTrouble } from "./trouble.ts";
import { SlackWeb } from "./web.ts";

/** A place in a workspace, as a permalink names it. */
interface Link {
  readonly origin: string;
  readonly channel: string;
  readonly ts: string;
}

const TS = /^\d{10}\.\d{6}$/;

/**
 * Permalinks of Slack: `https://WORKSPACE.slack.com/archives/C…/p…`, with `?thread_ts=…&cid=…` below another message. Slack is
 * asked whether the message is there and what it says; a link of another workspace is none of ours. Which workspace is
 * ours Slack says at the first look, so until then any workspace's link has the right form.
 */
export function slackMessages(
  settings: SlackSettings,
  web: SlackWeb = new SlackWeb(settings),
): PlatformMessages {
  let ours: string | null = null;
  const fits = (link: Link | null): link is Link => link !== null && (ours === null || ours === link.origin);
  return {
    platform: "slack",
    recognises: (permalink) => fits(readLink(permalink)),
    async find(permalink) {
      const link = readLink(permalink);
      if (link === null) return null;
      ours ??= await workspaceOf(web);
      return fits(link) ? look(web, link) : null;
    },
  };
}

/** Only the plain spelling of Slack's own links: no port, no user, nothing behind. */
function readLink(permalink: string): Link | null {
  if (!URL.canParse(permalink)) return null;
  const url = new URL(permalink);
  const path = /^\/archives\/([CDG][A-Z0-9]{2,20})\/p(\d{10})(\d{6})$/.exec(url.pathname);
  if (path === null || !/^https:\/\/[a-z0-9-]+(?:\.enterprise)?\.slack\.com$/.test(url.origin)) return null;
  const [, channel = "", seconds = "", micros = ""] = path;
  if (url.href !== permalink || url.hash !== "" || url.username !== "" || url.password !== "") return null;
  for (const [name, value] of url.searchParams) {
    if (!(name === "thread_ts" ? TS.test(value) : name === "cid" && value === channel)) return null;
  }
  return { origin: url.origin, channel, ts: `${seconds}.${micros}` };
}

async function workspaceOf(web: SlackWeb): Promise<string> {
  const { url } = await web.call({ method: "auth.test", channel: "", who: "" }, {});
  if (typeof url === "string" && URL.canParse(url)) return new URL(url).origin;
  throw new SlackTrouble("unreachable", "Slack did not say which workspace this is.", null);
}

interface FoundMessage {
  readonly ts: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly subtype?: string;
  readonly text?: string;
  readonly edited?: { readonly ts: string };
}

/** The words of Slack that say: there is none, or not any more. */
const NONE = new Set(["thread_not_found", "message_not_found"]);

async function look(web: SlackWeb, { channel, ts }: Link): Promise<ChatMessage | null> {
  // Of a reply this answers with the reply alone, of a head with the head first.
  const asked = { method: "conversations.replies", channel, who: ts };
  const bounds = { channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 1 };
  let found: FoundMessage | undefined;
  try {
    const { messages } = (await web.call(asked, bounds)) as { readonly messages?: readonly FoundMessage[] };
    found = messages?.find((one) => one.ts === ts);
  } catch (error) {
    if (error instanceof SlackTrouble && error.word !== null && NONE.has(error.word)) return null;
    throw error;
  }
  if (found === undefined || found.subtype === "tombstone") return null;
  const { user, bot_id: bot, subtype, text = "", edited } = found;
  return {
    id: ts,
    channel,
    author: user ?? bot ?? "",
    bot: bot !== undefined || subtype === "bot_message" || user === undefined,
    text: asRead(text),
    at: millis(ts),
    editedAt: edited === undefined ? null : editMillis(edited.ts),
  };
}

/** `1700000000.123456` in milliseconds since 1970 UTC. */
function millis(ts: string): number {
  const [seconds = "0", micros = "0"] = ts.split(".");
  return Number(seconds) * 1000 + Math.floor(Number(micros.padEnd(6, "0")) / 1000);
}

/** Slack tells the second of an edit alone: it may have been at its very end. */
function editMillis(ts: string): number {
  return /\.0*$/.test(ts) ? millis(ts) + 999 : millis(ts);
}

/** Slack's own writing of links and entities undone: what people see, and where a link really leads. */
function asRead(text: string): string {
  return text
    .replace(/<(https?:\/\/[^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
