// The strict Discord as the announcements' scenario sees it.
import { join } from "node:path";
import type { Disturbance, Peer } from "../support/announcements.ts";
import type { DiscordJob } from "./deliver-worker.ts";
import { textsOf } from "./message-body.ts";
import type { Fault, LoggedCall } from "./rest.ts";
import { startDiscord } from "./server.ts";

const CHANNELS = 10;
/** Long enough for a busy machine, as each time-out is waited out in earnest. */
const TIMEOUT_MS = 700;
/** The client keeps to limits by its own clock, so these are waited out in earnest too. */
const RETRY_AFTER_MS = 200;

/**
 * `careless`: with the sabotaged adapter, which never looks a doubtful message up. This Discord forgets a nonce at once:
 * what the look-up misses appears twice.
 */
export async function discordPeer(now: () => number, careless = false): Promise<Peer> {
  const discord = await startDiscord({ now, nonceMs: 0, globalLimit: Number.POSITIVE_INFINITY });
  const { world, rest, people, url, token } = discord;
  const channels = Array.from({ length: CHANNELS }, (_, index) => world.channel(`room-${index}`).id);
  const job: Omit<DiscordJob, "url" | "now"> = {
    apiUrl: url,
    token,
    guild: world.guild.id,
    timeoutMs: TIMEOUT_MS,
    careless,
  };
  return {
    platform: "discord",
    channels,
    worker: join(import.meta.dirname, "deliver-worker.ts"),
    job,
    disturb(judge) {
      rest.disturb = ({ method, path }: LoggedCall) => {
        const messages = path.endsWith("/messages");
        const what = !messages ? "other" : method === "POST" ? "post" : "look";
        const fault = judge({ what, channel: path.split("/")[2] ?? "" });
        return fault && asFault(fault);
      };
    },
    texts: (channel) => people.messages(channel).map(({ components = [] }) => textsOf(components)),
    close: () => discord.close(),
  };
}

function asFault(fault: Disturbance): Fault {
  if (fault.kind === "rate-limit") return { what: { retryAfterMs: RETRY_AFTER_MS } };
  const when = fault.accepted ? "after" : "before";
  return { when, what: fault.kind === "502" ? { status: 502 } : fault.kind };
}
