import { afterEach, beforeEach, expect, test } from "vitest";
import { grantRole, revokeRole } from "../../src/commands/grant-role.ts";
import { readGrantee } from "../../src/core/grant.ts";
import { speakers } from "../../src/doors/chat/speakers.ts";
import { openTestHouse, type TestHouse } from "../support/house.ts";

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: Date.UTC(2026, 10, 23, 9) });
});
afterEach(() => open.close());

const BY = { actor: "person:test:root" };
const given = async (whom: string, role: "viewer" | "operator" | "admin") => {
  const grantee = readGrantee(whom);
  if (grantee === null) throw new Error(`${whom} names nobody`);
  const outcome = await grantRole(open.house, { ...grantee, role }, BY);
  if (!outcome.ok) throw new Error(outcome.refusal.hint);
};

/** A platform whose groups are what the test says, or cannot be told. */
function platform(groups: () => readonly string[]) {
  let asked = 0;
  const receiver = {
    name: "slack",
    async groups(): Promise<readonly string[]> {
      asked += 1;
      return groups();
    },
  };
  const tell = speakers(open.house, [receiver]);
  const who = (id: string, told: readonly string[] | null = null) =>
    tell.of({ platform: "slack", id, groups: told });
  return { who, asked: () => asked };
}

test("whoever was given nothing may look, whatever they are called", async () => {
  await given("slack:U1", "admin");
  await given("discord:U2", "admin");
  const { who, asked } = platform(() => []);
  expect(await who("U1")).toEqual({ actor: "person:slack:U1", role: "admin" });
  expect((await who("U2")).role).toBe("viewer");
  expect((await who("u1")).role).toBe("viewer");
  expect(asked()).toBe(0);
});

test("the highest of one's own role and those of one's groups counts", async () => {
  await given("slack:U1", "operator");
  await given("slack:group:S1", "admin");
  const { who } = platform(() => ["S1"]);
  expect((await who("U1")).role).toBe("admin");
  expect((await who("U1", [])).role).toBe("operator");
  expect((await who("U9", ["S1", "S2"])).role).toBe("admin");
});

test("groups are asked for once in forty seconds, and a change is seen at their end", async () => {
  await given("slack:group:S1", "operator");
  let groups: readonly string[] = ["S1"];
  const { who, asked } = platform(() => groups);
  expect((await who("U1")).role).toBe("operator");
  groups = [];
  open.clock.advance(39_999);
  expect((await who("U1")).role).toBe("operator");
  open.clock.advance(1);
  expect((await who("U1")).role).toBe("viewer");
  expect(asked()).toBe(2);
});

test("where groups cannot be told, what they would give is denied, and it is asked again at once", async () => {
  await given("slack:group:S1", "admin");
  await given("slack:U1", "operator");
  let away = true;
  const { who } = platform(() => {
    if (away) throw new Error("ratelimited");
    return ["S1"];
  });
  expect((await who("U1")).role).toBe("operator");
  expect((await who("U2")).role).toBe("viewer");
  away = false;
  expect((await who("U2")).role).toBe("admin");
});

test("a role that was taken back is gone at once, and each change is one event", async () => {
  const after = await open.house.log.lastEvent();
  await given("slack:U1", "admin");
  await given("slack:U1", "admin");
  const { who } = platform(() => []);
  const grantee = { platform: "slack", sort: "person", subject: "U1" } as const;
  expect((await revokeRole(open.house, grantee, BY)).ok).toBe(true);
  expect((await who("U1")).role).toBe("viewer");
  expect(await revokeRole(open.house, grantee, BY)).toMatchObject({
    ok: false,
    refusal: { sort: "missing", field: "grant", got: "slack:U1" },
  });
  const events = await open.house.log.events({ after, limit: 10 });
  expect(events.map(({ kind, actor, data }) => [kind, actor, data])).toEqual([
    ["role.granted", BY.actor, { ...grantee, role: "admin" }],
    ["role.revoked", BY.actor, grantee],
  ]);
});
