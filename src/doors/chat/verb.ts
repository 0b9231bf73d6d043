import type { z } from "zod";
import type { House } from "../../commands/house.ts";
import type { Role } from "../../core/role.ts";
import type { Status } from "../../core/task.ts";
import type { Answer } from "./answer.ts";
import type { Speaker } from "./role.ts";

/** What a platform may offer while an argument is typed: tasks in these statuses, the lanes, a task's requirements. */
export type Completes =
  | { readonly tasks: readonly Status[] }
  | { readonly words: readonly string[] }
  | "lanes"
  | "requirements"
  | "verbs";

export interface Argument<Schema extends z.ZodType = z.ZodType> {
  /** Reads what was typed: text, or true for a flag without a value. */
  readonly schema: Schema;
  /** Its place among the words, from 1; `rest`: all words that are left, as one text; absent: only as `--name`. */
  readonly place?: number | "rest";
  /** A flag that takes no value. */
  readonly bare?: true;
  /** How help writes it, in capitals. */
  readonly shown: string;
  readonly about: string;
  readonly completes?: Completes;
}

/** What a verb may use. */
export interface Context {
  readonly house: House;
  readonly speaker: Speaker;
  /** The channel it was typed in; absent where a line comes from nowhere. */
  readonly place?: { readonly platform: string; readonly name: string } | undefined;
  /** The verbs this speaker may use. */
  readonly verbs: readonly Verb[];
}

type Arguments = Readonly<Record<string, Argument>>;
type Input<Of extends Arguments> = { readonly [Name in keyof Of]: z.infer<Of[Name]["schema"]> };

interface Definition<Of extends Arguments> {
  /** The word after `/gate`. */
  readonly path: string;
  readonly summary: string;
  readonly example: string;
  readonly role: Role;
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
  readonly confirm: (input: object) => string | null;
  readonly run: (context: Context, input: object) => Promise<Answer>;
}

/** A verb from its definition. `input` reaches `run` only through the arguments' own schemas, so the types hold. */
export function defineVerb<const Of extends Arguments>(definition: Definition<Of>): Verb {
  return {
    ...definition,
    confirm: (input) => definition.confirm?.(input as Input<Of>) ?? null,
    run: (context, input) => definition.run(context, input as Input<Of>),
  };
}
