import { afterEach, beforeEach, expect, test } from "vitest";
import { allPlatforms } from "../../adapters/chat/all.ts";
import { postDigests } from "../../src/commands/post-digests.ts";
import { postHeartbeats } from "../../src/commands/post-heartbeats.ts";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { deliverOutbox } from "../../src/jobs/deliver-outbox.ts";
import { answerText } from "../../src/ports/chat-answer.ts";
import { openTestHouse, seedRoster, type TestHouse } from "../support/house.ts";
import { added, claimed, completed } from "../support/story.ts";

const HOUR = 3_600_000;
const EIGHT_PM = Date.UTC(2026, 2, 30, 20);
const PLACE = { platform: "local", name: "gatehouse" };

let open: TestHouse;
beforeEach(async () => {
  open = await openTestHouse({ startAt: EIGHT_PM });
  await seedRoster(open.house);
});
afterEach(() => open.close());

async function say(line: string, place: typeof PLACE | null = PLACE): Promise<string> {
  const speaker = { actor: "person:local:mia", role: "operator" } as const;
  return answerText(
    (await runLine({ house: open.house, speaker, place: place ?? undefined, verbs: allVerbs }, line)).answer,
  );
}

async function deliver(): Promise<void> {
  while ((await deliverOutbox(open.house, allPlatforms(open.house))).nextDueMs === 0);
}

async function heard(channel = "gatehouse"): Promise<readonly string[]> {
  return (await open.house.localChat.page(channel, { limit: 100 })).map(({ kind }) => kind);
}

test("a channel is told what it subscribed to, and what is not said stays as it was", async () => {
  expect(await say("/gate subscribe --kinds digest,auto-complete --lanes builder")).toBe(
    "local:gatehouse is told digest, auto-complete, of builder.",
  );
  expect(await say("/gate subscribe --quiet 22:00-07:00 --timezone Europe/Berlin")).toBe(
    "local:gatehouse is told digest, auto-complete, of builder, quiet from 22:00 to 07:00, by the clock of Europe/Berlin.",
  );
  expect(await say("/gate unsubscribe digest")).toContain("is told auto-complete, of builder");
  expect(await say("/gate subscribe --kinds all --lanes all --quiet off")).toBe(
    "local:gatehouse is told everything, by the clock of Europe/Berlin.",
  );
  expect(await say("/gate unsubscribe")).toContain("is told nothing");
  await added(open.house);
  await completed(open.house);
  await deliver();
  expect(await heard()).toEqual([]);
});

test("another channel can be named, and one that is new is added", async () => {
  expect(await say("/gate subscribe --kinds auto-complete --channel local:wins")).toBe(
    "local:wins is told auto-complete.",
  );
  await added(open.house);
  await completed(open.house);
  await deliver();
  expect(await heard("wins")).toEqual(["auto-complete"]);
  expect(await say("/gate subscribe --kinds all", null)).toContain("Say which channel");
});

test("what is wrong is refused by its field, and nothing changes", async () => {
  const before = await open.house.channels.channels();
  expect(await say("/gate subscribe --kinds digest,news")).toContain('got "news"');
  expect(await say("/gate subscribe --lanes nowhere")).toContain('got "nowhere"');
  expect(await say("/gate subscribe --quiet 22:00-22:00")).toContain("22:00-07:00, or off");
  expect(await say("/gate subscribe --timezone Mars/Olympus")).toContain("Europe/Berlin");
  expect(await say("/gate unsubscribe --for 8d")).toContain("at most 7d");
  expect(await say("/gate subscribe --ping 223456789012345678")).toContain("Only Discord's roles");
  expect(await say("/gate subscribe --channel discord:1 --ping crew")).toContain("17 to 20 digits");
  expect(await say("/gate subscribe --channel slack:C1 --ping 223456789012345678")).toContain(
    "begins with S",
  );
  expect(await say("/gate unsubscribe --channel local:none")).toContain("not-found");
  expect(await open.house.channels.channels()).toEqual(before);
});

test("a group to ping is kept by its id, however it was named, until it is taken off", async () => {
  const named = (channel: string, ping: string) => say(`/gate subscribe --channel ${channel} --ping ${ping}`);
  expect(await named("discord:1", '"<@&223456789012345678>"')).toContain("pinging role 223456789012345678");
  expect(await say("/gate subscribe --channel discord:1 --kinds digest")).toContain("pinging role");
  expect(await named("slack:C1", '"<!subteam^S0CREW|@crew>"')).toContain("pinging group S0CREW");
  expect(await named("slack:C1", "S0CREW")).toContain("pinging group S0CREW");
  expect(await named("slack:C1", "off")).not.toContain("pinging");
  const all = await open.house.channels.channels();
  expect(all.map(({ platform, ping }) => [platform, ping])).toEqual([
    ["local", null],
    ["discord", "223456789012345678"],
    ["slack", null],
  ]);
});

test("in quiet hours notices wait until they end, escalations do not, and no heartbeat piles up", async () => {
  await say("/gate subscribe --quiet 22:00-07:00");
  await added(open.house);
  await added(open.house);
  open.clock.advance(2 * HOUR);
  await completed(open.house);
  await claimed(open.house, "s-2");
  await deliver();
  expect(await heard()).toEqual([]);
  for (let hour = 0; hour < 8; hour += 1) {
    expect((await postHeartbeats(open.house)).value).toEqual([]);
    expect((await postDigests(open.house)).value).toEqual([]);
    open.clock.advance(HOUR);
  }
  const data = { state: "escalated", rule: "x" };
  await open.house.outbox.post({ kind: "contradiction", text: "It rose", data, subject: "c:1" }, null);
  await deliver();
  expect(await heard()).toEqual(["contradiction"]);
  open.clock.advance(HOUR - 1);
  await deliver();
  expect(await heard()).toHaveLength(1);
  open.clock.advance(1);
  await deliver();
  expect(await heard()).toEqual(["contradiction", "auto-complete"]);
  // The first digest of the morning tells of the whole night.
  await postDigests(open.house);
  const [channel] = await open.house.channels.channels();
  expect(channel?.quiet).toEqual({ from: EIGHT_PM + 26 * HOUR, until: EIGHT_PM + 35 * HOUR });
});

test("a mute ends by itself", async () => {
  expect(await say("/gate unsubscribe --for 2h")).toContain("muted until 2026-03-30T22:00:00.000Z");
  await added(open.house);
  await completed(open.house);
  await deliver();
  expect(await heard()).toEqual([]);
  open.clock.advance(2 * HOUR);
  await deliver();
  expect(await heard()).toEqual(["auto-complete"]);
});

test("/gate digest shows any window by the channel's clock, to whoever asked", async () => {
  await say("/gate subscribe --timezone Europe/Berlin");
  await added(open.house);
  open.clock.advance(1);
  expect(await say("/gate digest 1h")).toMatch(/^Digest 21:00 to 22:00\n[\s\S]*Moved: 1 added/u);
  expect(await say("/gate digest 2026-03-30T23:00/2026-03-30T23:30")).toMatch(/Moved: nothing$/u);
  expect(await say("/gate digest soon")).toContain('got "soon"');
});
