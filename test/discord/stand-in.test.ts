// The stand-in itself: the unmodified client lives on it, and it refuses what Discord refuses.

import {
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  REST,
  Routes,
} from "discord.js";
import {
  ApplicationCommandOptionType,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from "discord-api-types/v10";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Discord, startDiscord } from "./server.ts";

let discord: Discord;
let client: Client | null = null;
let rest: REST;

beforeEach(async () => {
  discord = await startDiscord({ deadlineMs: 500 });
  rest = new REST({ api: discord.url, retries: 0, rejectOnRateLimit: () => true }).setToken(discord.token);
});
afterEach(async () => {
  await client?.destroy();
  client = null;
  await discord.close();
});

async function connect(
  intents: GatewayIntentBits[] = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages],
) {
  const made = new Client({ intents, rest: { api: discord.url }, allowedMentions: { parse: [] } });
  client = made;
  const ready = new Promise<void>((resolve) => made.once(Events.ClientReady, () => resolve()));
  await made.login(discord.token);
  await ready;
  return made;
}

const send = (body: object) => rest.post(Routes.channelMessages(discord.channel), { body });
const v2 = (...components: object[]) => ({ flags: MessageFlags.IsComponentsV2, components });
const text = (content: string) => ({ type: ComponentType.TextDisplay, content });
const button = (custom_id: string, label = "Press") => ({
  type: ComponentType.Button,
  style: ButtonStyle.Primary,
  custom_id,
  label,
});
const row = (...components: object[]) => ({ type: ComponentType.ActionRow, components });

async function refusal(doing: Promise<unknown>): Promise<DiscordAPIError> {
  const error: unknown = await doing.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(DiscordAPIError);
  return error as DiscordAPIError;
}

const GATE = {
  name: "gate",
  description: "The queue",
  options: [
    {
      type: ApplicationCommandOptionType.Subcommand,
      name: "show",
      description: "Show a task",
      options: [
        {
          type: ApplicationCommandOptionType.String,
          name: "task",
          description: "Its key",
          required: true,
          autocomplete: true,
        },
      ],
    },
  ],
};

describe("the real client", () => {
  test("logs in, is told of the guild, and hears what people write", async () => {
    const connected = await connect();
    expect(connected.guilds.cache.map(({ name }) => name)).toEqual(["A crew"]);
    const heard = new Promise<string>((resolve) =>
      connected.on(Events.MessageCreate, ({ author }) => resolve(author.username)),
    );
    discord.people.message("hello", { by: discord.world.member("mara"), channel: discord.channel });
    expect(await heard).toBe("mara");
  });

  test("answers commands, autocompletes, buttons and modals, each told with its latency", async () => {
    const connected = await connect();
    await rest.put(Routes.applicationGuildCommands(discord.world.application, discord.world.guild.id), {
      body: [GATE],
    });
    connected.on(Events.InteractionCreate, (interaction) => void answer(interaction));
    const where = { by: discord.world.member("mara"), channel: discord.channel };

    const offered = await discord.people.autocomplete("gate show", { task: "CL" }, "task", where);
    expect(offered.first.data["choices"]).toEqual([{ name: "CL-1", value: "CL-1" }]);
    const shown = await discord.people.command("gate show", { task: "CL-1" }, where);
    expect(shown.ephemeral).toBe(true);
    expect(shown.first.latencyMs).toBeLessThan(500);
    expect((await shown.settled()).components).toHaveLength(1);

    const message = shown.original!.id;
    const opened = await discord.people.button({ customId: "open" }, { ...where, message });
    const sent = await discord.people.modal(opened, { why: "because" });
    expect(sent.first.data["content"]).toBe("because");
  });

  async function answer(interaction: Interaction): Promise<void> {
    if (interaction.isAutocomplete()) await interaction.respond([{ name: "CL-1", value: "CL-1" }]);
    else if (interaction.isChatInputCommand()) {
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.editReply({
        flags: MessageFlags.IsComponentsV2,
        components: [row(button("open"))] as never,
      });
    } else if (interaction.isButton()) {
      const input = { type: ComponentType.TextInput, custom_id: "why", style: 1 };
      const label = { type: ComponentType.Label, label: "Why?", component: input };
      await interaction.showModal({ title: "Why", custom_id: "modal", components: [label] } as never);
    } else if (interaction.isModalSubmit()) {
      await interaction.reply({ content: interaction.fields.getTextInputValue("why") });
    }
  }

  test("comes back by itself when the gateway asks or drops it, with its session", async () => {
    const connected = await connect();
    for (const act of ["reconnect", "drop"] as const) {
      const resumed = new Promise<void>((resolve) => connected.once(Events.ShardResume, () => resolve()));
      discord.gateway[act]();
      await resumed;
    }
    expect([discord.gateway.identified, discord.gateway.resumed]).toEqual([1, 2]);
  });

  test("is closed with 4014 where it asks for an intent it was not given, and with 4004 for another token", async () => {
    const closed = (login: Promise<unknown>) => login.then(String, String);
    const asks = new Client({ intents: [GatewayIntentBits.MessageContent], rest: { api: discord.url } });
    expect(await closed(asks.login(discord.token))).toMatch(/disallowed intents/i);
    await asks.destroy();
    const wrong = new Client({ intents: [], rest: { api: discord.url } });
    expect(await closed(wrong.login("another"))).toMatch(/invalid token/i);
    await wrong.destroy();
  });

  test("an interaction nobody answers in time is unknown afterwards", async () => {
    const connected = await connect();
    await rest.put(Routes.applicationGuildCommands(discord.world.application, discord.world.guild.id), {
      body: [GATE],
    });
    const late = new Promise<Interaction>((resolve) => connected.on(Events.InteractionCreate, resolve));
    const where = { by: discord.world.member("mara"), channel: discord.channel };
    await expect(discord.people.command("gate show", { task: "CL-1" }, where)).rejects.toThrow(
      "did not respond",
    );
    const interaction = await late;
    if (!interaction.isChatInputCommand()) throw new Error("no command");
    expect(await refusal(interaction.reply("too late"))).toMatchObject({ code: 10_062 });
  });
});

