import { rmSync } from "node:fs";
import { Connection } from "../db/connection.ts";
import { openStore } from "../db/store.ts";
import { seedQueue } from "./seed.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemIdentity } from "../adapters/system/identity.ts";
import { briefFile } from "../adapters/brief/file.ts";
import { gatherFacts } from "../src/commands/watch-facts.ts";
import { watchQueue } from "../src/commands/watch-queue.ts";
import { openBenchHouse } from "./house.ts";
import { allChecks } from "../src/checks/all.ts";
import * as W from "../db/watch-sql.ts";
import { databaseClock } from "../db/clock.ts";
const n = Number(process.argv[2]); const live = Number(process.argv[3]);
const folder = `/tmp/wb/${n}`; rmSync(folder, { recursive: true, force: true }); (await import("node:fs")).mkdirSync(folder, { recursive: true });
const house = await openBenchHouse({ folder, synchronous: "normal" } as any, "q.db");
const c = await Connection.open({ url: `file:${folder}/q.db`, synchronous: "normal" });
let t = performance.now();
await seedQueue(c, { tasks: n, inFlight: live });
console.log("seeded", performance.now() - t);
const T = ["tasks","attempts","lanes","agents","proofs","events","dependencies","blocks","requirements","refusals","deliveries","notices","briefs","contradictions","links","chat_claims","channels","route_observations","job_runs"];
for (let i = 0; i < 3; i++) {
  t = performance.now();
  for (const name of T) await c.read([{ sql: `SELECT count(*) FROM ${name} NOT INDEXED` }]);
  const scan = performance.now() - t;
  t = performance.now(); const facts = await gatherFacts(house as any); const g = performance.now() - t;
  t = performance.now(); const s = allChecks.flatMap((k) => k.look(facts, facts.now)); const l = performance.now() - t;
  t = performance.now(); const w = await watchQueue(house as any); const all = performance.now() - t;
  console.log({ scan, gather: g, look: l, watch: all, ratio: all / scan, sightings: s.length, rules: Object.entries(Object.groupBy(s, (x) => x.rule)).map(([k, v]) => [k, v!.length]).join(";"), standing: w.standing.length });
}
for (const [name, sql] of Object.entries(W)) {
  t = performance.now(); const r = await c.read([{ sql: databaseClock.sql(sql), args: sql.includes("?1") ? ["[]"] : [] }]);
  const took = performance.now() - t; if (took > (n > 1000 ? 20 : 0.3)) console.log(name, took.toFixed(1), r[0]!.length);
}
t = performance.now(); await house.routes.facts(Date.now() - 7200000); console.log("routes", performance.now() - t);
t = performance.now(); for (let f = 1; f <= n; f += 20000) await house.watch.unproved({ first: f, last: f + 19999 }); console.log("unproved", performance.now() - t);
t = performance.now(); await house.validation.lanes(); console.log("lanes", performance.now() - t);
t = performance.now(); await house.validation.sessions(); console.log("sessions", performance.now() - t);
await c.close(); await house.close();
