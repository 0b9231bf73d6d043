/**
 * The tables as drizzle sees them: for drizzle's tools, for typed queries of one's own, and for `gatehouse doctor`, which
 * holds a database to it. The migrations are hand-written SQL, because triggers, CHECKs, STRICT and partial indexes are
 * half of the product; a test holds this file to them. The hot path does not import it: drizzle costs a third of a second
 * at start, and its query builder half the rate.
 */
export * from "./schema-queue.ts";
export * from "./schema-routes.ts";
export * from "./schema-talk.ts";
