import type { Verb } from "../verb.ts";
import { ack } from "./ack.ts";
import { approve } from "./approve.ts";
import { digest } from "./digest.ts";
import { help } from "./help.ts";
import { list } from "./list.ts";
import { me } from "./me.ts";
import { prioritize } from "./prioritize.ts";
import { prove } from "./prove.ts";
import { show } from "./show.ts";
import { snooze } from "./snooze.ts";
import { status } from "./status.ts";
import { subscribe } from "./subscribe.ts";
import { unblock } from "./unblock.ts";
import { unsubscribe } from "./unsubscribe.ts";

/** The catalogue of `/gate`, in the order help shows it. A new verb is one file here and one line below. */
export const allVerbs: readonly Verb[] = [
  help,
  me,
  status,
  list,
  show,
  unblock,
  prioritize,
  prove,
  approve,
  ack,
  snooze,
  digest,
  subscribe,
  unsubscribe,
];
