import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { databaseClock } from "../../db/clock.ts";
import { Connection } from "../../db/connection.ts";
import { databaseFile, FUSE, prepareLocation } from "../../db/location.ts";
import { rosterStore } from "../../db/roster.ts";
import { openStore } from "../../db/store.ts";
import { Trouble } from "../../src/ports/trouble.ts";

import { openTestHouse } from "../support/house.ts";
import { openAsNobody, openElsewhere } from "../support/open-elsewhere.ts";
import { openRaw } from "../support/raw.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (path: string) => `file:${join(folder, path)}`;
const troubleOf = async (work: () => unknown): Promise<Trouble> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof Trouble) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};
const opened = async (url: string) => (await openStore({ url, busyDeadlineMs: 300 })).close();

describe("the path of a database URL", () => {
  it.each([
    ["file:/a/b.db", "/a/b.db"],
    ["file:///a/b.db", "/a/b.db"],
    ["file://localhost/a/b.db", "/a/b.db"],
    ["file:/a/two%20words.db", "/a/two words.db"],
    ["file:/a/100%.db", "/a/100%.db"],
    ["file:data/b.db", join(process.cwd(), "data/b.db")],
    ["libsql://queue.example.com", null],
    ["http://127.0.0.1:8080", null],
  ])("of %s is %s", (url, path) => {
    expect(databaseFile(url)).toBe(path);
  });

  it("is where the database then really is", async () => {
    await opened(at("two%20words/queue.db"));

    expect(existsSync(join(folder, "two words/queue.db"))).toBe(true);
  });
});

describe("a database's folder", () => {
  it("is made where it is missing", async () => {
    await opened(at("some/where/queue.db"));

    expect(existsSync(join(folder, "some/where/queue.db"))).toBe(true);
  });

  it("cannot be made through a file, and the sentence says so", async () => {
    writeFileSync(join(folder, "file"), "");

    const trouble = await troubleOf(() => opened(at("file/below/queue.db")));

    expect(trouble.code).toBe("database-folder");
    expect(trouble.message).toContain("a part of the path is a file");
    expect(trouble.message).toContain("GATEHOUSE_DB_URL");
  });

  it("cannot be made where this user may not write", () => {
    chmodSync(folder, 0o555);

    expect(openAsNobody(at("new/queue.db"))?.message).toContain("this process may not write there");
  });
});

describe("a database's file", () => {
  it("is not a folder", async () => {
    const trouble = await troubleOf(() => opened(`file:${folder}`));

    expect(trouble.message).toContain(`${folder} is a folder`);
    expect(trouble.message).toContain(`file:${folder}/gatehouse.db`);
  });

  it("is not a pipe, which would be waited for without end", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);

    expect((await troubleOf(() => opened(at("pipe")))).message).toContain("is not a regular file");
  });

  it("may be written by this user", () => {
    openElsewhere(at("queue.db"));
    chmodSync(join(folder, "queue.db"), 0o444);
    chmodSync(folder, 0o777);

    const trouble = openAsNobody(at("queue.db"));

    expect(trouble?.code).toBe("database-read-only");
    expect(trouble?.message).toContain("queue.db may not be written by this process");
  });

  it("lies in a folder that may be written too, as the log of changes lies beside it", () => {
    openElsewhere(at("queue.db"));
    chmodSync(join(folder, "queue.db"), 0o666);
    chmodSync(folder, 0o555);

    expect(openAsNobody(at("queue.db"))?.message).toContain(`${folder} may not be written by this process`);
  });

  it("is used where both may be", () => {
    openElsewhere(at("queue.db"));
    chmodSync(join(folder, "queue.db"), 0o666);
    chmodSync(folder, 0o777);

    expect(openAsNobody(at("queue.db"))).toBeNull();
  });
});

