import type { Dispatch } from "../../core/dispatch.ts";
import { WrongUsage } from "./cli.ts";

/** The options of `lane set` that say how work is handed out. Lengths of time are milliseconds. */
export interface DispatchOptions {
  readonly dispatchAgent?: string;
  readonly dispatchUrl?: string;
  readonly dispatchArgv?: readonly string[];
  readonly dispatchTimeout?: number;
  readonly dispatchChannel?: string;
  readonly dispatchMention?: string;
  readonly offer?: number;
}

/** What was said, under the names the settings have; what was not said is not there. */
export function dispatchOf(kind: string, options: DispatchOptions): Dispatch {
  const { dispatchChannel, dispatchTimeout, offer } = options;
  const [platform, ...channel] = dispatchChannel?.split(":") ?? [];
  const said = {
    agent: options.dispatchAgent,
    url: options.dispatchUrl,
    argv: options.dispatchArgv,
    timeoutSeconds: dispatchTimeout === undefined ? undefined : dispatchTimeout / 1000,
    platform,
    channel: platform === undefined ? undefined : channel.join(":"),
    mention: options.dispatchMention,
    offerSeconds: offer === undefined ? undefined : offer / 1000,
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return { kind, ...Object.fromEntries(given) };
}

export function readArgv(text: string): readonly string[] {
  let argv: unknown;
  try {
    argv = JSON.parse(text);
  } catch {
    argv = null;
  }
  if (Array.isArray(argv) && argv.every((each) => typeof each === "string")) return argv;
  throw new WrongUsage('--dispatch-argv takes a JSON array of text, such as ["./start-agent", "--once"].');
}
