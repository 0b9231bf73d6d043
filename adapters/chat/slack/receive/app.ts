import { App } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { MessageRef } from "../../../../src/core/message.ts";
import { answerText } from "../../../../src/ports/chat-answer.ts";
import type { ChatDesk } from "../../../../src/ports/chat-receiver.ts";
import { Trouble } from "../../../../src/ports/trouble.ts";
import { clientOptions, silent } from "../client.ts";
import { Forms } from "../form/forms.ts";
import { PICK } from "../form/line-form.ts";
import { PROVE } from "../form/prove-form.ts";
import type { Home } from "../home/home.ts";
import { ATTACH_SHORTCUT, FORM_SHORTCUT } from "../manifest.ts";
import { type Press, readPress } from "../press.ts";
import { tellPresser } from "./answer.ts";
import { arrivalsOf, messageEvent, personOf } from "./events.ts";
import { Inlet } from "./inlet.ts";
import { pressEvent, pressed, pressedAt, submitEvent, typedAt, typedLine, userOf } from "./lines.ts";
import { type Fields, fieldsOf, type Kept, NOWHERE, type Place, SLACK, textOf } from "./payload.ts";
import { proofOf, type ShownProof } from "./shortcut.ts";
import { type SlackSettings, slackRefusal } from "./web.ts";

export interface Listening {
  readonly settings: SlackSettings;
  readonly desk: ChatDesk;
  readonly client: WebClient;
  readonly home: Home;
  /** The bot's own user id. */
  readonly self: () => string | null;
}

/** The Bolt app with everything it listens to. What changes something is kept before Slack is thanked for it. */
export function slackApp(listening: Listening): Inlet {
  const { settings, self } = listening;
  const inlet = new Inlet();
  const app = new App({
    receiver: inlet,
    // The token was tested already, and is tested again: Bolt's own test would end the process.
    authorize: () => {
      const botUserId = self();
      return Promise.resolve({ botToken: settings.botToken, ...(botUserId === null ? {} : { botUserId }) });
    },
    // A message is told apart from the bot's own where it is read: Bolt would leave out those of other bots' edits.
    ignoreSelf: false,
    convoStore: false,
    logger: silent,
    clientOptions: clientOptions(settings),
  });
  app.error(async (error) => {
    throw error.original ?? error;
  });
  listen(app, new Listener(listening));
  return inlet;
}

function listen(app: App, hear: Listener): void {
  app.event("message", ({ body }) => hear.message(asFields(body)));
  app.event("app_mention", ({ body }) => hear.message(asFields(body)));
  app.event("app_home_opened", ({ body }) => hear.homeOpened(fieldsOf(asFields(body)["event"])));
  app.command(/^\/.+$/u, ({ body, ack }) => hear.command(asFields(body), ack));
  app.action(PICK, async ({ body, ack }) => {
    await ack();
    await hear.picked(asFields(body));
  });
  app.action(/^gate:(?!pick$)/u, ({ body, ack }) => hear.pressed(asFields(body), () => ack()));
  app.options(/^offer:/u, ({ body, ack }) =>
    hear.options(asFields(body), (options) => ack({ options } as never)),
  );
  app.view({ callback_id: /^gate:/u, type: "view_submission" }, ({ body, ack }) =>
    hear.submitted(asFields(body), (answer) => ack(answer as never)),
  );
  app.shortcut(ATTACH_SHORTCUT, ({ body, ack }) => hear.attach(asFields(body), () => ack()));
  app.shortcut(FORM_SHORTCUT, async ({ body, ack }) => {
    await ack();
    await hear.form(asFields(body), NOWHERE, null);
  });
}

function asFields(body: unknown): Fields {
  return body as Fields;
}

const NOT_KEPT =
  "Gatehouse cannot keep that just now, so nothing was done. Its database does not answer: try again in a moment.";
const TOO_LATE = "That took longer than Slack waits for a form. Press it once more.";

/** What each of Slack's payloads comes to. */
class Listener {
  readonly #desk: ChatDesk;
  readonly #forms: Forms;
  readonly #home: Home;

  constructor({ desk, client, home }: Listening) {
    this.#desk = desk;
    this.#forms = new Forms(client, desk);
    this.#home = home;
  }

  async message(body: Fields): Promise<void> {
    for (const arrival of arrivalsOf(body)) await this.#desk.receive(arrival);
  }

  homeOpened(event: Fields): Promise<void> {
    const user = textOf(event["user"]);
    if (event["tab"] === "home" && user !== null) this.#home.opened(user, textOf(event["channel"]));
    return Promise.resolve();
  }

  async command(body: Fields, ack: (words?: string) => Promise<void>): Promise<void> {
    const typed = typedLine(body);
    if (typed === null) {
      await ack();
      await this.form(body, typedAt(body), null);
      return;
    }
    try {
      await this.#keep(typed.event, typed.line);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      await ack(NOT_KEPT);
      return;
    }
    await ack();
  }

  async picked(body: Fields): Promise<void> {
    await this.#forms.redraw(fieldsOf(body["view"]), userOf(body), pressed(body).value);
  }

