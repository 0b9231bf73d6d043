// A queue people use on the same engine as the limit, through its own calls.
import { join } from "node:path";
import Database from "better-sqlite3";
import { better, defineQueue } from "plainjob";
import { answerOrders, type Side, type SideOptions } from "../child.ts";
import { PAYLOAD } from "./bare-sql.ts";

const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

function cycle({ folder }: SideOptions): Side {
  const database = new Database(join(folder, "plainjob.db"));
  const queue = defineQueue({ connection: better(database), logger: SILENT });
  return {
    prepare(count) {
      queue.addMany(
        "bench",
        Array.from({ length: count }, () => PAYLOAD),
      );
    },
    run(count) {
      let done = 0;
      for (; done < count; done += 1) {
        const job = queue.getAndMarkJobAsProcessing("bench");
        if (job === undefined) break;
        queue.markJobAsDone(job.id);
      }
      return { done };
    },
    close: () => queue.close(),
  };
}

await answerOrders({ cycle });
