import { z } from "zod";
import type { House } from "../../commands/house.ts";
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
  /** Names the line on the events it causes: the same line handled once more after a crash is known by it. */
  readonly requestId?: string | undefined;
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
  /** What to ask before it is done; null where nothing needs asking. */
  readonly confirm?: (input: Input<Of>) => string | null;
  readonly run: (context: Context, input: Input<Of>) => Promise<Answer>;
}

/** One entry of the catalogue: all that help, completion, the parser and each platform's registration are made from. */
export interface Verb extends Omit<Definition<Arguments>, "confirm" | "run"> {
  /** Whether it ever asks before it does something. */
  readonly confirms: boolean;
  readonly confirm: (input: object) => string | null;
  readonly run: (context: Context, input: object) => Promise<Answer>;
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
    confirm: (input) => definition.confirm?.(input as Input<Of>) ?? null,
    run: (context, input) => definition.run(context, input as Input<Of>),
  };
}
