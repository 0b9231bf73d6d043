import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { BriefFile } from "../../src/ports/briefs.ts";
import { Trouble } from "../../src/ports/trouble.ts";

/** What a killed process left half-written is younger than this while another may still be writing it. */
const LEFT_BEHIND_MS = 60_000;

/**
 * The brief as a file that readers see whole or not at all: written beside its place, forced to the disk, then renamed
 * over it. Readable by everybody on the machine, writable by this user (0644).
 */
export function briefFile(path: string): BriefFile {
  return {
    path,
    async read() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if (codeOf(error) === "ENOENT") return null;
        throw trouble("read", path, error);
      }
    },
    async write(text) {
      try {
        await mkdir(dirname(path), { recursive: true });
        await replace(path, text);
      } catch (error) {
        throw trouble("written", path, error);
      }
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  await sweep(folder, prefix);
  const beside = join(folder, `${prefix}${randomBytes(6).toString("hex")}`);
  try {
    // "wx": never through a link that somebody laid there.
    const file = await open(beside, "wx", 0o644);
    try {
      await file.writeFile(text, "utf8");
      await file.chmod(0o644);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Without it a power cut could bring the old name back. Not every file system can. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function sweep(folder: string, prefix: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of left) {
    const age = Date.now() - (await stat(join(folder, name)).then((found) => found.mtimeMs, Date.now));
    if (age > LEFT_BEHIND_MS) await rm(join(folder, name), { force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function trouble(what: "read" | "written", path: string, error: unknown): Trouble {
  const code = codeOf(error) || "EIO";
  const reason = error instanceof Error ? error.message : String(error);
  return new Trouble(
    code,
    `The brief cannot be ${what} at ${path}: give this process access to the file and its folder. (${reason})`,
  );
}
