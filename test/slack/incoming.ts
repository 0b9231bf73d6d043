import { createHmac } from "node:crypto";
import type { SlackView } from "./call.ts";
import { type Acked, DEADLINE_MS, type Retry, type Sockets } from "./sockets.ts";
import { viewJson } from "./views.ts";
import { BOT, type SlackMessage, TEAM, type Workspace } from "./workspace.ts";

/** Where signed requests go, instead of to a socket. */
export interface RequestUrl {
  readonly url: string;
  readonly signingSecret: string;
}

export interface Who {
  readonly user?: string;
  readonly channel?: string;
}

/** How one request differs from a good one. */
export interface Wrong {
  /** Instead of the right signature. */
  readonly signature?: string;
  /** When it says it was sent, in seconds since 1970 UTC. */
  readonly sentAt?: number;
}

type Kind = "slash_commands" | "events_api" | "interactive";

let events = 0;

/** What Slack tells an app: by socket, or by signed requests once `requestUrl` is set. Each resolves with the acknowledgement. */
export abstract class Incoming {
  requestUrl: RequestUrl | null = null;
  abstract readonly workspace: Workspace;
  abstract readonly sockets: Sockets;
  abstract readonly views: Map<string, SlackView>;
  abstract readonly now: () => number;
  abstract trigger(): string;
  abstract responseUrl(): string;

  /** `/gate TEXT` */
  slash(
    text: string,
    { user = "U0ADA", channel = "C0GENERAL", ...more }: Who & { readonly command?: string } = {},
  ) {
    return this.tell("slash_commands", {
      token: "unused",
      team_id: TEAM.id,
      team_domain: TEAM.domain,
      channel_id: channel,
      channel_name: this.workspace.channels.get(channel)?.name ?? "directmessage",
      user_id: user,
      user_name: this.workspace.users.get(user)?.name ?? user,
      command: "/gate",
      text,
      api_app_id: BOT.app,
      is_enterprise_install: "false",
      response_url: this.responseUrl(),
      trigger_id: this.trigger(),
      ...more,
    });
  }

  /** Something happened. With `eventId`, the same once more. */
  event(
    event: { readonly type: string; readonly [field: string]: unknown },
    { eventId, retry = null }: { readonly eventId?: string; readonly retry?: Retry | null } = {},
  ) {
    events += 1;
    return this.tell(
      "events_api",
      {
        token: "unused",
        team_id: TEAM.id,
        api_app_id: BOT.app,
        event,
        type: "event_callback",
        event_id: eventId ?? `Ev${String(events).padStart(8, "0")}`,
        event_time: Math.floor(this.now() / 1000),
        authorizations: [
          {
            enterprise_id: null,
            team_id: TEAM.id,
            user_id: BOT.user,
            is_bot: true,
            is_enterprise_install: false,
          },
        ],
        is_ext_shared_channel: false,
      },
      retry,
    );
  }

  /** A person writes a message: it stands in the workspace, and the event of it, which the app is still to be told. */
  write(
    text: string,
    { user = "U0ADA", channel = "C0GENERAL", thread }: Who & { readonly thread?: string } = {},
  ) {
    const message = this.workspace.write(channel, { user, text, thread_ts: thread ?? null }, this.now());
    const event = {
      type: "message",
      channel,
      channel_type: channel.startsWith("D") ? "im" : "channel",
      user,
      text,
      ts: message.ts,
      event_ts: message.ts,
      team: TEAM.id,
      ...(thread === undefined ? {} : { thread_ts: thread }),
    };
    return { ts: message.ts, message, event };
  }

