import type { Hono } from "hono";
import type { WorkerDeath } from "../adapters/proof/worker/worker.ts";
import type { House } from "./commands/house.ts";
import type { Config } from "./config.ts";
import { checkpoint } from "./jobs/checkpoint.ts";
import { deliverOutbox } from "./jobs/deliver-outbox.ts";
import { indexTitles } from "./jobs/index-titles.ts";
import { type LoopOptions, type RunResult, startLoop } from "./jobs/loop.ts";
import { answerProofReplies } from "./jobs/proof-replies.ts";
import { recheckPool } from "./jobs/recheck-proofs.ts";
import { reclaimLeases } from "./jobs/reclaim-leases.ts";
import { ringOnWrite } from "./jobs/ring-on-write.ts";
import { runWhenDue } from "./jobs/scheduler.ts";
import { offerPool } from "./jobs/send-offers.ts";
import { updateTaskCards } from "./jobs/task-cards.ts";
import { timedJobs } from "./jobs/timed-jobs.ts";
import { proofPool } from "./jobs/verify-proofs.ts";
import { Places } from "./jobs/work-pool.ts";
import { listen } from "./listen.ts";
import type { ChatPlatform } from "./ports/chat.ts";
import { ChatConnections } from "./ports/chat-connections.ts";
import type { Maintenance } from "./ports/maintenance.ts";
import { Nudge } from "./ports/nudge.ts";
import { chatSettings, openHouse, prepareProofRoot } from "./wiring.ts";

/** How long requests and jobs have to end after a signal, in milliseconds. */
const STOP_MS = 4_000;
/** Whoever sent the signal waits five seconds; then the process is gone, whatever is still open. */
const LAST_MS = 4_800;
const CHECKPOINT_POLL_MS = 15_000;
/** How often what was done is looked through; a place that became free wakes it earlier. */
const RECHECK_POLL_MS = 5_000;

/** The longest rest between two looks at the calendar: the clock may be set, and other processes run jobs too. */
const SCHEDULE_POLL_MS = 15_000;

type Log = Awaited<ReturnType<typeof openLog>>;

/**
 * Runs the bot until SIGTERM or SIGINT: the HTTP door first, so that a second process on the same address fails before it
 * works on anything, then the jobs. Resolves when all of it is closed.
 */
export async function serve(config: Config, version: string, ready: (url: string) => void): Promise<void> {
  prepareProofRoot(config);
  const logging = openLog(config.log);
  const report = (death: WorkerDeath): void =>
    void logging.then((log) =>
      log.error(death, "the process that looks at proofs ended; its proofs are asked again"),
    );
  const [
    log,
    { house: quiet, store, servedAt, close },
    { startHttp },
    { allPlatforms, allReceivers, localReceiver },
    { dashboardApp },
    { chatRequests },
  ] = await Promise.all([
    logging,
    openHouse(config, report),
    import("./doors/http/server.ts"),
    import("../adapters/chat/all.ts"),
    import("./doors/dashboard/app.ts"),
    import("./doors/http/chat-requests.ts"),
  ]);
  const nudge = new Nudge();
  const house = ringOnWrite(quiet, nudge);
  const stopping = stopSignal(log);
  const local = localReceiver(house.localChat);
  const receivers = allReceivers(config, local);
  const connections = new ChatConnections();
  try {
    // What the page's handlers pass each other is theirs: the door only mounts it.
    const page = dashboardApp({ house, speech: local, nudge, signal: stopping, publicUrl: config.publicUrl });
    const http = await startHttp({
      house,
      log,
      version,
      nudge,
      host: config.http.host,
      port: config.http.port,
      walBytes: () => store.maintenance.walBytes(),
      connections,
      mounts: [page as unknown as Hono, ...chatRequests(receivers)],
    });
    servedAt(http.url);
    const tell = (platform: string, sentence: string): void => log.warn({ platform }, sentence);
    const platforms = allPlatforms({ localChat: house.localChat, ...chatSettings(config, tell) });
    const jobs = Promise.all([
      startJobs(
        { house, platforms, maintenance: store.maintenance, recheck: config.recheck },
        log,
        nudge,
        stopping,
      ),
      listen({ house, receivers, nudge, log, signal: stopping, connections }),
    ]);
    log.info({ url: http.url, version }, "ready");
    ready(http.url);
    await aborted(stopping);
    await within(STOP_MS, Promise.all([http.close(), jobs]), log);
    await store.maintenance.checkpoint("truncate");
  } finally {
    await close();
  }
  log.info({}, "stopped");
}

