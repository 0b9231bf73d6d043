import { createHash } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Verdict } from "../../src/core/proof.ts";
import { failed, inconclusive, isVerdict } from "./define.ts";
import { shown } from "./fetch/answer.ts";

const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * How far a file's time may lie before the claim and still count as after it: kernels stamp files with the time of
 * their last tick, which is up to 10 ms old, so a file written right after the claim can look older than it.
 */
export const FILE_TICK_MS = 20;

/** A file as it was while its descriptor was held. */
export interface LocalFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly modifiedAt: number;
  /** Kept only where asked for. */
  readonly bytes: Uint8Array;
}

export interface ReadOptions {
  readonly root: string;
  readonly maxBytes?: number;
  readonly keep?: boolean;
  readonly signal: AbortSignal;
}

/** The path of a `file:relative/path` link, or null. Nothing is decoded: what is written is what is opened. */
export function relativePath(uri: string): string | null {
  if (!uri.startsWith("file:")) return null;
  return isRelativePath(uri.slice("file:".length)) ? uri.slice("file:".length) : null;
}

/** A path that names one place below a root: no dots, no empty parts, nothing a terminal or a loader would read twice. */
export function isRelativePath(path: string): boolean {
  if (path === "" || path.length > 1024 || /[\p{Cc}\p{Cf}\\]/u.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** True where no component of the path below the root is a link and it stays below the root. */
export async function isPlainBelow(realRoot: string, path: string): Promise<boolean> {
  return (await realpath(join(realRoot, path))) === join(realRoot, path);
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file below the root without following a link anywhere below it, and without waiting for a pipe's writer.
 * On Linux each part is opened from the descriptor of the folder before it, so that a folder swapped for a link
 * meanwhile leads nowhere. Elsewhere Node knows no such way: the path is checked before and after, which leaves a
 * swap there and back in between unseen.
 */
async function openBelow(root: string, path: string): Promise<FileHandle> {
  if (process.platform !== "linux") {
    const plain = await isPlainBelow(root, path);
    const handle = await open(join(root, path), PLAIN);
    if (plain && (await isPlainBelow(root, path))) return handle;
    await handle.close();
    throw Object.assign(new Error("a link"), { code: "ELOOP" });
  }
  let here = await open(root, FOLDER);
  const parts = path.split("/");
  for (const [index, part] of parts.entries()) {
    const flags = index === parts.length - 1 ? PLAIN : FOLDER;
    try {
      const next = await open(`/proc/self/fd/${here.fd}/${part}`, flags);
      await here.close();
      here = next;
    } catch (error) {
      await here.close();
      throw error;
    }
  }
  return here;
}

/** Reads a regular file below the root through one descriptor: what was checked is what is hashed. */
export async function readLocalFile(path: string, options: ReadOptions): Promise<LocalFile | Verdict> {
  let handle: FileHandle | null = null;
  const about = `file:${shown(path)}`;
  try {
    handle = await openBelow(await realpath(options.root), path);
    const before = await handle.stat();
    if (!before.isFile()) return failed(`${about} is not a regular file.`);
    const maxBytes = options.maxBytes ?? MAX_FILE_BYTES;
    if (before.size > maxBytes) return failed(`${about} is larger than ${maxBytes} bytes.`);
    const read = await readWhole(handle, maxBytes, options);
    if (isVerdict(read)) return read;
    const after = await handle.stat();
    if (after.size !== read.size || after.mtimeMs !== before.mtimeMs || after.ctimeMs !== before.ctimeMs) {
      return inconclusive(`${about} was still being written.`, {}, 1_000);
    }
    return { path, modifiedAt: before.mtimeMs, ...read };
  } catch (error) {
    return explain(error, about);
  } finally {
    await handle?.close();
  }
}

async function readWhole(handle: FileHandle, maxBytes: number, options: ReadOptions) {
  const hash = createHash("sha256");
  const kept: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  let size = 0;
  for (;;) {
    if (options.signal.aborted) return inconclusive("The check was called off.");
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, size);
    if (bytesRead === 0) break;
    size += bytesRead;
    if (size > maxBytes) return failed(`The file grew past ${maxBytes} bytes while it was read.`);
    hash.update(chunk.subarray(0, bytesRead));
    if (options.keep === true) kept.push(Buffer.from(chunk.subarray(0, bytesRead)));
  }
  return { sha256: hash.digest("hex"), size, bytes: Buffer.concat(kept) };
}

function explain(error: unknown, about: string): Verdict {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return failed(`${about} does not exist below the proof root.`);
  // What a link answers when it may not be followed: ELOOP as a file, ENOTDIR as a folder.
  if (code === "ELOOP" || code === "ENOTDIR") return failed(`${about} leads through a link or a file.`);
  if (code === "ENXIO" || code === "ENAMETOOLONG") return failed(`${about} cannot be a proof: ${code}.`);
  return inconclusive(`${about} could not be read: ${code === "" ? String(error) : code}.`);
}

/** Why a file is too old to speak for an attempt, or null. */
export function olderThanClaim(file: LocalFile, claimedAt: number): Verdict | null {
  if (file.modifiedAt + FILE_TICK_MS >= claimedAt) return null;
  return failed(
    "The file was last written before the task was claimed, so it shows nothing of this attempt.",
    {
      path: file.path,
      modifiedAt: file.modifiedAt,
      claimedAt,
    },
  );
}
