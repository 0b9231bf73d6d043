import { z } from "zod";
import type { Caller, House } from "../../commands/house.ts";
import type { MessageRef } from "../../core/message.ts";
import type { Role } from "../../core/role.ts";
import type { Status } from "../../core/task.ts";
import type { Answer } from "../../ports/chat-answer.ts";
import type { ArgumentType } from "../../ports/chat-catalogue.ts";
import type { Speaker } from "./role.ts";

export interface Argument<Schema extends z.ZodType = z.ZodType> {
  /** Reads what was typed: text, or true for a flag without a value. */
  readonly schema: Schema;
  /** What it is, for completion and for the platforms' own fields; `flag` takes no value. */
  readonly type: ArgumentType;
  /** Its place among the words, from 1; `rest`: all words that are left, as one text; absent: only as `--name`. */
  readonly place?: number | "rest";
  /** How help writes it, in capitals. */
  readonly shown: string;
  /** At most 100 characters: a platform shows it below the field. */
  readonly about: string;
  /** The words it is one of. */
  readonly choices?: readonly string[];
  /** Of a task: those in these statuses are offered while it is typed. */
  readonly statuses?: readonly Status[];
  /** It may take several lines: a form gives it a box. */
  readonly long?: true;
}

/** What a verb may use. */
export interface Context {
  readonly house: House;
  readonly speaker: Speaker;
  /** The channel it was typed in; absent where a line comes from nowhere. */
  readonly place?: { readonly platform: string; readonly name: string } | undefined;
  /** The verbs this speaker may use. */
  readonly verbs: readonly Verb[];
  /**
   * The platform's own id of what was typed or pressed, unique among all platforms: a line that comes twice under it is
   * done once.
   */
  readonly requestId?: string | undefined;
  /** The message the line is about, such as the one whose link is attached: what becomes of it is told there. */
  readonly about?: MessageRef | undefined;
  /** Everybody in the channel reads the answer, whoever it is for: the bot was spoken to in a message. */
  readonly aloud?: boolean | undefined;
}

/** Who the log says did it, and under which request. */
export function callerOf({ speaker, requestId }: Context): Caller {
  return { actor: speaker.actor, requestId };
}

/** What to ask before something is done. */
export interface Question {
  readonly text: string;
  /** Values by argument that the confirmed line carries, so that what is done is what was asked about. */
  readonly pins?: Readonly<Record<string, string | number>>;
}

type Arguments = Readonly<Record<string, Argument>>;
type Input<Of extends Arguments> = { readonly [Name in keyof Of]: z.infer<Of[Name]["schema"]> };

interface Definition<Of extends Arguments> {
  /** The word after `/gate`. */
  readonly path: string;
  /** At most 100 characters: a platform shows it in its list of commands. */
  readonly summary: string;
  readonly example: string;
  readonly role: Role;
  /** Whether the queue is another afterwards. What only reads takes `--share`. */
  readonly changes: boolean;
  /** Who sees the answer: the one who asked, or everybody in the channel. */
  readonly visibility: "caller" | "channel";
  /** `later` where it may take longer than the three seconds a platform waits. */
  readonly answers: "at-once" | "later";
  readonly arguments: Of;
  /** What to ask before it is done, with what it would touch counted; null where nothing needs asking. */
  readonly confirm?: (context: Context, input: Input<Of>) => Promise<Question | null>;
  readonly run: (context: Context, input: Input<Of>) => Promise<Answer>;
  /** What follows the change it makes; asked again where a crash may have come between the two. */
  readonly finish?: (context: Context, input: Input<Of>) => Promise<void>;
}

/** One entry of the catalogue: all that help, completion, the parser and each platform's registration are made from. */
export interface Verb extends Omit<Definition<Arguments>, "confirm" | "run" | "finish"> {
  /** Whether it ever asks before it does something. */
  readonly confirms: boolean;
  readonly confirm: (context: Context, input: object) => Promise<Question | null>;
  readonly run: (context: Context, input: object) => Promise<Answer>;
  readonly finish: (context: Context, input: object) => Promise<void>;
}

/** Every verb that answers its caller alone takes it; `runLine` reads it. */
const share = {
  schema: z.literal(true).optional(),
  type: "flag",
  shown: "",
  about: "let everybody in the channel see the answer",
} satisfies Argument;

/** A verb from its definition. `input` reaches `run` only through the arguments' own schemas, so the types hold. */
export function defineVerb<const Of extends Arguments>(definition: Definition<Of>): Verb {
  const { changes, visibility } = definition;
  return {
    ...definition,
    arguments: {
      ...definition.arguments,
      ...(visibility === "caller" && !changes ? { share } : {}),
    },
    confirms: definition.confirm !== undefined,
    confirm: async (context, input) => (await definition.confirm?.(context, input as Input<Of>)) ?? null,
    run: (context, input) => definition.run(context, input as Input<Of>),
    finish: async (context, input) => definition.finish?.(context, input as Input<Of>),
  };
}
