import type { Verb } from "../verb.ts";
import { ack } from "./ack.ts";
import { add } from "./add.ts";
import { approve } from "./approve.ts";
import { assign } from "./assign.ts";
import { audit } from "./audit.ts";
import { block } from "./block.ts";
import { cancel } from "./cancel.ts";
import { dashboard } from "./dashboard.ts";
import { digest } from "./digest.ts";
import { help } from "./help.ts";
import { list } from "./list.ts";
import { me } from "./me.ts";
import { pause } from "./pause.ts";
import { prioritize } from "./prioritize.ts";
import { prove } from "./prove.ts";
import { reopen } from "./reopen.ts";
import { resume } from "./resume.ts";
import { show } from "./show.ts";
import { snooze } from "./snooze.ts";
import { status } from "./status.ts";
import { subscribe } from "./subscribe.ts";
import { unblock } from "./unblock.ts";
import { undo } from "./undo.ts";
import { unsubscribe } from "./unsubscribe.ts";
import { validate } from "./validate.ts";

/** The catalogue of `/gate`, in the order help shows it. A new verb is one file here and one line below. */
export const allVerbs: readonly Verb[] = [
  help,
  me,
  status,
  list,
  show,
  add,
  block,
  unblock,
  prioritize,
  assign,
  cancel,
  reopen,
  prove,
  approve,
  ack,
  snooze,
  digest,
  subscribe,
  unsubscribe,
  pause,
  resume,
  undo,
  validate,
  audit,
  dashboard,
];
