// The strict Slack as the announcements' scenario sees it.
import { join } from "node:path";
import type { Disturbance, Peer, PeerCall } from "../support/announcements.ts";
import type { SlackJob } from "./deliver-worker.ts";
import { type Fault, startSlack } from "./server.ts";

const CHANNELS = 10;
/** Long enough for a busy machine, as each time-out is waited out in earnest. */
const TIMEOUT_MS = 700;
/** How long the limited channel is told to wait, in turn. */
const RETRY_AFTER_S = [1, 3, 9];

const WHAT: Readonly<Record<string, PeerCall["what"]>> = {
  "chat.postMessage": "post",
  "conversations.history": "look",
};

/** `careless`: with the sabotaged adapter, which never looks a doubtful message up. */
export async function slackPeer(now: () => number, careless = false): Promise<Peer> {
  const channels = Array.from({ length: CHANNELS }, (_, index) => `C0ROOM${index}`);
  const slack = await startSlack({ now, seed: { channels: channels.map((id) => ({ id })) } });
  const job: Omit<SlackJob, "url" | "now"> = { apiUrl: slack.apiUrl, timeoutMs: TIMEOUT_MS, careless };
  let limited = 0;
  const asFault = (fault: Disturbance): Fault => {
    if (fault.kind === "rate-limit") {
      limited += 1;
      return { kind: "rate-limit", retryAfter: RETRY_AFTER_S[limited % RETRY_AFTER_S.length] ?? 1 };
    }
    const { kind, accepted } = fault;
    return kind === "502" ? { kind: "status", status: 502, accepted } : { kind, accepted };
  };
  return {
    platform: "slack",
    channels,
    worker: join(import.meta.dirname, "deliver-worker.ts"),
    job,
    disturb(judge) {
      slack.disturb = ({ method, args }) => {
        const fault = judge({ what: WHAT[method] ?? "other", channel: String(args["channel"]) });
        return fault && asFault(fault);
      };
    },
    texts: (channel) => slack.messages(channel).map(({ text }) => text),
    close: () => slack.close(),
  };
}
