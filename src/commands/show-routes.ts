import { parseAttemptId } from "../core/attempt.ts";
import { type Diagnosis, diagnoseTrouble } from "../core/diagnosis.ts";
import { done, missing, type Outcome, refused } from "../core/refusal.ts";
import { type RouteLedger, routeLedger } from "../core/route-ledger.ts";
import type { RouteSubject } from "../ports/routes.ts";
import type { House } from "./house.ts";

/** An attempt's ledger, and what its newest error means; null where none came. */
export type ShownRoute = RouteLedger & { readonly diagnosis: Diagnosis | null };

export interface ShownRoutes {
  readonly attempts: readonly ShownRoute[];
  /** What was seen of the subject in no attempt that is known. */
  readonly unattributed: RouteLedger["observed"];
}

const ATTEMPTS_MAX = 50;
const SEEN_MAX = 500;

/** A name as people type it: an attempt's id, else a session that is known, else an agent. */
export async function showRoutes(house: House, name: string): Promise<Outcome<ShownRoutes>> {
  const subjects: readonly RouteSubject[] =
    parseAttemptId(name) === null
      ? [{ session: name }, { agent: name }]
      : [{ attempt: name }, { session: name }];
  for (const subject of subjects) {
    const shown = await showRoutesOf(house, subject);
    if (shown.attempts.length > 0 || shown.unattributed.length > 0) return done(shown);
  }
  const hint =
    "Name an attempt such as CLIP-12.2, or a session or an agent that holds one or whose calls were seen.";
  return refused(missing("session", name, hint));
}

/** The ledgers of the subject's attempts, newest first. */
export async function showRoutesOf(house: House, subject: RouteSubject): Promise<ShownRoutes> {
  const [attempts, seen] = await Promise.all([
    house.routes.attempts(subject, ATTEMPTS_MAX),
    house.routes.seen(subject, SEEN_MAX),
  ]);
  const shown: ShownRoute[] = [];
  for (const attempt of attempts) {
    const ofAgent = await house.routes.seen({ agent: attempt.agent }, SEEN_MAX);
    const ledger = routeLedger(attempt, [...seen, ...ofAgent]);
    const error = ledger.errors[0];
    const diagnosis =
      error === undefined
        ? null
        : diagnoseTrouble({
            ...attempt,
            demand: { route: attempt.route, aliases: attempt.aliases },
            claimedAt: attempt.startedAt,
            error: { ...error, kind: error.trouble ?? "other", at: error.lastSeenAt },
            seen: ofAgent,
          });
    shown.push({ ...ledger, diagnosis });
  }
  return { attempts: shown, unattributed: seen.filter(({ attempt }) => attempt === null) };
}