describe("limits, refused as Discord refuses them", () => {
  test.each([
    ["content beside components", { ...v2(text("x")), content: "y" }, "content"],
    ["more than 4,000 characters in all", v2(text("x".repeat(2001)), text("y".repeat(2000))), "components"],
    [
      "more than 40 components, nested ones counted",
      v2(...Array.from({ length: 14 }, (_, n) => row(button(`a${n}`), button(`b${n}`)))),
      "components",
    ],
    ["a label of 81", v2(row(button("a", "x".repeat(81)))), "components[0].components[0].label"],
    ["a custom id of 101", v2(row(button("a".repeat(101)))), "components[0].components[0].custom_id"],
    ["a custom id twice", v2(row(button("a"), button("a"))), "components[0].components[1].custom_id"],
    ["an empty text", v2(text("")), "components[0].content"],
    ["content of 2,001", { content: "x".repeat(2001) }, "content"],
    ["a nonce of 26", { content: "x", nonce: "n".repeat(26) }, "nonce"],
    ["a slip of the pen", { contents: "x" }, "contents"],
  ])("%s", async (_, body, path) => {
    const error = await refusal(send(body));
    expect(error).toMatchObject({ code: 50_035, status: 400 });
    expect(error.message).toContain(`\n${path}[`);
  });

  test("41 components are refused and 40 are taken", async () => {
    const texts = (count: number) => Array.from({ length: count }, (_, n) => text(`${n}`));
    await send(v2(...texts(40)));
    expect(await refusal(send(v2(...texts(41))))).toMatchObject({ code: 50_035 });
  });

  test("the flag of components is not taken back by an edit", async () => {
    const { id } = (await send(v2(text("x")))) as { id: string };
    const edit = rest.patch(Routes.channelMessage(discord.channel, id), { body: { flags: 0, content: "y" } });
    expect(await refusal(edit)).toMatchObject({ code: 50_035 });
  });

  test("a nonce that is enforced gives the first message again", async () => {
    const sent = [1, 2].map((n) => send({ content: `${n}`, nonce: "same", enforce_nonce: true }));
    const [first, second] = (await Promise.all(sent)) as { id: string; content: string }[];
    expect(second).toMatchObject({ id: first!.id, content: "1" });
  });

  test("unknown channels and messages, other people's messages and taken permissions are told apart", async () => {
    const { world, channel, people } = discord;
    const theirs = people.message("mine", { by: world.member("mara"), channel });
    expect(await refusal(rest.get(Routes.channelMessages("100000000000000000")))).toMatchObject({
      code: 10_003,
    });
    expect(await refusal(rest.get(Routes.channelMessage(channel, "100000000000000000")))).toMatchObject({
      code: 10_008,
    });
    const change = rest.patch(Routes.channelMessage(channel, theirs), { body: { content: "x" } });
    expect(await refusal(change)).toMatchObject({ code: 50_005 });
    world.deny(channel, "SendMessages");
    expect(await refusal(send({ content: "x" }))).toMatchObject({ code: 50_013 });
    world.deny(channel, "ViewChannel");
    expect(await refusal(send({ content: "x" }))).toMatchObject({ code: 50_001 });
  });

  test("a message older than an hour is throttled when it is edited", async () => {
    let now = Date.now();
    const old = await startDiscord({ now: () => now });
    const api = new REST({ api: old.url, retries: 0, rejectOnRateLimit: () => true }).setToken(old.token);
    const { id } = (await api.post(Routes.channelMessages(old.channel), { body: { content: "x" } })) as {
      id: string;
    };
    now += 3_600_001;
    const edit = (content: string) =>
      api.patch(Routes.channelMessage(old.channel, id), { body: { content } });
    for (const content of ["1", "2", "3"]) await edit(content);
    await expect(edit("4")).rejects.toMatchObject({
      name: expect.stringContaining("RateLimitError") as string,
    });
    await old.close();
  });
});

describe("what goes wrong on demand", () => {
  test("a call that was done and then failed leaves its message", async () => {
    discord.rest.faults.push({ method: "POST", when: "after", what: { status: 502 }, times: 1 });
    await expect(send({ content: "there" })).rejects.toThrow(/bad gateway/i);
    expect(discord.people.messages(discord.channel)).toMatchObject([{ content: "there" }]);
  });

  test("one channel is limited while another is not", async () => {
    const other = discord.world.channel("other").id;
    discord.rest.faults.push({ path: `/channels/${discord.channel}/`, what: { retryAfterMs: 2000 } });
    await expect(send({ content: "x" })).rejects.toMatchObject({ retryAfter: 2050, global: false });
    await rest.post(Routes.channelMessages(other), { body: { content: "y" } });
    expect(discord.people.messages(other)).toHaveLength(1);
    expect(discord.rest.calls.map(({ status }) => status)).toEqual([429, 200]);
  });
});