  /** The author changes a message; answers with the event of it. */
  rewrite(channel: string, ts: string, text: string) {
    const message = this.#at(channel, ts);
    const previous = this.#plain(message);
    message.text = text;
    message.edited = { user: message.user, ts: this.workspace.stamp(this.now()) };
    const event_ts = message.edited.ts;
    return {
      type: "message",
      subtype: "message_changed",
      channel,
      ts: event_ts,
      event_ts,
      hidden: true,
      message: { ...this.#plain(message), edited: message.edited },
      previous_message: previous,
    };
  }

  /** The author deletes a message; answers with the event of it. */
  erase(channel: string, ts: string) {
    const previous_message = this.#plain(this.#at(channel, ts));
    this.workspace.remove(channel, ts);
    const event_ts = this.workspace.stamp(this.now());
    return {
      type: "message",
      subtype: "message_deleted",
      channel,
      ts: event_ts,
      event_ts,
      hidden: true,
      deleted_ts: ts,
      previous_message,
    };
  }

  /** Presses a button of a message, or chooses an option of its selects and overflow menus, by what stands on it. */
  press(channel: string, ts: string, label: string, { user = "U0ADA" }: Who = {}) {
    const found = pressable(this.#at(channel, ts).blocks).find((one) => one.label === label);
    if (found === undefined) throw new Error(`nothing in ${ts} says "${label}"`);
    return this.action(found.action, { user, channel, ts });
  }

  /** Any action on a message or in a view. */
  action(
    action: { readonly action_id: string; readonly [field: string]: unknown },
    { user = "U0ADA", channel, ts, view }: Who & { readonly ts?: string; readonly view?: string } = {},
  ) {
    return this.tell("interactive", {
      ...this.#acting(user),
      type: "block_actions",
      ...this.#place(channel, ts, view),
      actions: [{ block_id: "b", action_ts: this.workspace.stamp(this.now()), ...action }],
      state: { values: {} },
    });
  }

  /** Somebody types into a select that asks for its options. */
  options(action_id: string, value: string, { user = "U0ADA", view }: Who & { readonly view?: string } = {}) {
    return this.tell("interactive", {
      ...this.#acting(user),
      type: "block_suggestion",
      ...this.#place(undefined, undefined, view),
      action_id,
      block_id: "b",
      value,
    });
  }

  /** `values` as Slack keeps them: by block, then by action. */
  viewSubmission(
    view: string,
    values: { readonly [block: string]: { readonly [action: string]: object } },
    { user = "U0ADA" }: Who = {},
  ) {
    return this.tell("interactive", {
      ...this.#acting(user),
      type: "view_submission",
      view: viewJson(this.#view(view), values),
      response_urls: [],
    });
  }

  viewClosed(view: string, { user = "U0ADA" }: Who = {}) {
    const closed = viewJson(this.#view(view));
    this.views.delete(view);
    return this.tell("interactive", {
      ...this.#acting(user),
      type: "view_closed",
      view: closed,
      is_cleared: false,
    });
  }

  /** A shortcut of the whole workspace, or of a message. */
  shortcut(callback_id: string, { user = "U0ADA", channel, ts }: Who & { readonly ts?: string } = {}) {
    const on = channel === undefined || ts === undefined ? null : { channel, ts };
    return this.tell("interactive", {
      ...this.#acting(user),
      callback_id,
      action_ts: this.workspace.stamp(this.now()),
      ...(on === null
        ? { type: "shortcut" }
        : {
            type: "message_action",
            channel: { id: on.channel, name: this.workspace.channels.get(on.channel)?.name },
            message_ts: on.ts,
            message: this.#plain(this.#at(on.channel, on.ts)),
            response_url: this.responseUrl(),
          }),
    });
  }

  /** Hands a payload over as it is: by socket or, where there is a request address, by a signed request. */
  tell(kind: Kind, payload: object, retry: Retry | null = null, wrong: Wrong = {}): Promise<Acked> {
    return this.requestUrl === null
      ? this.sockets.send(kind, payload, retry)
      : this.#request(this.requestUrl, kind, payload, retry, wrong);
  }

  async #request(
    { url, signingSecret }: RequestUrl,
    kind: Kind,
    payload: object,
    retry: Retry | null,
    wrong: Wrong,
  ): Promise<Acked> {
    const body =
      kind === "events_api"
        ? JSON.stringify(payload)
        : new URLSearchParams(
            kind === "interactive"
              ? { payload: JSON.stringify(payload) }
              : (payload as Record<string, string>),
          ).toString();
    const sentAt = wrong.sentAt ?? Math.floor(this.now() / 1000);
    const mac = createHmac("sha256", signingSecret).update(`v0:${sentAt}:${body}`).digest("hex");
    const began = performance.now();
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": kind === "events_api" ? "application/json" : "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": String(sentAt),
        "x-slack-signature": wrong.signature ?? `v0=${mac}`,
        ...(retry === null
          ? {}
          : { "x-slack-retry-num": String(retry.attempt), "x-slack-retry-reason": retry.reason }),
      },
      body,
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch((error: unknown) => {
      if (error instanceof Error && error.name === "TimeoutError") return null;
      throw error;
    });
    const said = (await response?.text()) ?? "";
    const ms = performance.now() - began;
    const json = response?.headers.get("content-type")?.includes("json") === true;
    return {
      id: String(response?.status ?? "none"),
      acked: response?.status === 200,
      body: json ? (JSON.parse(said) as unknown) : said,
      ms,
    };
  }

  #acting(user: string) {
    return {
      token: "unused",
      api_app_id: BOT.app,
      team: { id: TEAM.id, domain: TEAM.domain },
      user: { id: user, username: this.workspace.users.get(user)?.name ?? user, team_id: TEAM.id },
      enterprise: null,
      is_enterprise_install: false,
      trigger_id: this.trigger(),
    };
  }

  #place(channel: string | undefined, ts: string | undefined, view: string | undefined) {
    if (view !== undefined) {
      const shown = viewJson(this.#view(view));
      return { view: shown, container: { type: "view", view_id: view } };
    }
    if (channel === undefined || ts === undefined) return {};
    return {
      channel: { id: channel, name: this.workspace.channels.get(channel)?.name ?? "directmessage" },
      message: this.#plain(this.#at(channel, ts)),
      container: { type: "message", message_ts: ts, channel_id: channel, is_ephemeral: false },
      response_url: this.responseUrl(),
    };
  }

  #view(id: string): SlackView {
    const view = this.views.get(id);
    if (view === undefined) throw new Error(`there is no view ${id}`);
    return view;
  }