  async pressed(body: Fields, ack: () => Promise<void>): Promise<void> {
    const { id, value } = pressed(body);
    const press = readPress(id, value);
    const place = pressedAt(body);
    if (press === null) return ack();
    switch (press.do) {
      case "line":
        return this.#pressedLine(body, place, { line: press.line, confirmed: false }, ack);
      case "confirm": {
        const at = press.below === null ? place : { ...place, message: press.below };
        return this.#pressedLine(body, at, { line: press.line, confirmed: true }, ack);
      }
      case "look-up":
        return this.#lookUp(body, place, press, ack);
      case "dismiss": {
        await ack();
        return tellPresser(place.url, "Nothing was done.", place.asked);
      }
      case "ask":
      case "attach":
      case "form":
        await ack();
        return this.#open(body, place, press);
    }
  }

  async #pressedLine(
    body: Fields,
    place: Place,
    line: { readonly line: string; readonly confirmed: boolean },
    ack: () => Promise<void>,
  ): Promise<void> {
    await this.#keep(pressEvent(body), { kind: "line", user: userOf(body), ...line, ...place });
    await ack();
  }

  /** The line is longer than a button holds: it stands with the notice. */
  async #lookUp(
    body: Fields,
    place: Place,
    press: Extract<Press, { readonly do: "look-up" }>,
    ack: () => Promise<void>,
  ): Promise<void> {
    const line = await this.#desk.actionLine(press.notice, press.index);
    if (line !== null) return this.#pressedLine(body, place, { line, confirmed: false }, ack);
    await ack();
    await tellPresser(place.url, "That is of an earlier time and cannot be done any more.", false);
  }

  async #open(
    body: Fields,
    place: Place,
    press: Extract<Press, { readonly do: "ask" | "attach" | "form" }>,
  ): Promise<void> {
    const trigger = textOf(body["trigger_id"]) ?? "";
    const path = press.do === "form" ? press.path : PROVE;
    const line = press.do === "ask" ? press.line : path === null ? null : `/gate ${path}`;
    if (line !== null && (await this.#refused(body, place, line))) return;
    await this.#opening(place, async () => {
      if (press.do === "ask") await this.#forms.openWords(trigger, place, press.line, press.question);
      else if (press.do === "attach")
        await this.#forms.openProve(trigger, place, { task: press.task, link: null });
      else await this.#forms.openLine(trigger, userOf(body), place, press.path);
    });
  }

  /**
   * Whoever may not run a line is told so before a form asks for the rest of it. Where that cannot be told now the form is
   * opened, and it is asked again when it is submitted.
   */
  async #refused(body: Fields, { url }: Place, line: string): Promise<boolean> {
    if (url === null) return false;
    const refusal = await this.#desk.refusalOf(personOf(userOf(body)), line).catch(() => null);
    if (refusal !== null) await tellPresser(url, answerText(refusal), false);
    return refusal !== null;
  }

  /** A form of any command. */
  async form(body: Fields, place: Place, path: string | null): Promise<void> {
    const trigger = textOf(body["trigger_id"]) ?? "";
    await this.#opening(place, () => this.#forms.openLine(trigger, userOf(body), place, path));
  }

  async #opening(place: Place, open: () => Promise<void>): Promise<void> {
    try {
      await open();
    } catch (error) {
      const refused = slackRefusal(error);
      if (refused?.error.includes("trigger") !== true) throw error;
      await tellPresser(place.url, TOO_LATE, false);
    }
  }

  async options(body: Fields, ack: (options: readonly object[]) => Promise<void>): Promise<void> {
    await ack(await this.#forms.offers(body, userOf(body)));
  }

  async submitted(body: Fields, ack: (answer?: object) => Promise<void>): Promise<void> {
    const view = fieldsOf(body["view"]);
    const user = userOf(body);
    const submitted = await this.#forms.submitted(view, user);
    if ("errors" in submitted) return ack({ response_action: "errors", errors: submitted.errors });
    if ("view" in submitted) return ack({ response_action: "update", view: submitted.view });
    const { channel, url, thread, message } = submitted.carried;
    const place = { channel, url, thread, message, asked: false };
    await this.#keep(submitEvent(view), {
      kind: "line",
      user,
      line: submitted.line,
      confirmed: false,
      ...place,
    });
    return ack();
  }

  /**
   * “Attach as proof” on a message. Below a task's card its links are attached as if the person had written it there; else
   * a form asks for the task.
   */
  async attach(body: Fields, ack: () => Promise<void>): Promise<void> {
    const proof = proofOf(body);
    const place = pressedAt(body);
    const task = proof === null ? null : await this.#desk.taskAt(below(proof));
    if (proof !== null && task !== null && proof.link !== null) {
      const { channel, ts, head, text } = proof;
      const kept: Kept = { kind: "proof", user: userOf(body), channel, ts, head, text };
      await this.#keep(`${messageEvent(channel, ts)}:${pressEvent(body)}`, kept, `${channel}:${head}`);
      return ack();
    }
    await ack();
    if (await this.#refused(body, place, `/gate ${PROVE}`)) return;
    const trigger = textOf(body["trigger_id"]) ?? "";
    const known = { task, link: proof?.link ?? null };
    await this.#opening(place, () => this.#forms.openProve(trigger, { ...place, message: null }, known));
  }

  async #keep(event: string, payload: Kept, thread: string | null = null): Promise<void> {
    await this.#desk.receive({ platform: SLACK, event, thread, payload });
  }
}

function below({ channel, head }: ShownProof): MessageRef {
  return { platform: SLACK, channel, message: head };
}
