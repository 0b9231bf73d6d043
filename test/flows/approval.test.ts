import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { approveTask } from "../../src/commands/approve-task.ts";
import { attachProof } from "../../src/commands/attach-proof.ts";
import { settleProof } from "../../src/commands/settle-proof.ts";
import type { Role } from "../../src/core/role.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, tryRaw } from "../support/raw.ts";
import {
  added,
  claimed,
  type Held,
  OPERATOR,
  proved,
  submitted,
  TRUE_COMMAND,
  verified,
  well,
} from "../support/story.ts";

let open: TestHouse;
let held: Held;

beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 2, 30, 9) });
  await seedRoster(open.house);
  await added(open.house, { requirements: [TRUE_COMMAND, { name: "review", kind: "human", approvers: 2 }] });
  held = await claimed(open.house);
  await proved(open.house, held);
});
afterEach(() => open.close());

function approve(who: string, role: Role = "operator") {
  return approveTask(open.house, { key: "GATE-1", role }, { actor: `person:test:${who}` });
}

async function status() {
  return (await open.house.queue.task("GATE-1"))?.task.status;
}

describe("people's approval", () => {
  test("completes a task when as many different people as the policy asks approved what was submitted", async () => {
    await submitted(open.house, held);
    await verified(open.house);
    expect(await status()).toBe("verifying");
    well(await approve("grace"));
    await verified(open.house);
    expect(await status()).toBe("verifying");
    expect(await approve("grace")).toMatchObject({ ok: false, refusal: { code: "already-approved" } });
    well(await approve("alan"));
    await verified(open.house);
    expect(await status()).toBe("done");
  });

  test("is not for whoever created the task, brought its proof or lacks the role", async () => {
    well(
      await attachProof(
        open.house,
        { by: "person", key: "GATE-1", uri: "command:checks" },
        { actor: "person:test:grace" },
      ),
    );
    expect(await status()).toBe("verifying");
    expect(await approve("operator")).toMatchObject({ ok: false, refusal: { code: "approver-involved" } });
    expect(await approve("grace")).toMatchObject({ ok: false, refusal: { code: "approver-involved" } });
    expect(await approve("alan", "viewer")).toMatchObject({
      ok: false,
      refusal: { code: "approver-role", expected: "operator" },
    });
    const agent = await approveTask(open.house, { key: "GATE-1", role: "admin" }, { actor: "agent:ada" });
    expect(agent).toMatchObject({ ok: false, refusal: { code: "approver-role" } });
  });

  test("is void when the proofs change", async () => {
    await submitted(open.house, held);
    well(await approve("grace"));
    // The other proof fails, so the holder attaches another one and submits again.
    const [waiting] = await open.house.proofWork.due(1);
    expect(waiting).toBeDefined();
    const facts = await open.house.queue.task("GATE-1");
    const checks = facts?.proofs.find(({ requirement }) => requirement === "checks");
    if (checks === undefined) throw new Error("no proof");
    well(
      await settleProof(
        open.house,
        { proof: checks, taskKey: "GATE-1" },
        { verdict: "failed", reason: "red" },
      ),
    );
    expect(await status()).toBe("active");
    await proved(open.house, held);
    await submitted(open.house, held);
    // The same link attached anew is another set: nobody has seen what it leads to now.
    expect(await open.house.proofWork.approvals(held.attempt.id, "review")).toHaveLength(0);
    well(await approve("alan"));
    await verified(open.house);
    expect(await status()).toBe("verifying");
    well(await approve("grace"));
    await verified(open.house);
    expect(await status()).toBe("done");
  });

  test("cannot be written by hand for a task nobody submitted, nor by who asked for it, nor stretched", async () => {
    const raw = await openRaw(open.url);
    const insert = (person: string) =>
      [
        "INSERT INTO approvals SELECT task_id, number, 'review', coalesce(proof_set_hash, 'x'), ?, 1 FROM attempts",
        person,
      ] as const;
    expect(await tryRaw(raw, insert("person:test:grace"))).toMatchObject({ code: "approval" });
    await submitted(open.house, held);
    expect(await tryRaw(raw, insert(OPERATOR.actor))).toMatchObject({ code: "approval" });
    expect(await tryRaw(raw, insert("person:test:grace"))).toBeNull();
    const pass =
      "UPDATE proofs SET verdict = 'passed', evidence = 'human:x', checked_at = 1 WHERE kind = 'human'";
    expect(await tryRaw(raw, pass)).toMatchObject({ code: "people" });
    expect(await tryRaw(raw, "DELETE FROM approvals")).toMatchObject({ code: "approval-fixed" });
    await raw.close();
  });
});
