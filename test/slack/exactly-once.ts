// Announcements through the real outbox, the real adapter and the strict Slack, in processes that are killed with SIGKILL,
// while Slack breaks in every way it can. Each must appear exactly once, saying what it should.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { House } from "../../src/commands/house.ts";
import { startWorker, type Worker } from "../race/processes.ts";
import { seeded } from "../soak/seeded.ts";
import { openTestHouse } from "../support/house.ts";
import type { DeliverJob } from "./deliver-worker.ts";
import { type Fault, type LoggedCall, type SlackStandIn, startSlack } from "./server.ts";

const START = Date.UTC(2026, 10, 28, 9);
const CHANNELS = 10;
/** Of Slack's own calls; long enough for a busy machine, as each time-out is waited out in earnest. */
const TIMEOUT_MS = 700;

export interface AnnounceOptions {
  readonly announcements: number;
  readonly kills: number;
  readonly seed: number;
  /** With the sabotaged adapter, which never looks a doubtful message up. */
  readonly careless?: boolean;
  readonly log?: (line: string) => void;
}

export interface AnnounceReport {
  readonly announced: number;
  /** Texts that stand more than once, not at all, or that nobody announced. */
  readonly twice: readonly string[];
  readonly lost: readonly string[];
  readonly stray: readonly string[];
  /** Deliveries that are not `sent` at the end. */
  readonly unsettled: number;
  readonly kills: { readonly beforePost: number; readonly afterPost: number };
  readonly faults: Readonly<Record<string, number>>;
}

export async function runAnnouncements(options: AnnounceOptions): Promise<AnnounceReport> {
  const { announcements, seed, careless = false, log } = options;
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-announce-"));
  const url = `file:${join(folder, "queue.db")}`;
  let now = START;
  const channels = Array.from({ length: CHANNELS }, (_, index) => ({ id: `C0ROOM${index}` }));
  const slack = await startSlack({ now: () => now, seed: { channels } });
  const home = await openTestHouse({ url, startAt: START });
  const weather = new Weather(slack, options, seeded(seed));
  try {
    for (const { id } of channels) {
      await home.house.channels.setChannel({ platform: "slack", name: id }, { kinds: [] });
    }
    for (let index = 0; index < announcements; index += 1) await announce(home.house, index, "");
    for (let run = 0; ; run += 1) {
      const job: DeliverJob = { url, apiUrl: slack.apiUrl, now, timeoutMs: TIMEOUT_MS, careless };
      const worker = startWorker(join(import.meta.dirname, "deliver-worker.ts"), job, folder);
      weather.over(worker);
      for await (const line of worker.lines()) {
        now = Math.max(now, Number(line));
        worker.child.stdin?.write("\n");
      }
      const { status, signal } = await worker.ended;
      // Now and then what is announced changes while it is on its way: it must not appear twice for that.
      if (run % 3 === 0) await announce(home.house, (run * 37) % announcements, ", revised");
      log?.(`run ${run}: ${signal ?? status}, ${weather.told()}`);
      if (signal === "SIGKILL") continue;
      if (status !== 0) throw new Error(`the worker ended with ${status ?? signal}: ${worker.complaint()}`);
      if ((await home.house.outbox.dueInMs(["slack"])) === null) break;
    }
    return {
      ...(await audit(home.house, slack, announcements)),
      kills: weather.kills,
      faults: weather.faults,
    };
  } finally {
    await home.close();
    await slack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function announce(house: House, index: number, more: string): Promise<void> {
  const only = { platform: "slack", channel: `C0ROOM${index % CHANNELS}` };
  const subject = `announcement:${index}`;
  return house.outbox.post(
    { kind: "digest", subject, text: `announcement ${index}${more}`, data: {} },
    null,
    only,
  );
}

async function audit(house: House, slack: SlackStandIn, announcements: number) {
  const notices = await house.outbox.notices({ kind: "digest", after: 0, limit: announcements + 1 });
  const expected = new Set(notices.map(({ text, deliveries }) => `${deliveries[0]?.channel} ${text}`));
  const seen = new Map<string, number>();
  for (const { id } of slack.workspace.channels.values()) {
    for (const { text } of slack.messages(id)) {
      seen.set(`${id} ${text}`, (seen.get(`${id} ${text}`) ?? 0) + 1);
    }
  }
  return {
    announced: expected.size,
    twice: [...seen].filter(([, count]) => count > 1).map(([text]) => text),
    lost: [...expected].filter((text) => !seen.has(text)),
    stray: [...seen.keys()].filter((text) => !expected.has(text)),
    unsettled: notices.filter(({ deliveries }) => deliveries[0]?.state !== "sent").length,
  };
}

/** What goes wrong, and when: by a seed, so that it can be played again. */
class Weather {
  readonly kills = { beforePost: 0, afterPost: 0 };
  readonly faults: Record<string, number> = {};
  readonly #random: () => number;
  readonly #kills: number;
  /** A kill comes about every so many posts. */
  readonly #every: number;
  #worker: Worker | null = null;
  #posts = 0;
  #nextKill: number;

  constructor(slack: SlackStandIn, { announcements, kills }: AnnounceOptions, random: () => number) {
    this.#random = random;
    this.#kills = kills;
    this.#every = Math.max(1, Math.floor(announcements / (kills + 1)));
    this.#nextKill = this.#every;
    slack.disturb = (call) => this.#disturb(call);
  }

  over(worker: Worker): void {
    this.#worker = worker;
  }

  told(): string {
    return `${this.#posts} posts, ${this.kills.beforePost + this.kills.afterPost} kills, ${JSON.stringify(this.faults)}`;
  }

  #disturb({ method, args }: LoggedCall): Fault | null {
    if (method === "chat.postMessage") this.#posts += 1;
    const fault = this.#kill(method) ?? this.#fault(method, String(args["channel"]));
    if (fault !== null) {
      const name = `${fault.kind}${"accepted" in fault && fault.accepted ? " after accept" : ""}`;
      this.faults[name] = (this.faults[name] ?? 0) + 1;
    }
    return fault;
  }

  /** Between commit and post, and between post and record, by turns. */
  #kill(method: string): Fault | null {
    const { beforePost, afterPost } = this.kills;
    const done = beforePost + afterPost;
    if (method !== "chat.postMessage" || done >= this.#kills || this.#posts < this.#nextKill) return null;
    this.#nextKill += this.#every;
    this.#worker?.child.kill("SIGKILL");
    const accepted = done % 2 === 1;
    this.kills[accepted ? "afterPost" : "beforePost"] += 1;
    return { kind: "cut", accepted };
  }

  #fault(method: string, channel: string): Fault | null {
    const chance = this.#random();
    if (channel === "C0ROOM0" && chance < 0.3)
      return { kind: "rate-limit", retryAfter: 1 + Math.floor(chance * 30) };
    if (method === "conversations.history") {
      return chance < 0.05 ? { kind: "status", status: 502, accepted: false } : null;
    }
    const accepted = this.#random() < 0.5;
    if (chance > 0.98) return { kind: "status", status: 502, accepted };
    if (chance > 0.96) return { kind: "cut", accepted };
    if (chance > 0.95) return { kind: "hang", accepted };
    return chance > 0.94
      ? { kind: "error", error: accepted ? "internal_error" : "service_unavailable" }
      : null;
  }
}
