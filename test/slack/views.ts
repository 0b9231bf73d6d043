import { type Args, type Call, type Method, needed, refuse, type SlackView } from "./call.ts";
import { viewErrors } from "./limits.ts";
import { BOT, TEAM } from "./workspace.ts";

/** At most so many modals lie on each other. */
const STACK_MAX = 3;

function fitting(args: Args, type: "modal" | "home"): { readonly [field: string]: any } {
  needed(args, "view");
  const { view } = args;
  const errors = viewErrors(view);
  if (errors.length > 0) refuse("invalid_arguments", errors);
  if (view["type"] !== type) refuse("invalid_arguments", [`[ERROR] view must be a ${type}`]);
  return view as { readonly [field: string]: any };
}

let made = 0;
const id = (letter: string): string => {
  made += 1;
  return `${letter}${String(made).padStart(6, "0")}`;
};

function open(call: Call, previous: SlackView | null): { readonly view: unknown } {
  needed(call.args, "trigger_id");
  const view = fitting(call.args, "modal");
  const external = String(view["external_id"] ?? "");
  if (external !== "" && [...call.views.values()].some((one) => one.external_id === external)) {
    refuse("duplicate_external_id");
  }
  // Only now: a view that Slack refuses does not use the trigger up.
  call.useTrigger(String(call.args["trigger_id"]));
  const opened: SlackView = {
    id: id("V"),
    user: null,
    type: "modal",
    hash: id("H"),
    external_id: external,
    view,
    previous: previous?.id ?? null,
  };
  call.views.set(opened.id, opened);
  return { view: viewJson(opened) };
}

/** A view as Slack hands it back and puts it into payloads. */
export function viewJson(
  { id: viewId, hash, type, external_id, view, previous }: SlackView,
  values: Args = {},
): { readonly [field: string]: unknown } {
  return {
    private_metadata: "",
    callback_id: "",
    ...view,
    id: viewId,
    team_id: TEAM.id,
    app_id: BOT.app,
    bot_id: BOT.id,
    type,
    hash,
    external_id,
    state: { values },
    root_view_id: previous ?? viewId,
    previous_view_id: previous,
  };
}

function depth(views: Call["views"], view: SlackView): number {
  const below = view.previous === null ? undefined : views.get(view.previous);
  return below === undefined ? 1 : 1 + depth(views, below);
}

export const VIEWS: Readonly<Record<string, Method>> = {
  "views.open": { token: "bot", run: (call) => open(call, null) },
  "views.push": {
    token: "bot",
    run(call) {
      const below = [...call.views.values()].findLast(({ type }) => type === "modal");
      if (below !== undefined && depth(call.views, below) >= STACK_MAX) refuse("push_limit_reached");
      return open(call, below ?? null);
    },
  },
  "views.update": {
    token: "bot",
    run({ args, views }) {
      const { view_id: viewId, external_id: external, hash } = args;
      const found = [...views.values()].find(
        (one) => one.id === viewId || (external && one.external_id === external),
      );
      if (found === undefined) refuse("not_found");
      if (hash !== undefined && hash !== found.hash) refuse("hash_conflict");
      found.view = fitting(args, found.type);
      found.hash = id("H");
      return { view: viewJson(found) };
    },
  },
  "views.publish": {
    token: "bot",
    run({ args, views, workspace }) {
      needed(args, "user_id");
      const user = String(args["user_id"]);
      if (!workspace.users.has(user)) refuse("user_not_found");
      const view = fitting(args, "home");
      const old = [...views.values()].find((one) => one.type === "home" && one.user === user);
      if (args["hash"] !== undefined && old !== undefined && args["hash"] !== old.hash)
        refuse("hash_conflict");
      const home: SlackView = {
        id: old?.id ?? id("V"),
        user,
        type: "home",
        hash: id("H"),
        external_id: "",
        view,
        previous: null,
      };
      views.set(home.id, home);
      return { view: viewJson(home) };
    },
  },
};
