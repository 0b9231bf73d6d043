import type { ContradictionState } from "../../../../src/core/contradiction.ts";
import type { VerdictName } from "../../../../src/core/proof.ts";
import type { Status } from "../../../../src/core/task.ts";
import { code, line } from "../escape.ts";

const ADDRESS_MAX = 400;
const SHORT_ADDRESS = 60;

export const COLOURS = {
  blue: 0x3b_82_f6,
  green: 0x22_c5_5e,
  amber: 0xf5_9e_0b,
  red: 0xdc_26_26,
  violet: 0x8b_5c_f6,
  grey: 0x6b_72_80,
} as const;

type Look = readonly [sign: string, colour: number];

export const STATUS_LOOKS: Readonly<Record<Status, Look>> = {
  draft: ["✏️", COLOURS.grey],
  queued: ["🕓", COLOURS.grey],
  offered: ["📨", COLOURS.violet],
  active: ["🛠️", COLOURS.violet],
  verifying: ["🔎", COLOURS.amber],
  blocked: ["⛔", COLOURS.red],
  done: ["✅", COLOURS.green],
  dead: ["💀", COLOURS.red],
  cancelled: ["🚫", COLOURS.grey],
};

export const CONTRADICTION_LOOKS: Readonly<Record<ContradictionState, Look>> = {
  open: ["⚠️", COLOURS.amber],
  acknowledged: ["👀", COLOURS.amber],
  snoozed: ["🔕", COLOURS.grey],
  escalated: ["🔺", COLOURS.red],
  healed: ["✅", COLOURS.green],
  resolved: ["✅", COLOURS.green],
};

export const VERDICT_SIGNS: Readonly<Record<VerdictName | "missing", string>> = {
  missing: "▫️",
  pending: "⏳",
  inconclusive: "⏳",
  passed: "✅",
  failed: "❌",
};

/** A moment on each reader's own clock: `R` how long from now, `t` the time, `f` with the day. */
export function moment(at: number, style: "R" | "t" | "f"): string {
  return `<t:${Math.floor(at / 1000)}:${style}>`;
}

/** Where proof is: a web address whole or under its own host, anything else as code. */
export function place(uri: string): string {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  const web = url !== null && (url.protocol === "https:" || url.protocol === "http:");
  if (!web || url.username !== "" || url.password !== "") return code(uri);
  if (url.href.length <= SHORT_ADDRESS) return line(url.href);
  return url.href.length <= ADDRESS_MAX
    ? `[${line(url.host)}](<${url.href}>)`
    : `a long address on ${line(url.host)}`;
}

/** `person:discord:123` is somebody here, and is shown by name; mentions of a message that pings nobody make no sound. */
export function actor(name: string): string {
  const here = /^person:discord:(\d{17,20})$/u.exec(name);
  if (here !== null) return `<@${here[1]}>`;
  return line(name.replace(/^(?:agent|system):/u, ""), 120);
}

/** `3 tasks`, `1 task` */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
