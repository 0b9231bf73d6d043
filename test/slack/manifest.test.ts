import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { slackManifest } from "../../adapters/chat/slack/manifest.ts";
import { catalogue } from "../../src/doors/chat/catalogue.ts";
import { allVerbs } from "../../src/doors/chat/verbs/all.ts";
import { runHere } from "../support/command-line.ts";
import { openTestHouse } from "../support/house.ts";

// The app as Slack's settings take it. The bounds are those of Slack's own schema of manifests.

const commands = catalogue(allVerbs);
const socket = slackManifest(commands, { history: true, address: null });
const between = (text: string, min: number, max: number): void => {
  expect(text.length).toBeGreaterThanOrEqual(min);
  expect(text.length).toBeLessThanOrEqual(max);
};

test("keeps to Slack's lengths", () => {
  const { display_information: shown, features } = socket;
  between(shown.name, 1, 35);
  between(shown.description, 1, 140);
  between(shown.long_description, 175, 4000);
  expect(shown.background_color).toMatch(/^#[0-9a-f]{6}$/u);
  between(features.bot_user.display_name, 1, 80);
  expect(features.bot_user.display_name).toMatch(/^[a-z0-9_.-]+$/u);
  for (const { command, description, usage_hint } of features.slash_commands) {
    expect(command).toMatch(/^\/[a-z]{1,31}$/u);
    between(description, 1, 100);
    between(usage_hint, 1, 1000);
  }
  expect(features.shortcuts.length).toBeLessThanOrEqual(10);
  for (const { name, callback_id, description } of features.shortcuts) {
    between(name, 1, 24);
    between(callback_id, 1, 255);
    between(description, 1, 150);
  }
  expect(socket.oauth_config.scopes.bot.length).toBeLessThanOrEqual(255);
});

test("names every command of the catalogue, and marks mentions in what is typed", () => {
  const [command] = socket.features.slash_commands;
  for (const { path } of commands) expect(command?.usage_hint).toContain(path);
  expect(command?.should_escape).toBe(true);
});

test("without history it asks for no reading of channels, and everything else stays", () => {
  const least = slackManifest(commands, { history: false, address: null });
  const left = (all: readonly string[], some: readonly string[]) => all.filter((one) => !some.includes(one));
  expect(left(socket.oauth_config.scopes.bot, least.oauth_config.scopes.bot)).toEqual([
    "channels:history",
    "groups:history",
  ]);
  const events = (of: typeof socket) => of.settings.event_subscriptions.bot_events;
  expect(left(events(socket), events(least))).toEqual(["message.channels", "message.groups"]);
  expect(events(least)).toEqual(["app_home_opened", "app_mention", "message.im"]);
  expect(least.features).toEqual(socket.features);
});

test("each event that is asked for has the scope it takes", () => {
  const needs: Readonly<Record<string, string>> = {
    app_mention: "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
  };
  for (const history of [true, false]) {
    const { settings, oauth_config } = slackManifest(commands, { history, address: null });
    for (const event of settings.event_subscriptions.bot_events)
      if (needs[event] !== undefined) expect(oauth_config.scopes.bot).toContain(needs[event]);
  }
});

test("by signed requests every address is the bot's own, and there is no socket", () => {
  const { settings, features } = slackManifest(commands, {
    history: true,
    address: "https://gate.example.com",
  });
  const url = "https://gate.example.com/slack/events";
  expect(settings.socket_mode_enabled).toBe(false);
  expect(settings.event_subscriptions).toMatchObject({ request_url: url });
  expect(settings.interactivity).toMatchObject({ request_url: url, message_menu_options_url: url });
  expect(features.slash_commands).toMatchObject([{ url }]);
});

describe("gatehouse slack manifest", () => {
  const run = async (...args: readonly string[]) => {
    const open = await openTestHouse();
    try {
      return await runHere(open.house, ["slack", "manifest", ...args], {
        publicUrl: () => "https://gate.example.com",
        slackManifest: (options) => Promise.resolve(slackManifest(commands, options)),
      });
    } finally {
      await open.close();
    }
  };

  test("prints the same as YAML and as JSON", async () => {
    const [yaml, json] = [await run(), await run("--json")];
    expect(parse(yaml.out)).toEqual(socket);
    expect(json.json).toEqual(socket);
  });

  test("takes the address from the configuration, or another one", async () => {
    expect((await run("--json", "--http")).json.settings.socket_mode_enabled).toBe(false);
    const other = await run("--json", "--no-history", "--http", "https://other.example.com/");
    expect(other.json.settings.event_subscriptions.request_url).toBe(
      "https://other.example.com/slack/events",
    );
    const plain = await run("--http", "http://other.example.com");
    expect([plain.status, plain.err]).toEqual([2, expect.stringContaining("https://")]);
  });
});
