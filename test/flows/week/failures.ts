// Each failure of the story, played through the real commands on the clockwork.
import { acknowledgeContradiction } from "../../../src/commands/acknowledge-contradiction.ts";
import { changeAgent } from "../../../src/commands/change-agent.ts";
import { claimTask } from "../../../src/commands/claim-task.ts";
import { observeRoutes } from "../../../src/commands/observe-routes.ts";
import { releaseAttempt } from "../../../src/commands/release-attempt.ts";
import { reportClaimInChat } from "../../../src/commands/report-claim.ts";
import { reportTrouble } from "../../../src/commands/report-trouble.ts";
import { reopenTask } from "../../../src/commands/requeue-task.ts";
import { setLane } from "../../../src/commands/set-lane.ts";
import { submitAttempt } from "../../../src/commands/submit-attempt.ts";
import type { Diagnosis } from "../../../src/core/diagnosis.ts";
import type { Json } from "../../../src/core/json.ts";
import type { Refusal } from "../../../src/core/refusal.ts";
import { callSpan, spans } from "../../routes/otlp.ts";
import { seedRoster, type TestHouse } from "../../support/house.ts";
import { openRaw } from "../../support/raw.ts";
import { added, claimed, type Held, holder, OPERATOR, proved, ROUTE, well } from "../../support/story.ts";
import { barred, type Clockwork, HOUR } from "./clockwork.ts";

const MINUTE = 60_000;
const WRONG_MODEL = "gpt-5-pro";
/** What the lane of the routing war is set to, and where its sessions are sent instead. */
export const RIGHT = { provider: "minimax", model: "minimax-m2" };
export const ELSEWHERE = { provider: "openai", model: "gpt-5" };

/** What the stories leave behind for the test to look at. */
export interface Told {
  readonly diagnoses: Diagnosis[];
  readonly refusedProofs: Refusal[];
  /** The task the routing war was about. */
  contested: string;
  /** When people changed what made it, by the rule that came back. */
  readonly mendedAt: Map<string, number>;
}

export class Failures {
  readonly told: Told = { diagnoses: [], refusedProofs: [], contested: "", mendedAt: new Map() };
  readonly #open: TestHouse;
  readonly #week: Clockwork;
  readonly #start: number;

  constructor(open: TestHouse, week: Clockwork, start: number) {
    this.#open = open;
    this.#week = week;
    this.#start = start;
  }

  async play(): Promise<void> {
    const { house } = this.#open;
    for (const [lane, agent] of [
      ["builder", "ada"],
      ["render", "bob"],
      ["ops", "cyd"],
      ["scout", "max"],
    ] as const) {
      await seedRoster(house, { lane, agent });
      well(await setLane(house, { name: lane, leaseMs: 1.5 * HOUR, heartbeatMs: 20 * MINUTE }, OPERATOR));
    }
    well(await setLane(house, { name: "scout", route: RIGHT, observe: "required" }, OPERATOR));
    await this.#fakeActive();
    await this.#sessionMismatchAndFalseDone();
    await this.#overrideReturns();
    await this.#leasesKeepLapsing();
    await this.#routingWar();
    await this.#week.until(this.#at(7 * 24) + 5 * MINUTE);
  }

