import type { FloorLane } from "../core/floor.ts";
import type { Json } from "../core/json.ts";
import type { MessageRef } from "../core/message.ts";
import type { NeedKind, ShownNeed } from "../core/need.ts";
import type { Role } from "../core/role.ts";
import type { Priority, Status } from "../core/task.ts";
import type { Answer } from "./chat-answer.ts";
import type { CommandEntry } from "./chat-catalogue.ts";
import type { Arrival } from "./inbox.ts";

/** Somebody in a chat, by the platform's own ids. */
export interface Person {
  readonly platform: string;
  readonly id: string;
  /** The groups the platform itself told with the event; null where it has to be asked (`ChatReceiver.groups`). */
  readonly groups: readonly string[] | null;
}

/** What somebody did in a chat, as every platform's events come to the same few. */
export type Heard =
  /** A whole `/gate` line: typed, or what a button, a select or a form stands for. */
  | {
      readonly kind: "line";
      readonly person: Person;
      readonly channel: string;
      readonly line: string;
      /** The person was asked, and said yes. */
      readonly confirmed: boolean;
      /** The message it is about, if there is one: what is attached because of it is answered there. */
      readonly about?: MessageRef;
    }
  /** A message. `head`: the message it stands below, null in the channel itself. */
  | {
      readonly kind: "message";
      readonly person: Person;
      readonly message: MessageRef;
      readonly head: MessageRef | null;
      readonly text: string;
      /** The bot was named in it, or it is in a conversation with the bot alone. */
      readonly addressed: boolean;
    }
  /**
   * A message says something else now; `text` null: it was deleted. `person` null: nobody tells who. `head` as with a
   * message; null also where the platform does not tell.
   */
  | {
      readonly kind: "edited";
      readonly person: Person | null;
      readonly message: MessageRef;
      readonly head: MessageRef | null;
      readonly text: string | null;
    };

/** What the bot answers to a line, and who sees it. */
export interface LineAnswer {
  readonly answer: Answer;
  readonly visibility: "caller" | "channel";
}

/** Why a line cannot be run, as it would be answered. `argument`: the one that does not fit, null where it is none alone. */
export interface LineFault {
  readonly answer: Answer;
  readonly argument: string | null;
}

/** What a person sees who opens the bot's own page in a chat: what waits for people, and how the lanes stand. */
export interface Overview {
  readonly actor: string;
  readonly role: Role;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** What waits for this person by name, then what waits for anybody, each with what can be done about it. */
  readonly mine: readonly ShownNeed[];
  readonly needs: readonly ShownNeed[];
  /** Tasks this person did something about within a week that are not over, the latest first. */
  readonly tasks: readonly {
    readonly key: string;
    readonly title: string;
    readonly status: Status;
    readonly priority: Priority;
    readonly version: number;
  }[];
  /** How many wait in all, of each kind. */
  readonly counts: Readonly<Record<NeedKind, number>>;
  readonly lanes: readonly FloorLane[];
}

/** One value that may be typed next. `text` is the value itself, `about` what it is. */
export interface Offer {
  readonly text: string;
  readonly about: string;
}

/** A card or another message of the bot's that has a thread people may have written in meanwhile. */
export interface AnchoredThread {
  readonly channel: string;
  readonly anchor: string;
  readonly task: string;
}

/** What a receiver may ask of the house. Everything that changes something goes through `receive`. */
export interface ChatDesk {
  readonly catalogue: readonly CommandEntry[];
  /** Keeps what came and has it handled; answers once it is kept, so that the platform may be thanked. False: known already. */
  receive(arrival: Arrival): Promise<boolean>;
  roleOf(person: Person): Promise<Role>;
  /** What fits an argument that somebody is typing, best first, at most 25. `given`: the values of other arguments so far. */
  offers(
    person: Person,
    argument: {
      readonly verb: string;
      readonly name: string;
      readonly typed: string;
      readonly given: Readonly<Record<string, string>>;
    },
  ): Promise<readonly Offer[]>;
  /** What is wrong with a line, or with this person running it; null where it may be tried. Runs nothing. */
  faultOf(person: Person, line: string): Promise<LineFault | null>;
  /** What this person is answered who may not run such a line, before a form asks for the rest of it; null where they may. */
  refusalOf(person: Person, line: string): Promise<Answer | null>;
  /** The line of an action that is too long for a button: the notice's id and its place in the notice's data. */
  actionLine(notice: number, index: number): Promise<string | null>;
  /** A task as it stands, for a form about it; null where there is none. */
  task(key: string): Promise<{
    readonly key: string;
    readonly title: string;
    readonly status: Status;
    readonly version: number;
    readonly requirements: readonly { readonly name: string; readonly kind: string }[];
    readonly block: { readonly question: string; readonly choices: readonly string[] } | null;
  } | null>;
  /** The task a message of the bot's is about. One that was posted this moment is waited for, at most a second. */
  taskAt(message: MessageRef): Promise<string | null>;
  /** Answers a line that only looks, for a page that is drawn anew: an App Home. Changing lines are refused. */
  look(person: Person, channel: string, line: string): Promise<Answer>;
  /** What a person sees on a page of his own. */
  overview(person: Person): Promise<Overview>;
  /** When this platform last handed something over, in milliseconds since 1970 UTC. */
  lastReceived(): Promise<number | null>;
  /** Threads to read back after a time without a connection, newest first. */
  threads(limit: number): Promise<readonly AnchoredThread[]>;
  /** Rung when anything was written: for views a platform keeps open. Answers with the way to stop. */
  onChange(listener: () => void): () => void;
  /** Told of what should not happen: it is no answer to anybody, and is logged. */
  broke(what: string, error: unknown): void;
}

/** How the connection of a platform stands, for logs, `/readyz` and the doctor. */
export type ConnectionState =
  | { readonly state: "connecting" | "connected" | "closed" }
  /** `message` says which token or permission, what is missing, and how to mend it. */
  | { readonly state: "refused"; readonly message: string };

/** The incoming side of a chat platform. */
export interface ChatReceiver {
  /** As in `channels.platform`. */
  readonly name: string;
  /**
   * Whoever sits at the machine itself, where the platform is part of it: an admin without any grant, since the database
   * stands beside him, and everything below any message there is meant for the bot.
   */
  readonly owner?: string;
  /**
   * Connects and stays connected until the signal aborts; a connection that fails is told and tried again, for good. Every
   * event that changes something is received by the desk before the platform is thanked for it.
   */
  run(desk: ChatDesk, signal: AbortSignal, told: (state: ConnectionState) => void): Promise<void>;
  /** What an arrival means; null where it is of no interest. Asks nobody. */
  read(payload: Json): Heard | null;
  /** Answers a line where it was typed, also after a restart, as long as the platform lets anybody. Rejects with a Trouble. */
  answer(payload: Json, answer: LineAnswer): Promise<void>;
  /** Where the platform sends requests to the bot's own address in place of a connection: mounted there, as `POST`. */
  readonly requests?: { readonly path: string; readonly answer: (request: Request) => Promise<Response> };
  /** The groups of a person. Rejects with a Trouble where they cannot be told. */
  groups(person: string): Promise<readonly string[]>;
}
