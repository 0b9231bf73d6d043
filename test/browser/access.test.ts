import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { blockTask } from "../../src/commands/block-task.ts";
import { NOTICE_KINDS } from "../../src/core/notice.ts";
import { added, claimed, OPERATOR, TRUE_COMMAND, well } from "../support/story.ts";
import { poorContrast } from "./support/contrast.ts";
import { commandLine, type LocalChat, message, openLocalChat, say } from "./support/local-chat.ts";

let chat: LocalChat;
let page: Page;
let active: string;
let blocked: string;

beforeAll(async () => {
  chat = await openLocalChat();
  blocked = await added(chat.house, { title: "Burn captions into the cuts" });
  await claimed(chat.house, "s-blocked");
  const question = {
    kind: "question",
    reason: "Two fonts",
    question: "Which font?",
    choices: ["Inter", "Noto Sans"],
  };
  well(await blockTask(chat.house, { key: blocked, ...question }, OPERATOR));
  active = await added(chat.house, {
    title: "Detect scene changes",
    requirements: [TRUE_COMMAND, { ...TRUE_COMMAND, name: "again" }],
  });
  await claimed(chat.house, "s-active");
});
afterEach(() => page.context().close());
afterAll(() => chat.close());

/** Everything the page can show at once: cards, a thread with a verdict, answers, a refusal, a question. */
async function showEverything(on: Page): Promise<void> {
  await message(on, "task-card", active).waitFor();
  for (const line of [
    "/gate help",
    "/gate status",
    `/gate show ${blocked}`,
    `/gate prove ${active} https://example.org/x`,
  ]) {
    await say(on, line);
    await on.getByRole("group", { name: `Answer to ${line}` }).waitFor();
  }
  await message(on, "task-card", active).locator(".open-thread").click();
  const thread = on.getByRole("region", { name: active });
  await thread.getByLabel("Reply in this thread").fill("checks: command:checks and https://example.org/why");
  await thread.getByLabel("Reply in this thread").press("Enter");
  await thread.getByRole("img", { name: "the proof holds" }).first().waitFor();
  await on.evaluate(
    "Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => null)",
  );
}

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  test("every text is readable against what is behind it", async () => {
    page = await chat.visit({ colorScheme, reducedMotion: "reduce" });
    await showEverything(page);
    await commandLine(page).fill("/gate prioritize ");
    await page.getByRole("option").first().waitFor();
    const { looked, poor } = await poorContrast(page);
    expect(looked).toBeGreaterThan(100);
    expect(poor).toEqual([]);
    const dark = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(dark).toBe(colorScheme === "dark" ? "rgb(15, 18, 22)" : "rgb(245, 244, 239)");
  });
});

test("the colours follow the system until somebody chooses, and the choice is kept", async () => {
  page = await chat.visit({ colorScheme: "dark" });
  const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  expect(await paper()).toBe("rgb(15, 18, 22)");
  await page.emulateMedia({ colorScheme: "light" });
  expect(await paper()).toBe("rgb(245, 244, 239)");
  await page.getByRole("button", { name: "Colours: as the system" }).click();
  await page.getByRole("button", { name: "Colours: light" }).click();
  expect(await paper()).toBe("rgb(15, 18, 22)");
  await page.reload();
  expect(await paper()).toBe("rgb(15, 18, 22)");
  await page.getByRole("button", { name: "Colours: dark" }).click();
  expect(await paper()).toBe("rgb(245, 244, 239)");
});

interface Node {
  readonly role: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The tree that screen readers get, without what they skip. */
async function accessibleNodes(): Promise<readonly Node[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties = [] }) => ({
      role: String(role?.value),
      name: String(name?.value ?? ""),
      properties: Object.fromEntries(properties.map((one) => [one.name, one.value.value])),
    }));
}

test("a screen reader finds landmarks, names and states", async () => {
  page = await chat.visit();
  await showEverything(page);
  await commandLine(page).fill("/gate ");
  await page.getByRole("option").first().waitFor();
  const nodes = await accessibleNodes();
  const names = (role: string) => nodes.filter((node) => node.role === role).map(({ name }) => name);

  expect(names("main")).toEqual(["gatehouse"]);
  expect(names("complementary")).toEqual(["The queue now"]);
  expect(names("region")).toEqual(expect.arrayContaining(["Answers only you see", active]));
  expect(names("feed")).toEqual(["Messages in gatehouse"]);
  expect(names("article").every((name) => /^\d\d:\d\d, \S/u.test(name))).toBe(true);
  expect(
    names("article").some((name) =>
      name.includes(`${blocked} Burn captions into the cuts: blocked. Which font?`),
    ),
  ).toBe(true);
  expect(names("combobox")).toEqual(["Command line"]);
  expect(nodes.find(({ role }) => role === "combobox")?.properties).toMatchObject({ expanded: true });
  expect(names("listbox")).toEqual(["What may come next"]);
  expect(names("meter")).toContain("Lease");
  for (const role of ["button", "link", "textbox", "combobox", "img", "option", "meter", "group", "table"]) {
    const unnamed = nodes.filter(
      (node) => node.role === role && node.name.trim() === "" && node.properties["hidden"] !== true,
    );
    expect(unnamed, role).toEqual([]);
  }
  for (const heading of ["Gatehouse", "Tasks 2", "Lanes", "At work 1", "Detect scene changes"]) {
    expect(names("heading")).toContain(heading);
  }
  // Changes are told in one place, in a sentence, and not by reading the whole card again.
  const live = await page
    .locator("[aria-live], [role=status]")
    .evaluateAll((all) => all.map((one) => one.id));
  expect(new Set(live)).toEqual(new Set(["announcer", "link"]));
});

