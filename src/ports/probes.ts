import type { Channel } from "./channels.ts";

/** What was found of a chat's connection. `fix` says what to do; beside `ok` it is advice. */
export interface ChatFinding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string | null;
}

/** Looks at one chat's connection, and at what the bot may do in the channels that are subscribed. Never rejects. */
export type ChatProbe = (
  subscribed: readonly Pick<Channel, "platform" | "name" | "ping">[],
) => Promise<readonly ChatFinding[]>;

/** What the doctor asks of the machine it stands on. None of these throws: what cannot be found out is said. */
export interface Probes {
  /** `engines` as package.json writes it. */
  runtime(): { readonly version: string; readonly engines: string };
  /** Who answers where this configuration would listen: nobody, a Gatehouse, or something else. */
  port(): Promise<{
    readonly address: string;
    readonly state: "free" | "ours" | "other" | "unusable";
    readonly detail: string;
  }>;
  /** Of the folder of file and command proofs. `absent` is well where it will be made. */
  proofRoot(): Promise<{
    readonly path: string;
    readonly given: boolean;
    readonly state: "usable" | "absent" | "not-a-folder" | "unreadable";
  }>;
}
