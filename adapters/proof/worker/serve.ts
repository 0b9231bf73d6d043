import type { Verdict } from "../../../src/core/proof.ts";
import type { Verifier } from "../../../src/ports/verifier.ts";
import type { Groups } from "../run.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

type Verifiers = ReadonlyMap<string, Verifier>;
type Ask = Extract<ToWorker, { ask: number }>;

/**
 * The life of the process that looks at proofs: answers until the bot is gone, and then leaves nothing running. `load`
 * makes the verifiers from the settings of the first message; what is asked meanwhile waits for it.
 */
export function serveVerifiers(
  load: (settings: unknown, groups: Groups) => Promise<readonly Verifier[]>,
): void {
  const underWay = new Map<number, AbortController>();
  let verifiers: Promise<Verifiers> | null = null;

  const say = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  const groups: Groups = {
    // Written is told: what a process has written is read to its end, whatever becomes of it.
    began: (group) =>
      new Promise((told, failed) => {
        if (process.send === undefined || !process.connected) return failed(new Error("The bot is gone."));
        process.send({ began: group } satisfies FromWorker, (error: Error | null) =>
          error === null ? told() : failed(error),
        );
      }),
    ended: (group) => say({ ended: group }),
  };
  const ready = async (settings: unknown): Promise<Verifiers> =>
    new Map((await load(settings, groups)).map((verifier) => [verifier.kind, verifier]));

  const answer = async ({ ask, proof }: Ask): Promise<void> => {
    const calledOff = new AbortController();
    underWay.set(ask, calledOff);
    const verifier = (await verifiers)?.get(proof.requirement.kind);
    const verdict: Verdict =
      verifier === undefined
        ? { verdict: "inconclusive", reason: `No verifier for ${proof.requirement.kind} is here.` }
        : await verifier.verify(proof, calledOff.signal);
    underWay.delete(ask);
    say({ answer: ask, verdict });
  };

  process.on("message", (message: ToWorker) => {
    if ("settings" in message) {
      verifiers = ready(message.settings);
      void verifiers.then(() => say({ ready: true }));
    } else if ("ask" in message) void answer(message);
    else if ("callOff" in message) underWay.get(message.callOff)?.abort();
    else say({ pong: true });
  });
  // A terminal and a service manager signal everybody; when it is time to end is the bot's to say.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => undefined);
  process.on("disconnect", () => {
    // Called off, a command's whole group is killed at once.
    for (const calledOff of underWay.values()) calledOff.abort();
    // An ordinary exit waits for look-ups that hang in the resolver.
    process.kill(process.pid, "SIGKILL");
  });
}
