import { done, invalid, missing, type Outcome, refused } from "../core/refusal.ts";
import type { Caller, House } from "./house.ts";

/** So long a code waits for the other account, in milliseconds. */
const CODE_MS = 600_000;
/** Of 256 bits that are made, this many letters are typed by hand: 59 bits, for ten minutes and once. */
const CODE_LENGTH = 12;

export interface LinkCode {
  readonly code: string;
  readonly forMs: number;
}

type Linking = Pick<House, "links" | "identity">;

/** A code that makes one other account the same person's. It is answered here once; only its hash is kept. */
export async function offerLink(house: Linking, { actor }: Caller): Promise<LinkCode> {
  const code = codeOf(house.identity.sha256(house.identity.secret()));
  await house.links.offer(actor, house.identity.sha256(code), CODE_MS);
  return { code, forMs: CODE_MS };
}

/** Joins the account that asks to the one whose code it brings. Answers with all accounts that are one person's now. */
export async function joinLink(
  house: Linking,
  typed: string,
  caller: Caller,
): Promise<Outcome<readonly string[]>> {
  const hash = house.identity.sha256(plain(typed));
  const other = await house.links.offeredBy(hash);
  const unknown = missing(
    "code",
    typed.slice(0, 40),
    "The code is not known, was used, or is older than ten minutes: take a new one with `/gate me --link` on the other platform.",
  );
  if (other === null) return refused(unknown);
  const before = await house.links.accountsOf(caller.actor);
  if (before.includes(other)) {
    return refused(
      invalid("code", {
        expected: "a code of another account",
        got: other,
        hint: "This is the same person already. Enter the code on the other platform.",
      }),
    );
  }
  if (!(await house.links.join(caller.actor, hash, caller))) return refused(unknown);
  return done(await house.links.accountsOf(caller.actor));
}

/** Takes an account out again, for whoever looks after the bot: a person alone could otherwise approve as two. */
export async function partAccount(
  house: Pick<House, "links">,
  account: string,
  caller: Caller,
): Promise<Outcome<string>> {
  if (await house.links.part(account, caller.actor)) return done(account);
  return refused(
    missing("account", account, "It is linked to no other: `gatehouse role links` shows who is."),
  );
}

/** Without what is taken for another letter. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
/** Five hexadecimal digits a letter: none is much likelier than another. */
const DIGITS = 5;

function codeOf(hash: string): string {
  return Array.from({ length: CODE_LENGTH }, (_, index) => {
    const value = Number.parseInt(hash.slice(index * DIGITS, (index + 1) * DIGITS), 16);
    return LETTERS[value % LETTERS.length];
  }).join("");
}

function plain(typed: string): string {
  return typed.toLowerCase().replaceAll(/[^a-z0-9]/gu, "");
}
