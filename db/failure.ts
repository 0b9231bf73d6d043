import { LibsqlBatchError, LibsqlError } from "@libsql/client";
import { Trouble } from "../src/ports/trouble.ts";

/**
 * What a failed call tells about the database: `busy` others write, nothing was done; `unsent` the request never left,
 * nothing was done; `lost` it left and no answer came, so it may have been done; `final` the answer itself.
 */
export type Failure = "busy" | "unsent" | "lost" | "final";

const UNSENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** Refused before anything was looked at: the key, or the address. */
const TURNED_AWAY: ReadonlySet<unknown> = new Set([401, 403, 404]);
const UNKNOWN_FATE = /^(HRANA_.*|SERVER_ERROR|STREAM_EXPIRED|INTERNAL_ERROR|UNKNOWN)$/;

export function failureOf(error: unknown, remote: boolean): Failure {
  if (/^SQLITE_(BUSY|LOCKED)|^TRANSACTION_TIMEOUT$/.test(codeOf(error))) return "busy";
  if (!remote || !(error instanceof Error) || error instanceof RangeError) return "final";
  if (UNSENT.test(String(causeOf(error)["code"]))) return "unsent";
  if (TURNED_AWAY.has(causeOf(error)["status"])) return "final";
  // Without a code the fault is the network's own: a broken connection, a time-out, an answer that is no answer.
  return error instanceof LibsqlError && !UNKNOWN_FATE.test(error.code) ? "final" : "lost";
}

/**
 * Whether a statement may have stayed unfinished on the raw connection. One that fails by itself inside a batch is
 * finished; a BEGIN or COMMIT that fails is not, nor anything that meets BUSY. Such a connection acknowledges writes it
 * never keeps, or goes on reading the moment it failed at.
 */
export function leavesUnfinished(error: unknown): boolean {
  return !(error instanceof LibsqlBatchError) || failureOf(error, false) === "busy";
}

/** Nobody answered in time, so others who wait for the same server need not try. */
export function timedOut(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

/** What broke, in the words of whatever lies below: the client itself only says that fetching failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message === "" ? String(causeOf(error)["code"]) : cause.message;
}

const SENTENCES: Readonly<Record<string, string>> = {
  SQLITE_READONLY: "The database is read-only: give this process write access to the file and its folder.",
  SQLITE_FULL: "The disk is full: nothing was written. Free some space and try again.",
  SQLITE_CORRUPT: "The database file is damaged: restore the last backup.",
  SQLITE_NOTADB: "The file is not a database: point GATEHOUSE_DB_URL at another one.",
  SQLITE_CANTOPEN: "The database file cannot be opened: check that its folder exists and may be written.",
  SQLITE_IOERR: "The disk refused a read or write of the database file.",
};

/** Trouble where the database cannot be used, its own words in brackets at the end; whatever else it was, unchanged. */
export function asTrouble(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  const sentence = SENTENCES[code];
  if (sentence !== undefined) return new Trouble(code, `${sentence} (${error.message})`);
  const { status } = causeOf(error);
  if (status === 401 || status === 403) {
    return new Trouble(
      "database-token",
      `The database server turned the token away: check GATEHOUSE_DB_TOKEN. (${error.message})`,
    );
  }
  if (status === 404) {
    return new Trouble(
      "database-address",
      `There is no libSQL server at that address: check GATEHOUSE_DB_URL. (${error.message})`,
    );
  }
  if (/unable to open|ConnectionFailed/i.test(error.message)) {
    return new Trouble("SQLITE_CANTOPEN", `${SENTENCES["SQLITE_CANTOPEN"]} (${error.message})`);
  }
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof LibsqlError ? error.code : "";
}

function causeOf(error: Error): { readonly code?: unknown; readonly status?: unknown } {
  return typeof error.cause === "object" && error.cause !== null ? error.cause : {};
}
