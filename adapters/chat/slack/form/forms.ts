import type { WebClient } from "@slack/web-api";
import { roleReaches } from "../../../../src/core/role.ts";
import { answerText } from "../../../../src/ports/chat-answer.ts";
import { writeLine } from "../../../../src/ports/chat-catalogue.ts";
import type { ChatDesk, Offer } from "../../../../src/ports/chat-receiver.ts";
import { personOf } from "../receive/events.ts";
import { type Carried, completed, readCarried } from "../receive/lines.ts";
import { type Fields, fieldsOf, textOf } from "../receive/payload.ts";
import { slackRefusal } from "../receive/web.ts";
import { blockOf, options, readOfferAction, valuesOf } from "./field.ts";
import { lineForm, PICK_BLOCK } from "./line-form.ts";
import { PROVE, type ProofSoFar, proveForm } from "./prove-form.ts";
import { loadingView, sorryView, type View } from "./view.ts";
import { WORDS, WORDS_BLOCK, wordsForm } from "./words-form.ts";

/** What a submitted view comes to: a line to keep, or what is wrong, by block. */
export type Submitted =
  | { readonly line: string; readonly carried: Carried }
  | { readonly errors: Readonly<Record<string, string>> }
  /** Another view in its place. */
  | { readonly view: View };

const ERROR_MAX = 150;
/** The longest line a form carries along. */
const LINE_MAX = 2200;
const GONE: ReadonlySet<string> = new Set(["not_found", "hash_conflict", "view_not_found"]);

/** Modals: opened at once, filled in when what they need is known, read when they are submitted. */
export class Forms {
  readonly #client: WebClient;
  readonly #desk: ChatDesk;

  constructor(client: WebClient, desk: ChatDesk) {
    this.#client = client;
    this.#desk = desk;
  }

  /** A form for any command, or for one. */
  async openLine(trigger: string, user: string, carried: Carried, path: string | null): Promise<void> {
    await this.#open(trigger, carried, async () => this.lineView(user, carried, path));
  }

  async lineView(user: string, carried: Carried, path: string | null): Promise<View> {
    const role = await this.#desk.roleOf(personOf(user));
    const commands = this.#desk.catalogue.filter((command) => roleReaches(role, command.role));
    return lineForm(
      commands,
      commands.find((command) => command.path === path),
      carried,
    );
  }

  /** Somebody chose another command in the form. */
  async redraw(view: Fields, user: string, path: string): Promise<void> {
    const carried = readCarried(textOf(view["private_metadata"]));
    if (carried === null) return;
    await this.#update(view, await this.lineView(user, carried, path));
  }

  async openProve(
    trigger: string,
    carried: Carried,
    known: { readonly task: string | null; readonly link: string | null },
  ): Promise<void> {
    await this.#open(trigger, carried, async () => {
      const prove = this.#desk.catalogue.find(({ path }) => path === PROVE);
      if (prove === undefined) return sorryView(carried, "Proofs cannot be attached here.");
      return proveForm(prove, await this.#proof(known), carried);
    });
  }

  async #proof({
    task: key,
    link,
  }: {
    readonly task: string | null;
    readonly link: string | null;
  }): Promise<ProofSoFar> {
    const task = key === null ? null : await this.#desk.task(key);
    if (task === null) return { task: null, link };
    const wants = task.requirements.map(({ name, kind }) => `${name} (${kind})`);
    return { task: { key: task.key, title: task.title, wants }, link };
  }

  /** Nothing has to be looked up: it stands there at once. */
  async openWords(trigger: string, carried: Carried, line: string, question: string): Promise<void> {
    const long = "That is longer than a form can hold: type it as a command.";
    const view = line.length > LINE_MAX ? sorryView(carried, long) : wordsForm(line, question, carried);
    await this.#client.views.open({ trigger_id: trigger, view: view as never });
  }

  /** Values for a searching select, best first. */
  async offers(body: Fields, user: string): Promise<readonly object[]> {
    const asked = readOfferAction(textOf(body["action_id"]) ?? "");
    if (asked === null) return [];
    const state = fieldsOf(fieldsOf(fieldsOf(body["view"])["state"])["values"]);
    const given = Object.fromEntries(
      Object.entries(valuesOf(state, asked.verb)).filter(
        (entry): entry is [string, string] => entry[1] !== true,
      ),
    );
    const typed = textOf(body["value"]) ?? "";
    const found: readonly Offer[] = await this.#desk.offers(personOf(user), { ...asked, typed, given });
    return options(found);
  }

  /** Reads a submitted view: the line it stands for, checked as far as it can be without running it. */
  async submitted(view: Fields, user: string): Promise<Submitted> {
    const carried = readCarried(textOf(view["private_metadata"]));
    const state = fieldsOf(fieldsOf(view["state"])["values"]);
    if (carried === null) return { errors: {} };
    const callback = textOf(view["callback_id"]);
    if (callback === "gate:words") {
      const words = textOf(fieldsOf(fieldsOf(state[WORDS_BLOCK])[WORDS])["value"]) ?? "";
      return this.#checked(completed(carried.line ?? "", words), user, carried, () => WORDS_BLOCK);
    }
    if (callback !== "gate:prove") return this.#line(state, user, carried);
    return this.#checked(writeLine(PROVE, valuesOf(state, PROVE)), user, carried, (name) =>
      blockOf(PROVE, name ?? "link"),
    );
  }

  async #line(state: Fields, user: string, carried: Carried): Promise<Submitted> {
    const [picked = {}] = Object.values(fieldsOf(state[PICK_BLOCK])).map((value) => fieldsOf(value));
    const path = textOf(fieldsOf(picked["selected_option"])["value"]);
    if (path === null) return { errors: { [PICK_BLOCK]: "Choose what you would like to do." } };
    // Submitted before the command's own fields were drawn.
    if (path !== carried.path) return { view: await this.lineView(user, carried, path) };
    return this.#checked(writeLine(path, valuesOf(state, path)), user, carried, (name) =>
      name === null ? PICK_BLOCK : blockOf(path, name),
    );
  }

  async #checked(
    line: string,
    user: string,
    carried: Carried,
    blockFor: (argument: string | null) => string,
  ): Promise<Submitted> {
    const fault = await this.#desk.faultOf(personOf(user), line);
    if (fault === null) return { line, carried };
    const words = answerText(fault.answer).split("\n")[0] ?? "That does not fit.";
    return { errors: { [blockFor(fault.argument)]: words.slice(0, ERROR_MAX) } };
  }

  /** Shows that it works on it, then what it was asked for: by then the press may be three seconds old. */
  async #open(trigger: string, carried: Carried, content: () => Promise<View>): Promise<void> {
    const loading = loadingView(carried);
    const { view } = await this.#client.views.open({ trigger_id: trigger, view: loading as never });
    const opened = fieldsOf(view as never);
    const shown = await content().catch(() =>
      sorryView(carried, "Gatehouse cannot look that up right now. Try again in a moment."),
    );
    await this.#update({ id: opened["id"] }, shown);
  }

  async #update(view: Fields, content: View): Promise<void> {
    const id = textOf(view["id"]);
    if (id === null) return;
    const hash = textOf(view["hash"]);
    const at = { view_id: id, ...(hash === null ? {} : { hash }) };
    try {
      await this.#client.views.update({ ...at, view: content as never });
    } catch (error) {
      // Closed meanwhile, or drawn anew by a later choice.
      if (!GONE.has(slackRefusal(error)?.error ?? "")) throw error;
    }
  }
}
