import type { Answer } from "./chat-answer.ts";

/** `message` is null where nobody else is to see it: then the answer lives on the page that asked. */
export interface Spoken {
  readonly answer: Answer | null;
  readonly message: number | null;
}

/**
 * What whoever sits at the local chat's page does there. `request` names it: done twice under one name, it is done once.
 * Each rejects with a Trouble where nothing could be kept.
 */
export interface LocalSpeech {
  /** A line typed or pressed, in the channel or in a thread: answers with what it came to. */
  line(
    place: { readonly channel: string; readonly thread: number | null },
    line: string,
    request: string,
    confirmed: boolean,
  ): Promise<Spoken>;
  /** Words of a person's. `awaited`: something in them is looked at, so they bear a ⏳ until it was. Null where there is no such thread. */
  say(
    place: { readonly channel: string; readonly thread: number | null },
    text: string,
    request: string,
    awaited: boolean,
  ): Promise<Spoken | null>;
  /** A person's own message in a thread, said anew, or deleted with null; null where there is none. */
  revise(channel: string, message: number, text: string | null): Promise<Spoken | null>;
}
