import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The page's scripts are served as they are written, so their types, the exhaustive switches above all, are checked here. */
test("the page's scripts hold to the types of what the bot sends", async () => {
  const args = ["node_modules/typescript/bin/tsc", "-p", "src/doors/dashboard/page"];
  const found = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, out) => resolve(error === null ? "" : out));
  });
  expect(found).toBe("");
});
