import { Trouble } from "../../../src/ports/trouble.ts";
import { applicationId } from "./doctor.ts";
import type { DiscordReceiverSettings } from "./receive/settings.ts";
import { failureWords } from "./receive/words.ts";
import { inviteUrl } from "./register/invite.ts";

/** The link for this token's own application. */
export async function inviteFor(
  settings: DiscordReceiverSettings,
  guild: string | undefined,
): Promise<string> {
  try {
    return inviteUrl(await applicationId(settings), guild);
  } catch (error) {
    throw new Trouble("unreachable", failureWords(error));
  }
}
