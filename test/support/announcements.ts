// Announcements through the real outbox and a platform's real adapter to its stand-in, sent by processes that are killed
// with SIGKILL, while the platform breaks in every way it can. Each must appear exactly once, saying what it should.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { House } from "../../src/commands/house.ts";
import { startWorker, type Worker } from "../race/processes.ts";
import { seeded } from "../soak/seeded.ts";
import { openTestHouse } from "./house.ts";

const START = Date.UTC(2026, 10, 28, 9);

/** What the scenario knows of a call to the platform. */
export interface PeerCall {
  readonly what: "post" | "look" | "other";
  readonly channel: string;
}

/** What becomes of it. `accepted`: it is done all the same, and nobody hears of it. */
export type Disturbance =
  | { readonly kind: "rate-limit" }
  | { readonly kind: "502" | "cut" | "hang"; readonly accepted: boolean };

/** A platform's stand-in, as the scenario sees it. */
export interface Peer {
  readonly platform: string;
  readonly channels: readonly string[];
  /** The module a delivering process runs, and what it is told beside the database and the time. */
  readonly worker: string;
  readonly job: object;
  disturb(judge: (call: PeerCall) => Disturbance | null): void;
  texts(channel: string): readonly string[];
  close(): Promise<void>;
}

export interface DeliverJob {
  readonly url: string;
  readonly now: number;
}

export interface AnnounceOptions {
  readonly announcements: number;
  readonly kills: number;
  readonly seed: number;
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

/** Time is the scenario's: a worker that would rest says so, and moves the clock on. */
export async function runAnnouncements(
  open: (now: () => number) => Promise<Peer>,
  options: AnnounceOptions,
): Promise<AnnounceReport> {
  const { announcements, seed, log } = options;
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-announce-"));
  const url = `file:${join(folder, "queue.db")}`;
  let now = START;
  const peer = await open(() => now);
  const home = await openTestHouse({ url, startAt: START });
  const weather = new Weather(peer, options, seeded(seed));
  try {
    for (const name of peer.channels) {
      await home.house.channels.setChannel({ platform: peer.platform, name }, { kinds: [] });
    }
    for (let index = 0; index < announcements; index += 1) await announce(home.house, peer, index, "");
    for (let run = 0; ; run += 1) {
      const job: DeliverJob = { ...peer.job, url, now };
      const worker = startWorker(peer.worker, job, folder);
      weather.over(worker);
      for await (const line of worker.lines()) {
        now = Math.max(now, Number(line));
        worker.child.stdin?.write("\n");
      }
      const { status, signal } = await worker.ended;
      // Now and then what is announced changes while it is on its way: it must not appear twice for that.
      if (run % 3 === 0) await announce(home.house, peer, (run * 37) % announcements, ", revised");
      log?.(`run ${run}: ${signal ?? status}, ${weather.told()}`);
      if (signal === "SIGKILL") continue;
      if (status !== 0) throw new Error(`the worker ended with ${status ?? signal}: ${worker.complaint()}`);
      if ((await home.house.outbox.dueInMs([peer.platform])) === null) break;
    }
    return {
      ...(await audit(home.house, peer, announcements)),
      kills: weather.kills,
      faults: weather.faults,
    };
  } finally {
    await home.close();
    await peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function announce(house: House, { platform, channels }: Peer, index: number, more: string): Promise<void> {
  const only = { platform, channel: channels[index % channels.length] ?? "" };
  const subject = `announcement:${index}`;
  return house.outbox.post(
    { kind: "digest", subject, text: `announcement ${index}${more}`, data: {} },
    null,
    only,
  );
}

async function audit(house: House, peer: Peer, announcements: number) {
  const notices = await house.outbox.notices({ kind: "digest", after: 0, limit: announcements + 1 });
  const expected = new Set(notices.map(({ text, deliveries }) => `${deliveries[0]?.channel} ${text}`));
  const seen = new Map<string, number>();
  for (const channel of peer.channels) {
    for (const text of peer.texts(channel)) {
      seen.set(`${channel} ${text}`, (seen.get(`${channel} ${text}`) ?? 0) + 1);
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
  readonly #limited: string | undefined;
  readonly #kills: number;
  /** A kill comes about every so many posts. */
  readonly #every: number;
  #worker: Worker | null = null;
  #posts = 0;
  #nextKill: number;

  constructor(peer: Peer, { announcements, kills }: AnnounceOptions, random: () => number) {
    this.#random = random;
    this.#limited = peer.channels[0];
    this.#kills = kills;
    this.#every = Math.max(1, Math.floor(announcements / (kills + 1)));
    this.#nextKill = this.#every;
    peer.disturb((call) => this.#disturb(call));
  }

  over(worker: Worker): void {
    this.#worker = worker;
  }

  told(): string {
    return `${this.#posts} posts, ${this.kills.beforePost + this.kills.afterPost} kills, ${JSON.stringify(this.faults)}`;
  }

  #disturb(call: PeerCall): Disturbance | null {
    if (call.what === "post") this.#posts += 1;
    const fault = this.#kill(call) ?? this.#fault(call);
    if (fault === null) return null;
    const name = `${fault.kind}${"accepted" in fault && fault.accepted ? " after accept" : ""}`;
    this.faults[name] = (this.faults[name] ?? 0) + 1;
    return fault;
  }

  /** Between commit and post, and between post and record, by turns. */
  #kill({ what }: PeerCall): Disturbance | null {
    const { beforePost, afterPost } = this.kills;
    const done = beforePost + afterPost;
    if (what !== "post" || done >= this.#kills || this.#posts < this.#nextKill) return null;
    this.#nextKill += this.#every;
    this.#worker?.child.kill("SIGKILL");
    const accepted = done % 2 === 1;
    this.kills[accepted ? "afterPost" : "beforePost"] += 1;
    return { kind: "cut", accepted };
  }

  /** One channel is limited again and again; a look fails now and then, as any call does. */
  #fault({ what, channel }: PeerCall): Disturbance | null {
    const chance = this.#random();
    if (channel === this.#limited && chance < 0.3) return { kind: "rate-limit" };
    if (what === "look") return chance < 0.05 ? { kind: "502", accepted: false } : null;
    const accepted = this.#random() < 0.5;
    if (chance > 0.98) return { kind: "502", accepted };
    if (chance > 0.96) return { kind: "cut", accepted };
    return chance > 0.95 ? { kind: "hang", accepted } : null;
  }
}
