// What people do on Discord: type commands, press buttons, choose, fill in, write, edit and delete.
import type {
  APIApplicationCommand,
  APIMessage,
  APIMessageComponent,
  ApplicationCommandType,
} from "discord-api-types/v10";
import { ChannelType, InteractionResponseType } from "discord-api-types/v10";
import { asText, list, loose } from "./components.ts";
import type { Exchange } from "./exchange.ts";
import type { Interactions } from "./interactions.ts";
import { addMessage, inGuild, type Told } from "./messages.ts";
import type { FakeMessage, World } from "./world.ts";

type Loose = { readonly [field: string]: unknown };

/** Who does it and where. */
export interface Where {
  readonly by: string;
  readonly channel: string;
}

export interface On extends Where {
  /** The message, by id: in the channel or shown to this person alone. */
  readonly message: string;
}

export class People {
  readonly #world: World;
  readonly #told: Told;
  readonly #interactions: Interactions;

  constructor(world: World, told: Told, interactions: Interactions) {
    this.#world = world;
    this.#told = told;
    this.#interactions = interactions;
  }

  /** `/gate show task:CLIP-1` is `command("gate show", { task: "CLIP-1" }, …)`; only what is registered can be typed. */
  command(
    path: string,
    options: Readonly<Record<string, string | number | boolean>>,
    where: Where,
  ): Promise<Exchange> {
    return this.#start("command", where, this.#typed(path, options, null));
  }

  /** What is offered while `focused` is typed; the answer's `first.data.choices`. */
  autocomplete(
    path: string,
    options: Readonly<Record<string, string>>,
    focused: string,
    where: Where,
  ): Promise<Exchange> {
    return this.#start("autocomplete", where, this.#typed(path, options, focused));
  }