test("what changes is said in a sentence", async () => {
  page = await chat.visit();
  const key = await added(chat.house, { title: "Say it", priority: "P0" });
  await claimed(chat.house, "s-said");
  await page.locator("#announcer", { hasText: `${key} Say it: active` }).waitFor({ state: "attached" });
});

test("everything can be done without a mouse, and the focus is always seen", async () => {
  page = await chat.visit();
  await message(page, "task-card", active).waitFor();
  // The counts beside the feed come by themselves, and are walked through as well.
  await page.locator("[aria-label$=': list them']").first().waitFor();
  const focused = () =>
    page.evaluate<string>(
      "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim().slice(0, 60)",
    );
  const ring = () =>
    page.evaluate<string>(
      "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement.parentElement).outlineStyle",
    );
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Skip to the command line");
  const seen: string[] = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    expect(await ring()).toContain("solid");
    seen.push(await focused());
    if (seen.at(-1) === "Command line") break;
  }
  expect(seen).toContain("Colours: as the system");
  expect(seen.some((name) => name.includes("list them"))).toBe(true);
  expect(seen.at(-1)).toBe("Command line");

  // From anywhere: a slash goes to the line, arrows walk the messages, R opens a thread, Escape leaves it.
  await page.locator("#feed > [tabindex='0']").focus();
  await page.keyboard.press("Home");
  expect(await focused()).toContain(blocked);
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toContain(active);
  await page.keyboard.press("r");
  await page.getByRole("region", { name: active }).waitFor();
  expect(await focused()).not.toContain(active);
  await page.keyboard.type("?");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: active }).getByText("it is attached to").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: active }).waitFor({ state: "hidden" });
  expect(await focused()).toMatch(/repl|Attach proof/u);
  await page.keyboard.press("/");
  expect(await commandLine(page).inputValue()).toBe("/");
  await page.keyboard.type("gate prioritize ");
  await page.keyboard.type(`${active} P0`);
  await page.keyboard.press("Enter");
  const question = page.getByRole("group", { name: `Answer to /gate prioritize ${active} P0` });
  await question.waitFor();
  expect(await question.evaluate((element) => element.ownerDocument.activeElement === element)).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Do it");
  await page.keyboard.press("Enter");
  await message(page, "answer", active).getByText(`${active} is P0 now.`).waitFor();
});

test("what people and agents write stays text, keeps its direction to itself, and shows where links lead", async () => {
  const title = '<img src=x onerror="document.title=1"> </h3><script>document.title=2</script> عنوان';
  const key = await added(chat.house, { title, priority: "P0" });
  await claimed(chat.house, "s-hostile");
  // Past the gate of the commands, as another program with the database might: the page has to bear it as well.
  await chat.house.localChat.post({
    channel: "gatehouse",
    thread: null,
    author: "person:local:mallory",
    kind: "said",
    task: null,
    text: "invoice\u202exe.exe https://bank.example@evil.example/login?x=1 javascript:alert(1) <b>bold</b>",
    data: {},
  });
  page = await chat.visit();
  const card = message(page, "task-card", key);
  expect(await card.getByRole("heading").textContent()).toBe(title);
  expect(await page.title()).toBe("Gatehouse");
  expect(await page.locator("#feed img, #feed script, #feed b").count()).toBe(0);
  const said = page.locator('#feed article[data-kind="said"]');
  expect(await said.textContent()).not.toContain("\u202e");
  const link = said.locator(".said").getByRole("link");
  expect(await link.count()).toBe(1);
  expect(await link.locator(".host").textContent()).toBe("evil.example");
  expect(await link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
  expect(await card.getByRole("heading").locator("bdi").count()).toBe(1);
});

test.each([1440, 900, 390, 320])("at %i pixels nothing is cut off or scrolls sideways", async (width) => {
  page = await chat.visit({ viewport: { width, height: 780 } });
  await showEverything(page);
  expect(
    await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
  ).toBe(0);
  expect(
    await page.evaluate(
      "(() => { const s = document.querySelector('#scroll'); return s.scrollWidth - s.clientWidth; })()",
    ),
  ).toBe(0);
  await page.getByRole("button", { name: "Close the thread" }).click();
  expect(await commandLine(page).isVisible()).toBe(true);
});

test("every kind of notice is drawn its own way", async () => {
  for (const kind of NOTICE_KINDS.filter((one) => one !== "auto-complete" && one !== "task-card")) {
    const author = "bot:gatehouse";
    await chat.house.localChat.post({
      channel: "gatehouse",
      thread: null,
      author,
      kind,
      task: null,
      text: `about ${kind}`,
      data: {},
    });
  }
  page = await chat.visit({ colorScheme: "dark" });
  for (const kind of ["contradiction", "heartbeat", "digest", "correction", "proof-status"]) {
    await page.locator(`#feed article[data-kind="${kind}"]`).getByText(`about ${kind}`).waitFor();
  }
  expect(await page.getByText("reload the page to see it").count()).toBe(0);
  expect((await poorContrast(page)).poor).toEqual([]);
});
