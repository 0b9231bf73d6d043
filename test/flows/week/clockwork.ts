// A fleet on a clock of the test's own: the bot's loops and all of its scheduled jobs run as time passes, and one agent
// does honest work all the while. A story is told by moving time and acting in between.
import { localPlatform } from "../../../adapters/chat/local/platform.ts";
import { beat } from "../../../src/commands/beat.ts";
import { reclaimLapsed } from "../../../src/commands/reclaim-lapsed.ts";
import type { describeRefusal } from "../../../src/core/refusal.ts";
import type { Route } from "../../../src/core/route.ts";
import { deliverOutbox } from "../../../src/jobs/deliver-outbox.ts";
import { runWhenDue } from "../../../src/jobs/scheduler.ts";
import { timedJobs } from "../../../src/jobs/timed-jobs.ts";
import type { TestHouse } from "../../support/house.ts";
import { added, claimed, type Held, holder, proved, submitted, verified, well } from "../../support/story.ts";

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** When something happens in an hour: the jobs at their minutes, and every quarter the agents that are well beat. */
const MARKS = [0, 1, 2, 3, 4, 5, 15, 30, 45].map((minute) => minute * MINUTE);

/** When a failure was there to be seen, and under which rule. */
export interface Played {
  readonly rule: string;
  readonly at: number;
}

export class Clockwork {
  readonly played: Played[] = [];
  /** Attempts whose session is well: they beat every quarter of an hour. */
  readonly alive = new Set<Held>();
  /** A lease is taken back within a second, except while the bot's own loops are down. */
  loopsRun = true;
  readonly #open: TestHouse;
  #honest: Held | null = null;

  constructor(open: TestHouse) {
    this.#open = open;
  }

  /** Moves time there, mark by mark, with everything that runs by itself meanwhile. */
  async until(time: number): Promise<void> {
    const { clock, house } = this.#open;
    while (clock.now < time) {
      const inHour = clock.now % HOUR;
      clock.advance((MARKS.find((mark) => mark > inHour) ?? HOUR) - inHour);
      if (clock.now % (15 * MINUTE) === 0) await this.#quarter();
      if (this.loopsRun) await reclaimLapsed(house);
      await house.queue.promote();
      for (const job of timedJobs) await runWhenDue(house, job);
      await this.delivered();
    }
  }

  /** The failure can be seen from now on, or from some time later. */
  playedNow(rule: string, afterMs = 0): void {
    this.played.push({ rule, at: this.#open.clock.now + afterMs });
  }

  /** Every beat of an agent that is well must be taken. */
  async #quarter(): Promise<void> {
    const minute = (this.#open.clock.now % HOUR) / MINUTE;
    if (minute === 15) {
      await added(this.#open.house, { title: "The task of the hour" });
      this.#honest = await claimed(this.#open.house, `ada-${this.#open.clock.now}`, "ada", "builder");
      this.alive.add(this.#honest);
    }
    for (const one of this.alive) well(await this.beatAs(one));
    if (minute === 45 && this.#honest !== null) await this.finish(this.#honest);
  }

  beatAs(held: Held, other: { readonly session?: string; readonly route?: Route } = {}) {
    const { attempt, task } = held;
    const said = {
      ...holder(held),
      lane: attempt.lane,
      task: task.key,
      session: attempt.session,
      route: attempt.route,
    };
    return beat(this.#open.house, { ...said, ...other }, { actor: `agent:${attempt.agent}` });
  }

  async finish(held: Held): Promise<void> {
    this.alive.delete(held);
    await proved(this.#open.house, held);
    await submitted(this.#open.house, held);
    await verified(this.#open.house);
    const status = (await this.#open.house.queue.task(held.task.key))?.task.status;
    if (status !== "done") throw new Error(`${held.task.key} is ${status} after its proof was verified`);
  }

  async delivered(): Promise<void> {
    const { house } = this.#open;
    const platforms = [localPlatform(house.localChat)];
    while ((await house.outbox.dueInMs(["local"])) === 0) await deliverOutbox(house, platforms);
  }
}

/** The refusal of what must be refused. */
export function barred(outcome: { readonly ok: boolean }) {
  if (outcome.ok) throw new Error("it was taken, and should have been refused");
  const { refusal } = outcome as unknown as { refusal: Parameters<typeof describeRefusal>[0] };
  return refusal;
}
