// Rules of the kinds that look at this machine: file and command.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, symlinkSync, truncateSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { AFTER, FILE, type World } from "../proof/support/world.ts";
import { all, claims, inFile, links, rulesOf, type Spoil, wants } from "./rule.ts";

const file = inFile("file.ts");
const local = inFile("local-file.ts");
const command = inFile("command.ts");
const run = inFile("run.ts");

const DIGEST_OF_FILE = createHash("sha256").update(FILE).digest("hex");
const AT = Date.parse(AFTER);
/** A file of the policy's content under another name, with a policy that takes any name. */
const named = (path: string): Spoil =>
  all((_, world) => world.put(path, FILE), wants({ path: undefined }), links(`file:${path}`));
const anyPath = (path: string) => all(wants({ path: undefined }), links(`file:${path}`));
const only = (path: string, fields = {}) =>
  all(wants({ path, sha256: undefined, minBytes: undefined, ...fields }), links(`file:${path}`));
let made = 0;
/** A link below the root to somewhere, under a new name. */
const linkTo = (target: (world: World) => string, inside = ""): Spoil => {
  return (good, world) => {
    made += 1;
    symlinkSync(target(world), join(world.root, `link-${made}`));
    return anyPath(`link-${made}${inside}`)(good, world);
  };
};

