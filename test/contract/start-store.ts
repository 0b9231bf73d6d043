// A process that opens the store when it is told to, and says what came of it.
import { once } from "node:events";
import { openStore } from "../../db/store.ts";

const [url = ""] = process.argv.slice(2);
process.send?.("here");
await once(process, "message");
try {
  const store = await openStore({ url, synchronous: "normal" });
  const schema = await store.maintenance.schema();
  await store.close();
  process.send?.({ schema });
} catch (error) {
  process.send?.({ error: String(error) });
}
process.disconnect();
