import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { claimTask } from "../../src/commands/claim-task.ts";
import type { House } from "../../src/commands/house.ts";
import { offerLink } from "../../src/commands/link-account.ts";
import { pauseLane } from "../../src/commands/pause-lane.ts";
import { prioritizeTask } from "../../src/commands/prioritize-task.ts";
import { runLine } from "../../src/doors/chat/run-line.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { Trouble } from "../../src/ports/trouble.ts";
import { makeHouse, PLACES, START } from "../contract/places.ts";
import type { TestHouse } from "../support/house.ts";
import {
  added,
  claimed,
  completed,
  proved,
  submitted,
  TRUE_COMMAND,
  verified,
  well,
} from "../support/story.ts";

const ME = { actor: "person:local:someone" };
const REVIEW = { name: "review", kind: "human", approvers: 2, role: "operator" };

let open: TestHouse;
let place: Awaited<ReturnType<typeof makeHouse>>;

function say(line: string, requestId: string | undefined, house: House = open.house) {
  const speaker = { ...ME, role: "operator" } as const;
  const place = { platform: "local", name: "gatehouse" };
  return runLine({ house, speaker, place, verbs: allVerbs, requestId }, line, true);
}

async function contradiction(house: House): Promise<number> {
  const sighting = { rule: "idle-lane", key: "builder", source: "lane:builder", detail: "Nobody pulls." };
  const [opened] = await house.contradictions.apply(
    { openings: [sighting], moves: [] },
    "system:watch",
    START,
  );
  return opened?.id ?? 0;
}

async function blocked(house: House): Promise<string> {
  const key = await added(house);
  well(await blockTask(house, { key, kind: "question", reason: "Two fonts" }, ME));
  return key;
}

/** A line for each verb that changes anything, in a house where it may be done once. */
const LINES: Readonly<Record<string, (house: House) => Promise<string>>> = {
  me: async (house) => `/gate me ${(await offerLink(house, { actor: "person:slack:U1" })).code}`,
  add: async () => `/gate add Cut the outro --lane builder --acceptance "It plays" --require reviewed-by-one`,
  block: async (house) => `/gate block ${await added(house)} Which font?`,
  unblock: async (house) => `/gate unblock ${await blocked(house)} the licensed one`,
  prioritize: async (house) => `/gate prioritize ${await added(house)} P0`,
  assign: async (house) => `/gate assign ${await blocked(house)} @ada`,
  cancel: async (house) => `/gate cancel ${await added(house)} dropped`,
  reopen: async (house) => {
    await added(house);
    return `/gate reopen ${await completed(house)} no sound`;
  },
  prove: async (house) => {
    const key = await added(house);
    await claimed(house);
    return `/gate prove ${key} command:checks`;
  },
  approve: async (house) => {
    const key = await added(house, { requirements: [TRUE_COMMAND, REVIEW] });
    const held = await claimed(house);
    await proved(house, held);
    await submitted(house, held);
    await verified(house);
    return `/gate approve ${key}`;
  },
  ack: async (house) => `/gate ack ${await contradiction(house)} --changed "its model setting"`,
  snooze: async (house) => `/gate snooze ${await contradiction(house)} 4h`,
  subscribe: async () => "/gate subscribe --kinds digest --quiet 22:00-07:00",
  unsubscribe: async () => "/gate unsubscribe --for 1h",
  pause: async () => "/gate pause ada lunch",
  resume: async (house) => {
    well(await pauseLane(house, { name: "builder", reason: "lunch" }, ME));
    return "/gate resume builder";
  },
  undo: async (house) => {
    const key = await added(house);
    well(await prioritizeTask(house, { key, priority: "P1" }, ME));
    return `/gate undo ${await house.log.lastEvent()}`;
  },
};