  #at(hours: number): number {
    return this.#start + hours * HOUR;
  }

  /** Monday. An agent claims, dies, and nobody takes its lease back. */
  async #fakeActive(): Promise<void> {
    const { house } = this.#open;
    await this.#week.until(this.#at(9));
    this.#week.loopsRun = false;
    await added(house, { lane: "ops", title: "Rotate the logs" });
    await claimed(house, "cyd-1", "cyd", "ops");
    this.#week.playedNow("silent-attempt", 40 * MINUTE);
    this.#week.playedNow("lease-lapsed", 1.5 * HOUR);
    await this.#week.until(this.#at(12));
    this.#week.loopsRun = true;
    await this.#week.finish(await claimed(house, "cyd-2", "cyd", "ops"));
  }

  /** Tuesday. A beat of the session before, and two false dones: one said in chat, one written into the row by hand. */
  async #sessionMismatchAndFalseDone(): Promise<void> {
    const { house } = this.#open;
    await this.#week.until(this.#at(33));
    await added(house, { lane: "render", title: "Render the intro" });
    const held = await claimed(house, "bob-1", "bob", "render");
    barred(await this.#week.beatAs(held, { session: "bob-0" }));
    this.#week.playedNow("beat-of-another");
    this.#week.alive.add(held);
    await this.#week.until(this.#at(34));
    await reportClaimInChat(
      house,
      {
        text: `🔵🔵🔵 AUTO-COMPLETE ${held.task.key} Render the intro`,
        author: "person:slack:U7",
        messageRef: { platform: "slack", channel: "C1", message: "1.1" },
      },
      { actor: "bot:gatehouse" },
    );
    this.#week.playedNow("claim-in-chat");
    await this.#week.finish(held);
    await this.#week.until(this.#at(36));
    const faked = await added(house, { title: "Publish the clip" });
    await this.#writeDoneByHand(faked);
    this.#week.playedNow("done-without-proof");
    await this.#week.until(this.#at(42));
    well(await reopenTask(house, { key: faked, reason: "nothing proves it" }, OPERATOR));
  }

  /** Wednesday and Thursday. After each restart the session says another model; until somebody mends where it comes from. */
  async #overrideReturns(): Promise<void> {
    const { house } = this.#open;
    for (const restart of [1, 2, 3]) {
      await this.#week.until(this.#at(48 + restart * 5));
      await added(house, { lane: "render", title: `Render scene ${restart}` });
      const held = await claimed(house, `bob-scene-${restart}`, "bob", "render");
      barred(await this.#week.beatAs(held, { route: { ...ROUTE, model: WRONG_MODEL } }));
      this.#week.playedNow("route-drift");
      // Somebody scrubs the override from the session, and it does well until it is restarted.
      well(await this.#week.beatAs(held));
      await this.#week.finish(held);
    }
    await this.#week.until(this.#at(72));
    await this.#changeSource("route-drift", "took the model override out of bob's settings");
  }

  /** Friday and Saturday. Leases lapse hour after hour: mended quietly three times, then no more, until the agent is changed. */
  async #leasesKeepLapsing(): Promise<void> {
    const { house, clock } = this.#open;
    this.#week.loopsRun = false;
    for (const crash of [1, 2, 3, 4]) {
      await this.#week.until(this.#at(96 + crash * 3));
      await added(house, { lane: "ops", title: `Sweep ${crash}` });
      await claimed(house, `cyd-crash-${crash}`, "cyd", "ops");
      this.#week.playedNow("lease-lapsed", 1.5 * HOUR);
    }
    // Nobody pulls what is left of the lane from now on.
    this.#week.playedNow("idle-lane", 2 * HOUR);
    await this.#week.until(this.#at(116));
    well(await changeAgent(house, { name: "cyd", change: "pause" }, OPERATOR));
    this.told.mendedAt.set("lease-lapsed", clock.now);
    this.#week.loopsRun = true;
    await this.#week.until(this.#at(124));
    well(await changeAgent(house, { name: "cyd", change: "resume" }, OPERATOR));
    while ((await house.listing.list({ lane: "ops", runnable: true, limit: 1 })).tasks.length > 0) {
      await this.#week.finish(await claimed(house, `cyd-well-${clock.now}`, "cyd", "ops"));
    }
  }

  /**
   * Saturday and Sunday. The lane is set to one provider, and at the last moment the runtime sends each session to another,
   * which answers, and then says that the money is spent. The session is scrubbed, then restarted: each fix shows the next
   * layer of the same thing, until the agent's own configuration is set to the lane's route.
   */
  async #routingWar(): Promise<void> {
    const { house, clock } = this.#open;
    await this.#week.until(this.#at(126));
    this.told.contested = await added(house, { lane: "scout", title: "Scout the clips" });
    for (const [layer, fix] of [
      "patched the bundle",
      "scrubbed the session",
      "restarted the gateway",
    ].entries()) {
      await this.#week.until(this.#at(126 + layer * 2));
      const held = await this.#scouts(`max-${layer + 1}`);
      await this.#sees(held, ELSEWHERE);
      this.#week.playedNow("route-drift");
      this.#week.playedNow("tainted-attempt");
      await this.#isSpent(held);
      this.#week.playedNow("route-error-as-billing");
      this.#week.alive.add(held);
      await this.#week.until(clock.now + HOUR);
      // What it made proves itself, and still closes nothing: it was not made on the lane's route.
      await proved(house, held);
      const refusal = barred(await submitAttempt(house, holder(held), { actor: "agent:max" }));
      await house.refusals.record(refusal, "agent:max", held.task.key);
      this.told.refusedProofs.push(refusal);
      this.#week.alive.delete(held);
      const back = { ...holder(held), reason: fix, fault: "infrastructure" } as const;
      well(await releaseAttempt(house, back, { actor: "agent:max" }));
    }
    await this.#week.until(this.#at(136));
    await this.#changeSource("route-drift", "set max's main configuration to the lane's provider and model");
    const held = await this.#scouts("max-4");
    await this.#sees(held, RIGHT);
    this.#week.alive.add(held);
    await this.#week.until(clock.now + HOUR);
    await this.#week.finish(held);
  }

  async #scouts(session: string): Promise<Held> {
    const claim = well(
      await claimTask(this.#open.house, { lane: "scout", agent: "max", session, route: RIGHT }),
    );
    if (!("facts" in claim) || claim.facts.attempt === null) throw new Error("nothing to scout");
    const held = { ...claim.facts, attempt: claim.facts.attempt };
    well(await this.#week.beatAs(held));
    return held;
  }

  /** The exporter in the agent's runtime tells what was called, whatever the session says of itself. */
  async #sees({ attempt }: Held, { provider, model }: typeof RIGHT, error?: string): Promise<void> {
    const failed = error === undefined ? {} : { error, status: 429 };
    const span = callSpan({ session: attempt.session, provider, model, at: this.#open.clock.now, ...failed });
    const reporter = { agent: attempt.agent, forAll: false };
    const input = { telemetry: "traces", body: spans([span]) as unknown as Json, reporter } as const;
    const observed = await observeRoutes(this.#open.house, input, { actor: `agent:${attempt.agent}` });
    if (!("understood" in observed) || observed.understood !== 1) throw new Error("the span was not read");
  }

  /** The other provider's limit comes back, and the agent reports what it takes for a billing issue. */
  async #isSpent(held: Held): Promise<void> {
    await this.#sees(held, ELSEWHERE, "insufficient_quota");
    const trouble = { ...holder(held), kind: "billing", ...ELSEWHERE, message: "out of credits" } as const;
    this.told.diagnoses.push(well(await reportTrouble(this.#open.house, trouble, { actor: "agent:max" })));
  }

  /** People name what they changed, on the recurrence of this rule that stands. */
  async #changeSource(rule: string, changed: string): Promise<void> {
    const { house, clock } = this.#open;
    const recurring = (await house.contradictions.standing()).filter((one) => one.rule === "recurrence");
    const record = recurring.find(({ data }) => data?.["of"] === rule);
    if (record === undefined) throw new Error(`${rule} came back again and again, and nobody was told`);
    well(await acknowledgeContradiction(house, { id: record.id, changed }, OPERATOR));
    this.told.mendedAt.set(`${rule} ${record.source}`, clock.now);
  }

  /** Past every guard, as somebody with a database shell would: the twins stand aside for one statement. */
  async #writeDoneByHand(key: string): Promise<void> {
    const raw = await openRaw(this.#open.url);
    const [triggers = []] = await raw.read([
      { sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'" },
    ]);
    await raw.write([
      ...triggers.map(({ name }) => ({ sql: `DROP TRIGGER ${String(name)}` })),
      {
        sql: "UPDATE tasks SET status = 'done', completion = 'proved', ready_at = NULL WHERE key = ?1",
        args: [key],
      },
      ...triggers.map(({ sql }) => ({ sql: String(sql) })),
    ]);
    await raw.close();
  }
}
