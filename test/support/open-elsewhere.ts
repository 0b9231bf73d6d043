// Opening a database in a process of its own: one that may step down from root, to whom permissions mean nothing, and
// one that has let go of the file when it is over (a closed native connection lingers until garbage is collected).
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

interface Said {
  readonly code: string;
  readonly message: string;
}

/** What opening the database says to this user; null where it said nothing. */
export function openElsewhere(url: string): Said | null {
  return run(url, "");
}

/** The same for a user who owns nothing, where this one is root. */
export function openAsNobody(url: string): Said | null {
  return run(
    url,
    "if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }",
  );
}

function run(url: string, before: string): Said | null {
  const store = pathToFileURL(join(import.meta.dirname, "../../db/store.ts")).href;
  const script = `
    import { openStore } from ${JSON.stringify(store)};
    ${before}
    let said = null;
    try { await (await openStore({ url: ${JSON.stringify(url)} })).close(); }
    catch (error) { said = { code: error.code, message: error.message }; }
    process.stdout.write(JSON.stringify(said));`;
  return JSON.parse(
    String(execFileSync(process.execPath, ["--input-type=module", "-e", script])),
  ) as Said | null;
}
