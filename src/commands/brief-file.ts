import { type BriefRevision, briefFileText } from "../core/brief.ts";
import { type Finding, finding } from "../core/validation.ts";
import type { House } from "./house.ts";

/** What is wrong with the last brief as it stands: in the table, or in the file beside it. One finding at most. */
export async function briefFindings(house: House): Promise<readonly Finding[]> {
  const [last, text] = [await house.briefs.last(), await house.briefFile.read()];
  const wrong = briefFault(house, last, text);
  if (wrong === null) return [];
  return [finding("brief-edited", {}, wrong, "Have it written anew: gatehouse queue-operating-refresh")];
}

function briefFault(house: House, last: BriefRevision | null, text: string | null): string | null {
  const { path } = house.briefFile;
  if (last === null) {
    return text === null ? null : `${path} is there, and no brief was ever made: it was written by hand.`;
  }
  if (house.identity.sha256(last.content) !== last.sha256) {
    return `Revision ${last.revision} of the brief was changed in the database: its content is not what its sha256 says.`;
  }
  if (text === null)
    return `${path} is not there: revision ${last.revision} of the brief was not written to it.`;
  if (text !== briefFileText(last)) {
    return `${path} is not revision ${last.revision} of the brief as it was made: it was edited by hand, or its writing was cut short.`;
  }
  return null;
}

/** Brings the file to the newest revision; does nothing where it is so already. */
export async function writeBriefFile(house: House): Promise<void> {
  for (let tries = 1; tries <= 4; tries += 1) {
    const last = await house.briefs.last();
    if (last === null) return;
    const text = briefFileText(last);
    // Another process may have made a newer revision and written it first: look once more after writing.
    if ((await house.briefFile.read()) === text) return;
    await house.briefFile.write(text);
  }
}