describe.each(PLACES)("a line that comes twice under one request, in a %s", (kind) => {
  beforeEach(async () => {
    place = await makeHouse(kind);
    open = place.at;
  });
  afterEach(() => place.remove());

  test("is tried here for every verb that changes anything", () => {
    const changing = allVerbs.filter(({ changes }) => changes).map(({ path }) => path);
    expect(Object.keys(LINES).toSorted()).toEqual(changing.toSorted());
  });

  test.each(Object.entries(LINES))("%s is done once, and says so", async (path, prepare) => {
    const line = await prepare(open.house);
    const before = await open.house.log.lastEvent();
    const first = await say(line, `req-${path}`);
    const visibility = allVerbs.find((verb) => verb.path === path)?.visibility;
    expect(first).toMatchObject({ visibility, answer: { kind: "done" } });
    const after = await open.house.log.lastEvent();
    expect(after).toBeGreaterThan(before);
    expect(await open.house.log.byRequest(`req-${path}`)).toMatchObject({ actor: ME.actor });

    open.clock.advance(60_000);
    const again = await say(line, `req-${path}`);
    expect(again).toMatchObject({
      answer: { kind: "done", text: expect.stringMatching(/^Done before: this request made \S+/) },
    });
    expect(await open.house.log.lastEvent()).toBe(after);
    expect(await open.house.channels.channels()).toMatchObject([
      { mutedUntil: path === "unsubscribe" ? START + 3_600_000 : null },
    ]);
  });

  test.each(Object.entries(LINES))(
    "%s is done once where both run at the same time",
    async (path, prepare) => {
      const line = await prepare(open.house);
      const answers = await Promise.all([say(line, `req-${path}`), say(line, `req-${path}`)]);
      expect(answers.map(({ answer }) => answer.kind)).toEqual(["done", "done"]);
      const events = await open.house.log.events({ after: 0, limit: 100 });
      const made = await open.house.log.byRequest(`req-${path}`);
      // One event of its kind by this person beyond what the preparation made of the same kind.
      expect(events.filter(({ id, kind }) => kind === made?.kind && id > (made?.id ?? 0))).toEqual([]);
    },
  );

  test("another request does it again, or is refused as it would be anyway", async () => {
    const key = await added(open.house);
    expect((await say(`/gate cancel ${key} dropped`, "r-1")).answer.kind).toBe("done");
    expect((await say(`/gate cancel ${key} dropped`, "r-2")).answer).toMatchObject({
      kind: "refused",
      refusal: { code: "transition" },
    });
    expect((await say(`/gate cancel ${key} dropped`, undefined)).answer.kind).toBe("refused");
  });

  test("what was refused was not done: the same request may be tried again", async () => {
    const key = await added(open.house);
    expect((await say(`/gate prove ${key} command:checks`, "r-1")).answer).toMatchObject({
      refusal: { code: "no-open-attempt" },
    });
    well(
      await claimTask(open.house, {
        lane: "builder",
        agent: "ada",
        session: "s",
        route: { provider: "anthropic", model: "claude-opus-5" },
      }),
    );
    expect((await say(`/gate prove ${key} command:checks`, "r-1")).answer.kind).toBe("done");
  });

  /** A house that dies right after the first change that goes through `write`. */
  function dying(write: (times: () => number, gone: () => Promise<never>) => Partial<House>): House {
    let [writes, looks] = [0, 0];
    const gone = () => Promise.reject(new Trouble("killed", "The process is gone."));
    const { log } = open.house;
    // The log answers before the change; then it is as gone as the rest.
    const asked: House["log"]["byRequest"] = (id) => (looks++ === 0 ? log.byRequest(id) : gone());
    return { ...open.house, ...write(() => writes++, gone), log: { ...log, byRequest: asked } };
  }

  test("a crash before a proof was submitted: it is, when the line comes again", async () => {
    const key = await added(open.house);
    await claimed(open.house);
    const { queue } = open.house;
    const house = dying((times, gone) => ({
      queue: {
        ...queue,
        commit: (change, before) => (times() === 0 ? queue.commit(change, before) : gone()),
      },
    }));
    const line = `/gate prove ${key} command:checks`;
    await expect(say(line, "r-1", house)).rejects.toThrow("The process is gone.");
    expect((await open.house.queue.task(key))?.task.status).toBe("active");
    expect((await say(line, "r-1")).answer).toMatchObject({ kind: "done", task: key });
    expect((await open.house.queue.task(key))?.task.status).toBe("verifying");
  });

  test("a crash before a source was noted as changed: it is, once, when the line comes again", async () => {
    const line = `/gate ack ${await contradiction(open.house)} --changed "its model setting"`;
    const { contradictions } = open.house;
    const house = dying((_, gone) => ({ contradictions: { ...contradictions, sourceChanged: gone } }));
    const noted = async () =>
      (await open.house.log.events({ after: 0, limit: 99 })).filter(
        ({ kind: one }) => one === "source.changed",
      );
    await expect(say(line, "r-1", house)).rejects.toThrow("The process is gone.");
    expect(await noted()).toEqual([]);
    for (let times = 0; times < 2; times += 1) {
      expect((await say(line, "r-1")).answer).toMatchObject({
        kind: "done",
        text: expect.stringMatching(/^Done before/),
      });
      expect(await noted()).toMatchObject([{ data: { source: "lane:builder", note: "its model setting" } }]);
    }
  });

  test("a crash before a mending was marked as taken back: it is, when the line comes again", async () => {
    const { contradictions } = open.house;
    const key = await added(open.house);
    const block = {
      kind: "dependency",
      reason: "needs it",
      owner: "operator",
      question: "Which?",
      choices: [],
    };
    const mended = { contradiction: await contradiction(open.house), task: key, healing: "unblock" } as const;
    await contradictions.journal({ ...mended, before: { block }, after: { version: 1 } });
    const house = dying((_, gone) => ({ contradictions: { ...contradictions, undone: gone } }));
    await expect(say("/gate undo --healing 1", "r-1", house)).rejects.toThrow("The process is gone.");
    expect((await open.house.queue.task(key))?.task.status).toBe("blocked");
    expect(await contradictions.healing(1)).toMatchObject({ undoneAt: null });
    expect((await say("/gate undo --healing 1", "r-1")).answer).toMatchObject({ kind: "done", task: key });
    expect(await contradictions.healing(1)).toMatchObject({ undoneBy: ME.actor });
  });
});
