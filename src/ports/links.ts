/** One person's accounts, as actors: `person:PLATFORM:ID`. */
export interface LinkedPerson {
  /** The account the others were joined to first; it names the person. */
  readonly person: string;
  /** All of them, that one included, in order. */
  readonly accounts: readonly string[];
}

/** Which accounts are one person's. Every change writes one event. */
export interface LinkStore {
  all(): Promise<readonly LinkedPerson[]>;
  /** All accounts of whoever has this one, itself included; it alone where it was never linked. */
  accountsOf(account: string): Promise<readonly string[]>;
  /** Keeps a code of this account's, by its hash, in place of the one before; it joins one account within `forMs`. */
  offer(account: string, hash: string, forMs: number): Promise<void>;
  /** Whose code this is; null where there is none that still counts. */
  offeredBy(hash: string): Promise<string | null>;
  /** Uses up the code and makes the two accounts, with all they were joined to, one person's. False where another did first. */
  join(
    account: string,
    hash: string,
    by: { readonly actor: string; readonly requestId?: string | undefined },
  ): Promise<boolean>;
  /** The account is a person of its own again. False where it was no other's. */
  part(account: string, actor: string): Promise<boolean>;
}