/** Does something to the file at each look, once it is being read: the look's signal is asked for before each part. */
export const while_ = (act: (path: string) => void): Spoil => {
  return (good, { root }) => {
    const signal = () => {
      let asked = 0;
      return new Proxy(new AbortController().signal, {
        get(target, field) {
          // First of all, before the first part, and before the second.
          if (field === "aborted" && ++asked === 2) act(join(root, "out/report.txt"));
          const value: unknown = Reflect.get(target, field, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    };
    Object.defineProperty(good, "signal", { get: signal, enumerable: true });
    return wants({ sha256: undefined })(good, {} as World);
  };
};

export const fileRules = rulesOf("file", [
  [
    "the link's scheme",
    /linked as file:/,
    [local('if (!uri.startsWith("file:")) return null;')],
    ...["path:", "data:", "FILE:", "File:", "file;", "file/"].map((head) => links(`${head}out/report.txt`)),
  ],
  [
    "one place below the root",
    /linked as file:/,
    [local('.every((part) => part !== "" && part !== "." && part !== "..")', ".every(() => true)")],
    ...["./out/report.txt", "out/../out/report.txt", "out//report.txt", "/out/report.txt"].map(anyPath),
    (good, world) => anyPath(`../${basename(world.root)}/out/report.txt`)(good, world),
  ],
  [
    "no character that is read twice",
    /linked as file:/,
    [local("/[\\p{Cc}\\p{Cf}\\\\]/u.test(path)", "false")],
    ...["report\u200b.txt", "report\n.txt", "re\\port.txt", "\u202ereport.txt"].map(named),
  ],
  [
    "path",
    /policy wants file:/,
    [file("wanted.path !== undefined && wanted.path !== path", "false")],
    ...["out/report.tx", "out/report.txtt", "out/Report.txt", "Out/report.txt", "report.txt"].map(
      (path): Spoil => all((_, world) => world.put(path, FILE), links(`file:${path}`)),
    ),
  ],
  [
    "no link at the end",
    /leads through a link/,
    [
      local(
        "constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK",
        "constants.O_RDONLY | constants.O_NONBLOCK",
      ),
    ],
    linkTo(() => "out/report.txt"),
    linkTo(({ root }) => join(root, "out/report.txt")),
  ],
  [
    "no link on the way",
    /leads through a link/,
    [local("constants.O_DIRECTORY | constants.O_NOFOLLOW", "constants.O_DIRECTORY")],
    linkTo(() => "out", "/report.txt"),
    linkTo(({ root }) => root, "/out/report.txt"),
  ],
  [
    "a regular file",
    /not a regular file/,
    // A pipe is kept out by what it cannot do as well: be read from a place.
    [
      local("if (!before.isFile())", "if (false)"),
      local("handle.read(chunk, 0, chunk.length, size)", "handle.read(chunk, 0, chunk.length, null)"),
    ],
    (good, world) => {
      const pipe = join(world.root, "pipe");
      execFileSync("mkfifo", [pipe]);
      utimesSync(pipe, AT / 1000, AT / 1000);
      return only("pipe", { minBytes: 0 })(good, world);
    },
  ],
  [
    "largest size",
    /larger than/,
    [local("if (before.size > maxBytes)", "if (false)"), local("if (size > maxBytes)", "if (false)")],
    (good, world) => {
      world.put("large", "x");
      truncateSync(join(world.root, "large"), 64 * 1024 * 1024 + 1);
      utimesSync(join(world.root, "large"), AT / 1000, AT / 1000);
      return only("large")(good, world);
    },
  ],
  [
    "unchanged while it is read",
    /still being written/,
    [
      local(
        "after.size !== read.size || after.mtimeMs !== before.mtimeMs || after.ctimeMs !== before.ctimeMs",
        "false",
      ),
    ],
    while_((path) => appendFileSync(path, "and more")),
    while_((path) => utimesSync(path, AT / 1000 + 1, AT / 1000 + 1)),
  ],
  [
    "minBytes",
    /at least/,
    [file("file.size < floor", "false")],
    wants({ minBytes: 20 }),
    wants({ minBytes: 1_000_000 }),
    all((_, world) => world.put("empty", ""), only("empty")),
  ],
  [
    "sha256",
    /policy wants [0-9a-f]{64}/,
    [file("wanted.sha256 !== undefined && file.sha256 !== wanted.sha256", "false")],
    wants({ sha256: "0".repeat(64) }),
    ...Array.from(
      { length: 64 },
      (_, at): Spoil =>
        (good, world) => {
          const right = DIGEST_OF_FILE;
          const digit = right[at] === "0" ? "1" : "0";
          return wants({ sha256: right.slice(0, at) + digit + right.slice(at + 1) })(good, world);
        },
    ),
    (_, world) => world.put("out/report.txt", FILE.replace("green", "Green")),
    (_, world) => world.put("out/report.txt", FILE.replace("\n", " ")),
  ],
  [
    "age",
    /before the task was claimed/,
    [
      file(
        "const old = wanted.sha256 === undefined ? olderThanClaim(file, proof.attempt.claimedAt) : null;",
        "const old = null;",
      ),
    ],
    ...[21, 1_000, 86_400_000].map((later) => all(wants({ sha256: undefined }), claims(AT + later))),
  ],
]);

const shell = (script: string) => wants({ argv: ["sh", "-c", script] });

export const commandRules = rulesOf("command", [
  [
    "link",
    /command:it/,
    [command("if (proof.uri !== `command:", "if (false && proof.uri !== `command:")],
    ...["command:other", "command:It", "command:it ", "command:i", "Command:it", "it"].map(links),
  ],
  [
    "exit",
    /is wanted/,
    [command("run.exit !== exit", "false")],
    wants({ exit: 1 }),
    wants({ exit: 255 }),
    shell("echo 12 passed; exit 1"),
    shell("echo 12 passed; exit 3"),
  ],
  [
    "a program that is not there has no status",
    /could not be started/,
    [run("if ((status !== 126 && status !== 127) || said.indexOf(name) !== 0) return null;", "return null;")],
    wants({ argv: ["no-such-program"], exit: 127, stdoutContains: undefined }),
    wants({ argv: ["./no-such-program"], exit: 127, stdoutContains: undefined }),
    all(
      (_, world) => world.put("plain.txt", "echo"),
      wants({ argv: ["./plain.txt"], exit: 126, stdoutContains: undefined }),
    ),
  ],
  [
    "ended by itself",
    /was ended by/,
    [command('if (run.end === "killed")', "if (false)"), command("run.exit !== exit", "false")],
    shell("echo 12 passed; kill -9 $$"),
    shell("echo 12 passed; kill -15 $$"),
  ],
  [
    "stdoutContains",
    /did not print/,
    [command("text !== undefined && !run.stdout.includes(text)", "false")],
    ...["13 passed", "12 Passed", "12 passed!", "12  passed", "112 passed"].map((text) =>
      wants({ stdoutContains: text }),
    ),
    shell("echo 12 passed >&2"),
  ],
  [
    "the first MiB of output",
    /in the first/,
    [command("keepBytes: KEEP_BYTES", "keepBytes: 1e9")],
    shell("head -c 1048576 /dev/zero; echo 12 passed"),
  ],
  [
    "time",
    /did not end within/,
    [run('setTimeout(() => stop("timeout"), options.timeoutMs)', "setTimeout(() => undefined, 0)")],
    all(shell("sleep 0.3; echo 12 passed"), wants({ timeoutSeconds: 0.05 })),
  ],
  [
    "no shell",
    /status 1|did not print/,
    [run('exec "$@" </dev/null', 'eval "$*" </dev/null; exit')],
    wants({ argv: ["false", "||", "echo", "12 passed"] }),
    wants({ argv: ["echo", "$((6 * 2)) passed"] }),
    wants({ argv: ["echo", "`echo 12` passed"] }),
  ],
  [
    "nothing of the bot's environment",
    /status 1/,
    [run("env: { ...env },", "env: { ...process.env, ...env },")],
    shell('test -n "$VITEST" && echo 12 passed'),
  ],
  [
    "a home of its own",
    /status 1/,
    [command("HOME: home,", "HOME: process.cwd(),")],
    shell('test -n "$(ls -A "$HOME")" && echo 12 passed'),
  ],
  [
    "cwd is no link",
    /leads through a link/,
    [command("!(await isPlainBelow(real, below))", "false")],
    ...[tmpdir(), "/", "out"].map(
      (target): Spoil =>
        (good, world) => {
          made += 1;
          symlinkSync(target, join(world.root, `folder-${made}`));
          return wants({ cwd: `folder-${made}` })(good, world);
        },
    ),
  ],
  [
    "cwd is below the root",
    /does not fit/,
    [command('path === "." || isRelativePath(path)', "true")],
    ...["..", "../..", "out/../.."].map((cwd) => wants({ cwd })),
  ],
]);
