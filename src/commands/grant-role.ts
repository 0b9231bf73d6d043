import { type Grant, type Grantee, granteeName } from "../core/grant.ts";
import { done, invalid, missing, type Outcome, refused } from "../core/refusal.ts";
import type { GrantRecord } from "../ports/roles.ts";
import type { Caller, House } from "./house.ts";

/** The longest id any platform gives, with room. */
const SUBJECT_MAX = 100;

/** Gives a role in place of the one given before. */
export async function grantRole(
  house: Pick<House, "roles">,
  grant: Grant,
  caller: Caller,
): Promise<Outcome<GrantRecord>> {
  if (grant.subject.length > SUBJECT_MAX || grant.platform.length > SUBJECT_MAX) {
    return refused(
      invalid("subject", {
        expected: `an id of at most ${SUBJECT_MAX} characters`,
        got: grant.subject.length,
        hint: "Use the platform's own id of the person or group: `/gate me` shows yours.",
      }),
    );
  }
  return done(await house.roles.grant(grant, caller.actor));
}

/** Takes a given role back; what the person has by other grants stays. */
export async function revokeRole(
  house: Pick<House, "roles">,
  grantee: Grantee,
  caller: Caller,
): Promise<Outcome<Grantee>> {
  if (await house.roles.revoke(grantee, caller.actor)) return done(grantee);
  return refused(
    missing("grant", granteeName(grantee), "Nothing was given there: `gatehouse role list` shows what was."),
  );
}