describe("a network file system", () => {
  it.each([
    ["NFS", 0x6969],
    ["SMB", 0x517b],
    ["SMB2", 0xfe534d42],
    ["CIFS", 0xff534d42],
    ["AFS", 0x5346414f],
    ["Ceph", 0x00c36400],
    ["Lustre", 0x0bd00bd0],
    ["GPFS", 0x47504653],
    ["9p", 0x01021997],
  ])("is refused: %s", async (name, type) => {
    const trouble = await troubleOf(() => prepareLocation(at("queue.db"), { fileSystemType: () => type }));

    expect(trouble.code).toBe("network-file-system");
    expect(trouble.message).toContain(`is on a network file system (${name})`);
    expect(trouble.message).toContain("libSQL server");
    expect(existsSync(join(folder, "queue.db"))).toBe(false);
  });

  it("is not what this test runs on, nor a disk, nor a machine that has no such numbers", () => {
    const path = join(folder, "queue.db");

    expect(prepareLocation(at("queue.db"))).toMatchObject({ kind: "file", path });
    expect(prepareLocation(at("queue.db"), { fileSystemType: () => 0xef53 })).toMatchObject({
      fileSystem: "local",
    });
    expect(prepareLocation(at("queue.db"), { fileSystemType: () => null })).toMatchObject({
      fileSystem: null,
    });
  });

  it("may stand behind FUSE, which is let pass and told", () => {
    expect(prepareLocation(at("queue.db"), { fileSystemType: () => FUSE })).toMatchObject({
      fileSystem: "FUSE",
    });
  });

  it("is a remote server's own affair", () => {
    const refusing = { fileSystemType: () => 0x6969 };

    expect(prepareLocation("libsql://queue.example.com", refusing)).toEqual({
      kind: "remote",
      url: "libsql://queue.example.com",
    });
  });
});

describe("a database that cannot be used is told in a sentence, and stays as it is", () => {
  it("when it is no database", async () => {
    writeFileSync(join(folder, "queue.db"), "this is a text of more than sixteen bytes\n".repeat(50));

    expect((await troubleOf(() => opened(at("queue.db")))).message).toMatch(/^The file is not a database/);
  });

  it("when its pages are damaged", async () => {
    const made = await openTestHouse();
    await made.store.maintenance.checkpoint("truncate");
    const bytes = readFileSync(join(made.folder, "gatehouse.db"));
    await made.close();
    writeFileSync(
      join(folder, "queue.db"),
      Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xa5)]),
    );

    expect((await troubleOf(() => opened(at("queue.db")))).message).toMatch(/^The database file is damaged/);
  });

  it("when a newer Gatehouse wrote it", async () => {
    await opened(at("queue.db"));
    const raw = await openRaw(at("queue.db"));
    await raw.write([{ sql: "INSERT INTO schema_migrations VALUES (9999, 'from-the-future', 0)" }]);
    await raw.close();

    const trouble = await troubleOf(() => opened(at("queue.db")));

    expect(trouble.code).toBe("newer-schema");
    expect(trouble.message).toContain("The database has schema 9999");
  });

  it("when another process keeps it locked", async () => {
    await opened(at("queue.db"));
    const { default: Database } = await import("libsql");
    const holder = new Database(join(folder, "queue.db"));
    holder.exec("BEGIN IMMEDIATE");
    const store = await openStore({ url: at("queue.db"), busyDeadlineMs: 100 });
    const trouble = await troubleOf(() => store.maintenance.tryWrite());
    holder.exec("ROLLBACK");
    holder.close();
    await store.maintenance.tryWrite();
    await store.close();

    expect(trouble.code).toBe("locked");
    expect(trouble.message).toContain("another process holds a write transaction open");
    await opened(at("queue.db"));
  });

  it("when it has become read-only: nothing of the change was written, and what was there can be read", async () => {
    await opened(at("queue.db"));
    const connection = await Connection.open({ url: at("queue.db") });
    const roster = rosterStore(connection, databaseClock);
    const epic = (key: string) =>
      roster.addEpic({ key, title: "Clips", goal: "All of them" }, "person:test:a");
    await epic("BEFORE");
    await connection.pragma("PRAGMA query_only = ON");
    const trouble = await troubleOf(() => epic("AFTER"));
    const stands = (await roster.epics()).map(({ key }) => key);
    await connection.close();

    expect(trouble.message).toMatch(/^The database is read-only: give this process write access/);
    expect(stands.toSorted()).toEqual(["BEFORE", "GATE"]);
  });

  it("when the disk is full: nothing of the change was written, and what was there can be read", async () => {
    await opened(at("queue.db"));
    const connection = await Connection.open({ url: at("queue.db") });
    const roster = rosterStore(connection, databaseClock);
    const [pages] = await connection.pragma("PRAGMA page_count");
    await connection.pragma(`PRAGMA max_page_count = ${Number(pages!["page_count"]) + 2}`);
    const epic = (key: string) =>
      roster.addEpic({ key, title: "x".repeat(300), goal: "y".repeat(4000) }, "person:test:a");
    const added: string[] = [];
    const trouble = await troubleOf(async () => {
      for (let number = 1; number <= 50; number += 1) {
        await epic(`E${number}`);
        added.push(`E${number}`);
      }
    });
    const stands = (await roster.epics()).map(({ key }) => key);
    await connection.close();

    expect(trouble.message).toMatch(/^The disk is full: nothing was written/);
    expect(added.length).toBeGreaterThan(0);
    expect(stands.toSorted()).toEqual(["GATE", ...added].toSorted());
  });
});