  /** A command from a message's menu. */
  messageCommand(name: string, { message, ...where }: On): Promise<Exchange> {
    const command = this.#registered(name, 3);
    const target = this.#interactions.seen(where.channel, message);
    const resolved = { messages: { [message]: this.#world.messageJson(target) } };
    return this.#start("command", where, { id: command.id, name, type: 3, target_id: message, resolved });
  }

  /** Presses the button of this custom id, or of this label. */
  button(which: { readonly customId: string } | { readonly label: string }, on: On): Promise<Exchange> {
    const button = this.#component(on, (each) =>
      "customId" in which
        ? each["custom_id"] === which.customId
        : each["type"] === 2 && each["label"] === which.label,
    );
    if (button["disabled"] === true) throw new Error("The button is disabled.");
    return this.#press(on, { custom_id: button["custom_id"], component_type: 2, id: button["id"] });
  }

  /** Chooses in the select of this custom id. Only values it offers. */
  select(customId: string, values: readonly string[], on: On): Promise<Exchange> {
    const select = this.#component(on, (each) => each["custom_id"] === customId);
    const offered = list(select["options"]).map(({ value }) => value);
    const wrong = values.find((value) => select["type"] === 3 && !offered.includes(value));
    if (wrong !== undefined) throw new Error(`The select does not offer ${wrong}.`);
    const data = {
      custom_id: customId,
      component_type: select["type"],
      values,
      id: select["id"],
      resolved: {},
    };
    return this.#press(on, data);
  }

  /** Fills in and sends the modal an exchange was answered with: a text, or chosen values, by custom id. */
  modal(opened: Exchange, given: Readonly<Record<string, string | readonly string[]>>): Promise<Exchange> {
    const { data, type } = opened.first;
    if (type !== InteractionResponseType.Modal) throw new Error("No modal was opened.");
    const filled = (component: Loose): object => {
      const name = String(component["custom_id"]);
      const value = given[name];
      const id = component["id"] ?? 0;
      if (component["type"] === 4) {
        const text = typeof value === "string" ? value : asText(component["value"]);
        if (component["required"] !== false && text === "") throw new Error(`${name} must be filled in.`);
        if (text.length > Number(component["max_length"] ?? 4000)) throw new Error(`${name} is too long.`);
        return { type: 4, id, custom_id: name, value: text };
      }
      return {
        type: component["type"],
        id,
        custom_id: name,
        values: typeof value === "string" ? [value] : (value ?? []),
      };
    };
    const components = list(data["components"]).map((each) => ({
      type: each["type"],
      id: each["id"] ?? 0,
      ...(each["component"] === undefined ? {} : { component: filled(loose(each["component"])) }),
      ...(each["components"] === undefined ? {} : { components: list(each["components"]).map(filled) }),
    }));
    return this.#interactions.start({
      kind: "modal",
      user: opened.user,
      channel: opened.channel,
      data: { custom_id: data["custom_id"], components, resolved: {} },
      source: opened.source,
    });
  }

  /** Somebody writes; answers with the message's id. */
  message(text: string, { by, channel, repliesTo }: Where & { readonly repliesTo?: string }): string {
    const to = this.#channel(channel);
    const author = this.#world.members.get(by)?.user;
    if (author === undefined) throw new Error(`There is no member ${by}.`);
    if (text.length > 2000) throw new Error("Nobody can write so much.");
    to.archived = false;
    const pinged = [...text.matchAll(/<@!?(\d{17,20})>/g)].map((match) => match[1] as string);
    return addMessage(this.#world, this.#told, to, {
      author,
      content: text,
      pinged,
      repliesTo: repliesTo ?? null,
    }).id;
  }

  /** Somebody starts a thread below a message; answers with its id, which is the message's own. */
  startThread(name: string, { channel, message }: Pick<On, "channel" | "message">): string {
    const head = this.#channel(channel).messages.get(message);
    if (head === undefined || head.thread !== null) throw new Error(`No thread can begin at ${message}.`);
    const kind = { type: ChannelType.PublicThread, parent: channel, guild: this.#channel(channel).guild };
    const thread = this.#world.channel(name, { id: message, ...kind });
    head.thread = thread.id;
    this.#told.dispatch("THREAD_CREATE", { ...this.#world.channelJson(thread), newly_created: true });
    return thread.id;
  }

  editMessage(text: string, { channel, message }: Pick<On, "channel" | "message">): void {
    const found = this.#interactions.seen(channel, message);
    Object.assign(found, { content: text, editedAt: this.#world.now() });
    const where = inGuild(this.#world, this.#channel(channel), found.author.id);
    this.#told.dispatch("MESSAGE_UPDATE", { ...this.#world.messageJson(found), ...where });
  }

  deleteMessage({ channel, message }: Pick<On, "channel" | "message">): void {
    const { messages, guild } = this.#channel(channel);
    if (!messages.delete(message)) throw new Error(`There is no message ${message}.`);
    this.#told.dispatch("MESSAGE_DELETE", { id: message, channel_id: channel, guild_id: guild });
  }

  /** Every message of a channel and of its threads, in the order they were written. */
  messages(channel: string): readonly APIMessage[] {
    const all = [...this.#world.channels.values()]
      .filter(({ id, parent }) => id === channel || parent === channel)
      .flatMap(({ messages }) => [...messages.values()]);
    return all
      .toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
      .map((message) => this.#world.messageJson(message));
  }

  #press(on: On, data: object): Promise<Exchange> {
    const { message, ...where } = on;
    const source = this.#interactions.seen(where.channel, message);
    return this.#start("component", where, data, source);
  }

  #start(
    kind: Exchange["kind"],
    { by, channel }: Where,
    data: object,
    source: FakeMessage | null = null,
  ): Promise<Exchange> {
    return this.#interactions.start({ kind, user: by, channel, data, source });
  }

  #channel(id: string) {
    const channel = this.#world.channels.get(id);
    if (channel === undefined) throw new Error(`There is no channel ${id}.`);
    return channel;
  }

  #component({ channel, message }: On, fits: (each: Loose) => boolean): Loose {
    const { components } = this.#interactions.seen(channel, message);
    const found = flat(components).find(fits);
    if (found === undefined) throw new Error(`Message ${message} has no such component.`);
    return found;
  }

  #registered(name: string, type: number): APIApplicationCommand {
    const command = [...this.#world.commands.values()].find(
      (each) => each.name === name && each.type === (type as ApplicationCommandType),
    );
    if (command === undefined) throw new Error(`No command ${name} is registered.`);
    return command;
  }

  /** The options as Discord sends them, checked against what was registered, as its client does. */
  #typed(path: string, given: Readonly<Record<string, unknown>>, focused: string | null): object {
    const [name = "", ...rest] = path.split(" ");
    const command = this.#registered(name, 1);
    const nest = (options: readonly Loose[], words: readonly string[]): readonly object[] => {
      const [word, ...more] = words;
      if (word === undefined) return this.#options(path, options, given, focused);
      const sub = options.find((each) => each["name"] === word && Number(each["type"]) <= 2);
      if (sub === undefined) throw new Error(`/${path} is not registered.`);
      return [{ type: sub["type"], name: word, options: nest(list(sub["options"]), more) }];
    };
    const resolved = this.#resolved(given);
    const { id } = command;
    return {
      id,
      name,
      type: 1,
      guild_id: this.#world.guild.id,
      options: nest(list(command.options), rest),
      resolved,
    };
  }

  #options(
    path: string,
    registered: readonly Loose[],
    given: Readonly<Record<string, unknown>>,
    focused: string | null,
  ): readonly object[] {
    if (registered.some(({ type }) => Number(type) <= 2)) throw new Error(`/${path} cannot be run bare.`);
    const missing = registered.find(
      ({ name, required }) => required === true && given[String(name)] === undefined,
    );
    if (missing !== undefined && focused === null)
      throw new Error(`/${path} needs ${String(missing["name"])}.`);
    return Object.entries(given).map(([name, value]) => {
      const option = registered.find((each) => each["name"] === name);
      if (option === undefined) throw new Error(`/${path} has no option ${name}.`);
      if (focused === null) checkValue(`/${path} ${name}`, option, value);
      if (name === focused && option["autocomplete"] !== true) throw new Error(`${name} is not completed.`);
      return { name, type: option["type"], value, ...(name === focused ? { focused: true } : {}) };
    });
  }

  #resolved(given: Readonly<Record<string, unknown>>): object {
    const ids = Object.values(given)
      .filter((value) => this.#world.members.has(String(value)))
      .map(String);
    const people = ids.map((id) => this.#world.members.get(id)).filter((each) => each !== undefined);
    return {
      users: Object.fromEntries(people.map(({ user }) => [user.id, user])),
      members: Object.fromEntries(
        people.map((each) => [each.user.id, { ...this.#world.memberJson(each), permissions: "0" }]),
      ),
    };
  }
}

function checkValue(what: string, option: Loose, value: unknown): void {
  const type = Number(option["type"]);
  const fits =
    type === 4
      ? Number.isInteger(value)
      : type === 5
        ? typeof value === "boolean"
        : type === 10
          ? typeof value === "number"
          : typeof value === "string";
  if (!fits) throw new Error(`${what} does not take ${String(value)}.`);
  const choices = list(option["choices"]);
  if (choices.length > 0 && !choices.some((choice) => choice["value"] === value))
    throw new Error(`${what} offers no ${String(value)}.`);
  const {
    min_length: least = 0,
    max_length: most = 6000,
    min_value: low,
    max_value: high,
  } = option as Record<string, number>;
  if (typeof value === "string" && (value.length < least || value.length > most))
    throw new Error(`${what} has a length.`);
  if (
    typeof value === "number" &&
    ((low !== undefined && value < low) || (high !== undefined && value > high))
  )
    throw new Error(`${what} has bounds.`);
}

/** Every component of a message, nested ones included. */
export function flat(components: readonly (APIMessageComponent | object)[]): readonly Loose[] {
  return list(components).flatMap((each) => [
    each,
    ...flat(list(each["components"])),
    ...(each["accessory"] === undefined ? [] : flat([loose(each["accessory"])])),
  ]);
}
