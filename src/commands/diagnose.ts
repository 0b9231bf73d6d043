import type { DatabasePlace, Maintenance } from "../ports/maintenance.ts";
import type { ChatProbe, Probes } from "../ports/probes.ts";
import { Trouble } from "../ports/trouble.ts";
import { briefFindings } from "./brief-file.ts";
import type { House } from "./house.ts";
import { versionFits } from "./version-fits.ts";

/** One thing that was looked at. `fix` says what to do; beside `ok` it is advice. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string | null;
}

export interface Diagnosis {
  readonly checks: readonly Check[];
  /** False where the database could not be used at all. */
  readonly reachable: boolean;
}

export interface Patient {
  readonly probes: Probes;
  readonly configFaults: readonly {
    readonly variable: string;
    readonly got: string;
    readonly takes: string;
  }[];
  /** How each chat that is set up is connected: none of these rejects. */
  readonly chats?: readonly ChatProbe[];
  /** Throws Trouble where the database cannot be used. */
  open(): Promise<{
    readonly house: House;
    readonly maintenance: Maintenance;
    readonly close: () => Promise<void>;
  }>;
}

/** Clocks further apart than this make leases lapse early or late for people who look at another one. */
const SKEW_MAX_MS = 2000;
const WAL_MAX_BYTES = 64 * 1_048_576;
const MIB = 1_048_576;

