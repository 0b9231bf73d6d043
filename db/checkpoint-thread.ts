// The thread of db/checkpointer.ts: a connection of its own that does nothing else.
import { parentPort, workerData } from "node:worker_threads";
import Database from "libsql";

const { path, timeoutMs } = workerData as { readonly path: string; readonly timeoutMs: number };
let database: Database.Database | null = null;

/** What the PRAGMA answers: whether somebody was in the way, and of how many pages of the log how many are moved. */
function moveLog(): unknown {
  database ??= new Database(path, { timeout: timeoutMs });
  try {
    return database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
  } catch (error) {
    // A statement that failed is never reset: whatever is asked next is asked on a fresh connection.
    database.close();
    database = null;
    return { error: (error as Error).message };
  }
}

parentPort?.on("message", (message: "move" | "end") => {
  if (message === "move") parentPort?.postMessage(moveLog());
  else {
    database?.close();
    parentPort?.close();
  }
});
