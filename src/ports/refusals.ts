import type { Refusal } from "../core/refusal.ts";

export interface RefusalRecord {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly task: string | null;
  readonly refusal: Refusal;
}

/** What the gates refused, kept as evidence; of very many the newest. */
export interface RefusalStore {
  record(refusal: Refusal, actor: string, task: string | null): Promise<void>;
  /** Oldest first, after the id given. */
  recorded(filter: { readonly after: number; readonly limit: number }): Promise<readonly RefusalRecord[]>;
}
