import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { approveTask } from "../../src/commands/approve-task.ts";
import { joinLink, offerLink, partAccount } from "../../src/commands/link-account.ts";
import type { Role } from "../../src/core/role.ts";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { openRaw, tryRaw } from "../support/raw.ts";
import { added, claimed, proved, submitted, TRUE_COMMAND, verified, well } from "../support/story.ts";

// People with an account on each of two platforms: they link them, and count as one where people are counted.

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 2, 30, 9) });
  await seedRoster(open.house);
});
afterEach(() => open.close());

const SLACK = "person:slack:U1";
const DISCORD = "person:discord:1";

const says = async (actor: string, line: string, more: { aloud?: true; requestId?: string } = {}) => {
  const speaker = { actor, role: "operator" as Role };
  return answerText((await runLine({ house: open.house, speaker, verbs: allVerbs, ...more }, line)).answer);
};
const codeFrom = async (actor: string) => {
  const said = await says(actor, "/gate me --link");
  return /code is (\w+)\./u.exec(said)?.[1] ?? said;
};
const linked = async () => {
  await says(DISCORD, `/gate me --link ${await codeFrom(SLACK)}`);
};

describe("linking", () => {
  test("a code asked for on one platform and entered on the other makes both one person's", async () => {
    const said = await says(DISCORD, `/gate me --link ${(await codeFrom(SLACK)).toUpperCase()}`);
    expect(said).toContain(`${DISCORD}, ${SLACK}`);
    expect(await says(SLACK, "/gate me")).toContain(`You are ${DISCORD} as well.`);
    const events = await open.house.log.events({ after: 0, limit: 50 });
    expect(events.at(-1)).toMatchObject({
      kind: "account.linked",
      actor: DISCORD,
      data: { account: DISCORD, other: SLACK },
    });
  });

  test("a code counts once, for ten minutes, until the next one", async () => {
    const first = await codeFrom(SLACK);
    const second = await codeFrom(SLACK);
    expect(await says(DISCORD, `/gate me --link ${first}`)).toContain("not known");
    open.clock.advance(600_001);
    expect(await says(DISCORD, `/gate me --link ${second}`)).toContain("not known");
    const third = await codeFrom(SLACK);
    await says(DISCORD, `/gate me --link ${third}`);
    expect(await says("person:discord:2", `/gate me --link ${third}`)).toContain("not known");
  });

  test("entered twice under one request it is done once, and told so", async () => {
    const code = await codeFrom(SLACK);
    await says(DISCORD, `/gate me --link ${code}`, { requestId: "chat:discord:1" });
    const again = await says(DISCORD, `/gate me --link ${code}`, { requestId: "chat:discord:1" });
    expect(again).toContain("Done before");
  });

  test("one's own code links nothing", async () => {
    expect(await says(SLACK, `/gate me --link ${await codeFrom(SLACK)}`)).toContain("the other platform");
    expect(await open.house.links.all()).toEqual([]);
  });

  test("a code is not said where everybody reads it", async () => {
    const said = await says(SLACK, "/gate me --link", { aloud: true });
    expect(said).toContain("Everybody would read");
    const raw = await openRaw(open.url);
    expect(await raw.read([{ sql: "SELECT * FROM link_codes" }])).toEqual([[]]);
    await raw.close();
  });

  test("only the hash of a code is in the database", async () => {
    const { code } = await offerLink(open.house, { actor: SLACK });
    const raw = await openRaw(open.url);
    const [[row] = []] = await raw.read([{ sql: "SELECT * FROM link_codes" }]);
    await raw.close();
    expect(JSON.stringify(row)).not.toContain(code);
    expect(row?.["hash"]).toBe(open.house.identity.sha256(code));
  });

  test("who was linked before brings all accounts along, and one is taken out again by hand", async () => {
    const join = async (account: string, to: string) => {
      const { code } = await offerLink(open.house, { actor: to });
      return well(await joinLink(open.house, code, { actor: account }));
    };
    await join("person:b:1", "person:a:1");
    await join("person:d:1", "person:c:1");
    expect(await join("person:d:1", "person:b:1")).toEqual([
      "person:a:1",
      "person:b:1",
      "person:c:1",
      "person:d:1",
    ]);
    well(await partAccount(open.house, "person:a:1", { actor: "person:cli:root" }));
    expect(await open.house.links.accountsOf("person:a:1")).toEqual(["person:a:1"]);
    expect(await open.house.links.accountsOf("person:d:1")).toEqual([
      "person:b:1",
      "person:c:1",
      "person:d:1",
    ]);
    expect(await partAccount(open.house, "person:a:1", { actor: "person:cli:root" })).toMatchObject({
      ok: false,
    });
  });

  test("a role stays with the account it was given to", async () => {
    await linked();
    const grants = [{ platform: "slack", sort: "person", subject: "U1", role: "admin" }] as const;
    for (const grant of grants) await open.house.roles.grant(grant, "person:cli:root");
    const { speakers } = await import("../../src/doors/chat/speakers.ts");
    const who = speakers(open.house, []);
    const discord = { platform: "discord", id: "1", groups: [] };
    expect((await who.of(discord)).role).toBe("viewer");
  });
});

describe("counting people", () => {
  const approve = (actor: string) => approveTask(open.house, { key: "GATE-1", role: "operator" }, { actor });
  const status = async () => (await open.house.queue.task("GATE-1"))?.task.status;

  beforeEach(async () => {
    const requirements = [TRUE_COMMAND, { name: "review", kind: "human", approvers: 2 }] as const;
    await added(open.house, { requirements: [...requirements] });
    const held = await claimed(open.house);
    await proved(open.house, held);
    await submitted(open.house, held);
  });

  test("two accounts of one person are one of two", async () => {
    await linked();
    well(await approve(SLACK));
    expect(await approve(DISCORD)).toMatchObject({ ok: false, refusal: { code: "already-approved" } });
    await verified(open.house);
    expect(await status()).toBe("verifying");
    well(await approve("person:slack:U2"));
    await verified(open.house);
    expect(await status()).toBe("done");
  });

  test("who approved with both accounts and linked them then has approved once", async () => {
    well(await approve(SLACK));
    well(await approve(DISCORD));
    await linked();
    await verified(open.house);
    expect(await status()).toBe("verifying");
    const raw = await openRaw(open.url);
    const forced = "UPDATE proofs SET verdict = 'passed' WHERE kind = 'human'";
    expect(await tryRaw(raw, forced)).toMatchObject({ code: "people" });
    await raw.close();
  });

  test("who asked for the work cannot approve it with another account, nor write so by hand", async () => {
    const { code } = await offerLink(open.house, { actor: "person:test:operator" });
    well(await joinLink(open.house, code, { actor: DISCORD }));
    expect(await approve(DISCORD)).toMatchObject({ ok: false, refusal: { code: "approver-involved" } });
    const raw = await openRaw(open.url);
    const insert =
      "INSERT INTO approvals SELECT task_id, number, 'review', proof_set_hash, ?, 1 FROM attempts";
    expect(await tryRaw(raw, [insert, DISCORD])).toMatchObject({ code: "approval" });
    expect(await tryRaw(raw, [insert, "person:discord:2"])).toBeNull();
    await raw.close();
  });
});
