// One process of several that look at the same five firings at the same moment: says how many it ran.
import { once } from "node:events";
import { runWhenDue } from "../../src/jobs/scheduler.ts";
import { openTestHouse } from "../support/house.ts";

const [url = "", startAt = "0"] = process.argv.slice(2);
const schedule = {
  heartbeat: "0 * * * *",
  "queue-validate": "1 * * * *",
  "queue-operating-refresh": "2 * * * *",
  "autonomy-verify-watch": "3 * * * *",
  "dispatch-ready-work": "4 * * * *",
  digest: null,
} as const;
const open = await openTestHouse({ url, startAt: Number(startAt), schedule });
process.send?.("ready");
await once(process, "message");
let ran = 0;
const report = { outcome: "well", findings: 0, detail: "" } as const;
for (const job of open.house.timetables.keys()) {
  const run = async () => {
    ran += 1;
    return { value: null, report };
  };
  await runWhenDue(open.house, { job, run });
}
process.send?.(ran);
await open.close();
process.disconnect();
