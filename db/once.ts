import { Trouble } from "../src/ports/trouble.ts";
import { DoubtfulWrite } from "./connection.ts";

/** How often a write is sent, and for how long in milliseconds, before its fate is left in doubt. */
const TRIES = 4;
const GIVE_UP_MS = 8000;

/**
 * Makes a write whose answer may be lost, exactly once. Both steps answer null where nothing stands.
 *
 * `write` must carry tokens by which it changes nothing, or fails, once it has been carried out; `look` finds what
 * stands under them. A request without an answer may still be under way and be carried out after it was looked for, so
 * once there was a doubt, what `look` finds goes before what a later `write` says. Rejects with DoubtfulWrite where it
 * was sent several times and neither answered nor found, or where nobody answers any more who could be asked.
 */
export async function writeOnce<T>(
  write: () => Promise<T | null>,
  look: () => Promise<T | null>,
): Promise<T | null> {
  const began = performance.now();
  let doubt: DoubtfulWrite | null = null;
  for (let tries = 1; ; tries += 1) {
    const said = await saidBy(write);
    if (said.sort === "doubt") doubt = said.doubt;
    const found = doubt === null ? null : await lookInDoubt(look, doubt);
    if (found !== null) return found;
    if (said.sort === "failure") throw said.error;
    if (said.sort === "answer") return said.answer;
    if (tries >= TRIES || performance.now() - began > GIVE_UP_MS) throw said.doubt;
    await new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** tries));
  }
}

type Said<T> =
  | { readonly sort: "answer"; readonly answer: T | null }
  | { readonly sort: "failure"; readonly error: unknown }
  | { readonly sort: "doubt"; readonly doubt: DoubtfulWrite };

async function saidBy<T>(write: () => Promise<T | null>): Promise<Said<T>> {
  try {
    return { sort: "answer", answer: await write() };
  } catch (error) {
    return error instanceof DoubtfulWrite ? { sort: "doubt", doubt: error } : { sort: "failure", error };
  }
}

/** Where nobody can be asked, the write is in doubt: that it is unreachable now says nothing about what it did. */
async function lookInDoubt<T>(look: () => Promise<T | null>, doubt: DoubtfulWrite): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    throw error instanceof Trouble ? doubt : error;
  }
}
