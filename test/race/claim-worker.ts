// One of several processes that work a queue empty through the real commands: claim, prove, submit, and the verdict given
// by the test instead of a verifier. Says at the end what it believes to have done.
import { once } from "node:events";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import { submitAttempt } from "../../src/commands/submit-attempt.ts";
import { openTestHouse } from "../support/house.ts";
import { well } from "../support/story.ts";
import { RACE_CALLER, RACE_ROUTE } from "./lanes.ts";
import { readJob } from "./processes.ts";

export interface ClaimJob {
  readonly url: string;
  readonly name: string;
  /** How many sessions it works side by side. */
  readonly sessions: number;
}

export interface ClaimReport {
  /** Attempt ids, as claimed. */
  readonly claimed: readonly string[];
  readonly completed: readonly string[];
}

const { url, name, sessions } = readJob() as ClaimJob;
const open = await openTestHouse({ url });
const { house } = open;
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.pause();

const claimed: string[] = [];
const completed: string[] = [];

async function work(session: string): Promise<void> {
  for (;;) {
    const claim = well(await claimTask(house, { lane: "race", agent: "runner", session, route: RACE_ROUTE }));
    if (!("facts" in claim) || claim.facts.attempt === null) return;
    const { task, attempt } = claim.facts;
    claimed.push(attempt.id);
    const held = { attempt: attempt.id, epoch: attempt.epoch, agent: "runner" };
    const attached = well(
      await attachProof(house, { by: "holder", ...held, uri: "command:checks" }, RACE_CALLER),
    );
    well(await submitAttempt(house, held, RACE_CALLER));
    const settled = well(
      await settleProof(
        house,
        { proof: attached.proof, taskKey: task.key },
        { verdict: "passed", reason: "as the race has it", evidence: `race:${attempt.id}` },
      ),
    );
    if (settled === "completed") completed.push(attempt.id);
  }
}

await Promise.all(Array.from({ length: sessions }, (_, index) => work(`${name}-${index}`)));
await open.close();
process.stdout.write(`${JSON.stringify({ claimed, completed } satisfies ClaimReport)}\n`);
