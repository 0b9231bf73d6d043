import type { Workspace } from "./workspace.ts";

export type Args = { readonly [name: string]: any };
export type Answer = { readonly [field: string]: unknown };

/** One call of a method, after token, scope and rate have been looked at. */
export interface Call {
  readonly workspace: Workspace;
  readonly args: Args;
  readonly now: number;
  readonly scopes: ReadonlySet<string>;
  /** Uses a trigger up; refuses where it is unknown, older than three seconds or used before. */
  readonly useTrigger: (id: string) => void;
  readonly views: Map<string, SlackView>;
}

/** `bot`, `app`: which token it takes. `scope`: what that token must have been granted. */
export interface Method {
  readonly token: "bot" | "app";
  readonly scope?: string | ((call: Call) => string | null);
  readonly run: (call: Call) => Answer;
}

export interface SlackView {
  readonly id: string;
  readonly user: string | null;
  readonly type: "modal" | "home";
  hash: string;
  readonly external_id: string;
  /** As it was handed in. */
  view: { readonly [field: string]: any };
  /** The view below it on the stack of modals. */
  readonly previous: string | null;
}

/** `{ok: false, error}` with whatever else Slack says beside it. */
export class Refused extends Error {
  readonly more: Answer;

  constructor(error: string, more: Answer = {}) {
    super(error);
    this.more = more;
  }
}

export function refuse(error: string, messages?: readonly string[]): never {
  throw new Refused(error, messages === undefined ? {} : { response_metadata: { messages } });
}

export function needed(args: Args, ...names: readonly string[]): void {
  const missing = names.filter((name) => args[name] === undefined || args[name] === "");
  if (missing.length > 0) {
    refuse(
      "invalid_arguments",
      missing.map((name) => `[ERROR] missing required field: ${name}`),
    );
  }
}

export const flag = (value: unknown): boolean => value === true || value === "true" || value === "1";