/** Looks at everything Gatehouse needs and says of each how it is and what to do. Makes a database that is missing. */
export async function diagnose(patient: Patient): Promise<Diagnosis> {
  const { probes, configFaults } = patient;
  const around: readonly Check[] = [
    runtimeCheck(probes),
    ...configChecks(configFaults),
    await portCheck(probes),
    await proofRootCheck(probes),
  ];
  try {
    const { house, maintenance, close } = await patient.open();
    try {
      const chats = await chatChecks(patient, await house.channels.channels());
      return {
        checks: [...around, ...chats, ...(await databaseChecks(house, maintenance))],
        reachable: true,
      };
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    const check = failing(
      "database",
      error.message,
      "Mend what the sentence names, then run `gatehouse doctor` again.",
    );
    return { checks: [...around, ...(await chatChecks(patient, [])), check], reachable: false };
  }
}

async function chatChecks(
  { chats = [] }: Patient,
  subscribed: Parameters<ChatProbe>[0],
): Promise<readonly Check[]> {
  return (await Promise.all(chats.map((look) => look(subscribed)))).flat();
}

function well(name: string, detail: string, advice: string | null = null): Check {
  return { name, ok: true, detail, fix: advice };
}

function failing(name: string, detail: string, fix: string): Check {
  return { name, ok: false, detail, fix };
}

function runtimeCheck(probes: Probes): Check {
  const { version, engines } = probes.runtime();
  if (versionFits(version, engines)) return well("node", `Node ${version}`);
  return failing(
    "node",
    `Node ${version}, which is not one of ${engines}`,
    "Install a Node version of that range.",
  );
}

function configChecks(faults: Patient["configFaults"]): readonly Check[] {
  if (faults.length === 0) return [well("configuration", "every variable fits")];
  return faults.map(({ variable, got, takes }) =>
    failing("configuration", `${variable}: got ${got}`, `${variable} takes ${takes}`),
  );
}

async function portCheck(probes: Probes): Promise<Check> {
  const { address, state, detail } = await probes.port();
  switch (state) {
    case "free":
      return well("port", `${address} is free`);
    case "ours":
      return well("port", `a Gatehouse answers at ${address}`);
    case "other":
      return failing(
        "port",
        `${address} is taken by another program: ${detail}`,
        "Stop it, or set GATEHOUSE_HTTP to another port.",
      );
    case "unusable":
      return failing(
        "port",
        `${address} cannot be listened on: ${detail}`,
        "Set GATEHOUSE_HTTP to an address of this machine.",
      );
  }
}

async function proofRootCheck(probes: Probes): Promise<Check> {
  const { path, given, state } = await probes.proofRoot();
  const name = "proof folder";
  switch (state) {
    case "usable":
      return well(name, path);
    case "absent":
      return given
        ? failing(
            name,
            `${path} does not exist`,
            "Make the folder, or point GATEHOUSE_PROOF_ROOT at the one agents work in.",
          )
        : well(name, `${path}, made when the bot starts`);
    case "not-a-folder":
      return failing(name, `${path} is not a folder`, "Point GATEHOUSE_PROOF_ROOT at a folder.");
    case "unreadable":
      return failing(
        name,
        `${path} may not be read by this process`,
        "Let this user read it, or no file proof can pass.",
      );
  }
}

async function databaseChecks(house: House, maintenance: Maintenance): Promise<readonly Check[]> {
  return [
    placeCheck(maintenance.place),
    await writeCheck(maintenance),
    await schemaCheck(maintenance),
    await clockCheck(house),
    await walCheck(maintenance),
    well("verifiers", [...house.verifiers.keys()].join(", ")),
    await briefCheck(house),
  ];
}

function placeCheck(place: DatabasePlace): Check {
  if (place.kind === "remote") return well("database", `server ${place.url}`);
  if (place.fileSystem === "FUSE") {
    const advice =
      "If a network stands behind that FUSE mount, move the database to a local disk: its locks do not hold there.";
    return well("database", `${place.path}, on a FUSE mount`, advice);
  }
  return well("database", place.path);
}

async function writeCheck(maintenance: Maintenance): Promise<Check> {
  try {
    await maintenance.tryWrite();
    return well("write access", "a row was written and taken away again");
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return failing(
      "write access",
      error.message,
      "Free the disk, or let this process write, as the sentence says.",
    );
  }
}

async function schemaCheck(maintenance: Maintenance): Promise<Check> {
  const { applied, known } = await maintenance.schema();
  const drift = applied === known ? await maintenance.drift() : [];
  if (drift.length > 0) {
    return failing(
      "schema",
      `version ${applied}, but somebody changed it: ${drift.join("; ")}`,
      "Restore the last backup, or put back by hand what the sentence names: without its triggers the database lets untrue rows in.",
    );
  }
  if (applied === known)
    return well("schema", `version ${applied}, with every trigger of the gates in place`);
  return failing(
    "schema",
    `version ${applied}, and this Gatehouse knows ${known}`,
    "Use the newest Gatehouse on this database.",
  );
}

async function clockCheck(house: House): Promise<Check> {
  const before = house.clock.now();
  const theirs = await house.queue.now();
  const after = house.clock.now();
  // The answer was written somewhere between the two looks at our own clock.
  const skewMs = theirs < before ? before - theirs : Math.max(0, theirs - after);
  if (skewMs <= SKEW_MAX_MS) return well("clock", "the database's clock and this machine's agree");
  return failing(
    "clock",
    `the database's clock is ${(skewMs / 1000).toFixed(1)} s ${theirs < before ? "behind" : "ahead of"} this machine's`,
    "Let both machines take their time from the network (NTP); leases lapse by the database's.",
  );
}

async function walCheck(maintenance: Maintenance): Promise<Check> {
  const bytes = await maintenance.walBytes();
  if (bytes === null) return well("write-ahead log", "the server's own");
  const size = `${(bytes / MIB).toFixed(1)} MiB`;
  if (bytes <= WAL_MAX_BYTES) return well("write-ahead log", size);
  return failing(
    "write-ahead log",
    `${size}: some process has been reading for very long and keeps it from being moved into the database`,
    "Find the process that holds the database open (lsof on the file) and end it; `gatehouse serve` then shrinks it.",
  );
}

async function briefCheck(house: House): Promise<Check> {
  const [edited] = await briefFindings(house);
  if (edited !== undefined) return failing("brief", edited.detail, edited.fix);
  const last = await house.briefs.last();
  if (last === null)
    return well("brief", "none was made yet", "Make one for agents: gatehouse queue-operating-refresh");
  const made = `revision ${last.revision} of ${new Date(last.generatedAt).toISOString()}`;
  if (last.staleBecause === null) return well("brief", made);
  const because = `${made} is stale, because the queue was not valid: ${last.staleBecause.join(", ")}`;
  return failing(
    "brief",
    because,
    "Mend what `gatehouse queue-validate` lists, then `gatehouse queue-operating-refresh`.",
  );
}
