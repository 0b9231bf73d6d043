import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

// Builds dist/, which mirrors the source tree: code finds its migrations, pages and package.json by the same
// relative path from import.meta.url, compiled or not.

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const tsc = join(root, "node_modules/typescript/bin/tsc");

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });

const assets = globSync(["src/**/*.*", "adapters/**/*.*", "db/**/*.*"], { cwd: root }).filter(
  (path) => !path.endsWith(".ts") && !path.endsWith(".md"),
);
for (const path of ["package.json", ...assets]) {
  mkdirSync(dirname(join(dist, path)), { recursive: true });
  copyFileSync(join(root, path), join(dist, path));
}

// npm links the command to this file; without the first line a shell would run it as a shell script.
const command = join(dist, "src/main.js");
if (!readFileSync(command, "utf8").startsWith("#!/usr/bin/env node\n")) {
  throw new Error(
    "src/main.ts must begin with the line #!/usr/bin/env node, as it becomes the gatehouse command.",
  );
}
chmodSync(command, 0o755);
