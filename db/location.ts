import { accessSync, constants, mkdirSync, type Stats, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabasePlace } from "../src/ports/maintenance.ts";
import { Trouble } from "../src/ports/trouble.ts";

/**
 * File systems by the number Linux calls them (`man 2 statfs`). SQLite's write-ahead log needs memory that all its
 * processes share and locks that hold; over a network it has neither, and the file is damaged sooner or later.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB2"],
  [0xff534d42, "CIFS"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x01021997, "9p"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
]);
/** What stands behind FUSE may be a network or a disk; only its user knows. The doctor says so. */
export const FUSE = 0x65735546;

export interface LocationProbe {
  /** The number of the file system a folder is on; null where the system has no such numbers. */
  fileSystemType(folder: string): number | null;
}

const systemProbe: LocationProbe = {
  // Elsewhere the field means something else: another system's numbers would name the wrong file system.
  fileSystemType: (folder) => (process.platform === "linux" ? statfsSync(folder).type >>> 0 : null),
};

/**
 * Makes a file database's folder and refuses a place where a queue would not survive. Throws Trouble whose message says
 * what to do. Answers the absolute path; a remote URL is left to its server.
 */
export function prepareLocation(url: string, probe: LocationProbe = systemProbe): DatabasePlace {
  const path = databaseFile(url);
  if (path === null) return { kind: "remote", url };
  const folder = dirname(path);
  makeFolder(folder);
  refuseOtherThanFile(path);
  refuseReadOnly(path, folder);
  const type = probe.fileSystemType(folder);
  const network = type === null ? undefined : NETWORK_FILE_SYSTEMS.get(type);
  if (network !== undefined) {
    throw new Trouble(
      "network-file-system",
      `${folder} is on a network file system (${network}), where a database of several processes is damaged sooner or later: ` +
        "point GATEHOUSE_DB_URL at a local disk, or at a libSQL server that several hosts may share.",
    );
  }
  return { kind: "file", path, fileSystem: type === FUSE ? "FUSE" : type === null ? null : "local" };
}

/** The absolute path of a `file:` URL, relative ones from the working folder; null for a remote one. */
export function databaseFile(url: string): string | null {
  if (!url.startsWith("file:")) return null;
  const path = url.slice("file:".length).replace(/^\/\/(?:localhost)?(?=\/)/, "");
  return resolve(decoded(path));
}

/** As the client reads it: percent signs decode, and a lone one stays. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const code = codeOf(error);
    const why =
      code === "ENOTDIR" || code === "EEXIST"
        ? "a part of the path is a file, not a folder"
        : code === "EROFS"
          ? "that disk is mounted read-only"
          : code === "ENOSPC"
            ? "the disk is full"
            : code === "EACCES" || code === "EPERM"
              ? "this process may not write there"
              : code;
    throw new Trouble(
      "database-folder",
      `The folder ${folder} for the database cannot be made: ${why}. Point GATEHOUSE_DB_URL at a place that can be written.`,
    );
  }
}

function refuseOtherThanFile(path: string): void {
  const found = statOf(path);
  if (found === null || found.isFile()) return;
  const what = found.isDirectory() ? "a folder" : "not a regular file";
  throw new Trouble(
    "database-not-a-file",
    `${path} is ${what}: point GATEHOUSE_DB_URL at a database file, such as file:${path}/gatehouse.db.`,
  );
}

/** SQLite would find out as well, but only while it writes and without saying which of the two it was. */
function refuseReadOnly(path: string, folder: string): void {
  const paths = statOf(path) === null ? [folder] : [path, folder];
  for (const each of paths) {
    try {
      accessSync(each, constants.R_OK | constants.W_OK);
    } catch (error) {
      const why =
        codeOf(error) === "EROFS"
          ? "is on a disk that is mounted read-only"
          : "may not be written by this process";
      throw new Trouble(
        "database-read-only",
        `${each} ${why}. The database and its folder must be writable, as the log of its changes lies beside it.`,
      );
    }
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw new Trouble(
      "database-path",
      `${path} cannot be looked at: ${codeOf(error)}. Check GATEHOUSE_DB_URL.`,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