interface JobFacts {
  readonly house: House;
  readonly platforms: readonly ChatPlatform[];
  readonly maintenance: Maintenance;
  readonly recheck: Config["recheck"];
}

/** Every timed job of the bot, each in a loop of its own. Resolves when all have ended. */
async function startJobs(
  { house, platforms, maintenance, recheck }: JobFacts,
  log: Log,
  nudge: Nudge,
  signal: AbortSignal,
): Promise<void> {
  const places = new Places();
  const placed = new Nudge();
  const free = (): void => {
    nudge.ring();
    placed.ring();
  };
  const proofs = proofPool(house, signal, free, places);
  const offers = offerPool(house, signal, free);
  const again = recheckPool(house, recheck, signal, free, places);
  const jobs: Readonly<Record<string, () => Promise<RunResult>>> = {
    "verify-proofs": () => proofs.run(),
    "reclaim-leases": () => reclaimLeases(house),
    "send-offers": () => offers.run(),
    "task-cards": () => updateTaskCards(house),
    "proof-replies": () => answerProofReplies(house),
    // A loop for each chat: one that does not answer holds up no other.
    ...Object.fromEntries(
      platforms.map((platform) => [
        `deliver-outbox ${platform.name}`,
        () => deliverOutbox(house, [platform]),
      ]),
    ),
  };
  const options: LoopOptions = {
    clock: house.clock,
    signal,
    nudge,
    log: ({ loop, error, failures, retryMs }) =>
      log.error({ err: error, loop, failures, retryMs }, "a job failed"),
  };
  const { nudge: _, ...unhurried } = options;
  const watch = () =>
    checkpoint(maintenance, (report) =>
      log[report.complete ? "debug" : "warn"](report, "checkpointed the write-ahead log"),
    );
  await Promise.all([
    ...Object.entries(jobs).map(([name, job]) => startLoop(name, job, options)),
    startLoop("recheck-proofs", () => again.run(), { ...unhurried, nudge: placed, pollMs: RECHECK_POLL_MS }),
    ...timedJobs.map((job) =>
      startLoop(job.job, () => runWhenDue(house, job), { ...unhurried, pollMs: SCHEDULE_POLL_MS }),
    ),
    startLoop("index-titles", () => indexTitles(house.search), unhurried),
    startLoop("checkpoint", watch, { ...unhurried, pollMs: CHECKPOINT_POLL_MS }),
  ]);
  await Promise.all([proofs.idle(), again.idle(), offers.idle()]);
}

/** JSON lines on standard error: standard output belongs to the one line scripts wait for. */
async function openLog(level: Config["log"]) {
  const { pino } = await import("pino");
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}

/** Aborts at the first SIGTERM or SIGINT. A second one is not waited for: whoever sends it means now. */
function stopSignal(log: Log): AbortSignal {
  const stopping = new AbortController();
  const cutOff = (): void => {
    log.warn({}, "the database is held by another process: ending without it; no acknowledged write is lost");
    process.exit(0);
  };
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(1);
      log.info({ signal: name }, "stopping");
      stopping.abort();
      setTimeout(cutOff, LAST_MS).unref();
    });
  }
  return stopping.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits for the end of the work, but not longer: what is cut off was leased, and is taken up again. */
async function within(ms: number, work: Promise<unknown>, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn({ ms }, "something did not end in time and is cut off; it will be taken up again");
      resolve();
    }, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