  #at(channel: string, ts: string): SlackMessage {
    const message = this.workspace.message(channel, ts);
    if (message === null) throw new Error(`there is no message ${ts} in ${channel}`);
    return message;
  }

  #plain({ ts, user, text, blocks, bot_id, thread_ts }: SlackMessage) {
    return {
      type: "message",
      ts,
      user,
      text,
      team: TEAM.id,
      ...(blocks.length > 0 ? { blocks } : {}),
      ...(bot_id === undefined ? {} : { bot_id, app_id: BOT.app }),
      ...(thread_ts === null ? {} : { thread_ts }),
    };
  }
}

/** What can be pressed or chosen: what stands on it, what it stands for, and the action Slack would tell of it. */
export interface Choice {
  readonly label: string;
  readonly value: string;
  readonly action: { readonly action_id: string; readonly [field: string]: unknown };
}

export function pressable(blocks: readonly { readonly [field: string]: any }[]): readonly Choice[] {
  return blocks.flatMap((block, index) => {
    const elements = (block["elements"] ?? [block["accessory"]]) as readonly any[];
    const block_id = String(block["block_id"] ?? `b${index}`);
    return elements.flatMap((element): readonly Choice[] => {
      const { type, action_id, value, text, options } = element ?? {};
      if (type === "button") {
        return [{ label: text.text, value, action: { type, action_id, block_id, value, text } }];
      }
      if (type !== "overflow" && type !== "static_select") return [];
      return options.map((selected_option: any) => ({
        label: selected_option.text.text,
        value: selected_option.value,
        action: { type, action_id, block_id, selected_option },
      }));
    });
  });
}
