// `npm run soak`: everything that shows that no acknowledged write is lost, at length. Says what it does, ends with a
// summary, and with status 1 where anything was lost.
//
//   npm run soak -- [--kills N] [--minutes M] [--seed S]
import { parseArgs } from "node:util";
import { discordPeer } from "../discord/exactly-once.ts";
import type { Audit } from "../race/audit.ts";
import { runRace } from "../race/claims.ts";
import { runStorm } from "../race/storm.ts";
import { slackPeer } from "../slack/exactly-once.ts";
import { type Peer, runAnnouncements } from "../support/announcements.ts";
import { runKills } from "./kills.ts";

interface Finding {
  readonly what: string;
  readonly well: boolean;
  readonly said: string;
}

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "120" },
    minutes: { type: "string", default: "5" },
    seed: { type: "string" },
  },
});
const kills = positive("kills", values.kills);
const minutes = positive("minutes", values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : positive("seed", values.seed);
const deadline = performance.now() + minutes * 60_000;

function positive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  process.stderr.write(`--${name} takes a number above 0, got ${text}\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wrongs({ lost, broken }: Audit): string {
  const examples = lost.slice(0, 5).map((ack) => JSON.stringify(ack));
  return [`${lost.length} lost`, ...examples, ...broken].join("\n    ");
}

async function storm(): Promise<Finding> {
  const ms = Math.min(30_000, minutes * 6000);
  say(`storm: 3 processes write to one file for ${ms / 1000} s and never wait for its lock`);
  const { reports, audit, stored } = await runStorm({ processes: 3, ms, reconnect: true });
  const acknowledged = reports.reduce((sum, report) => sum + report.acknowledged, 0);
  const refused = reports.reduce((sum, report) => sum + report.refused, 0);
  const well = acknowledged === stored && refused === 0 && audit.lost.length + audit.broken.length === 0;
  const said = `${acknowledged} acknowledged, ${stored} stored, ${refused} refused; ${wrongs(audit)}`;
  return { what: "storm", well, said };
}

async function race(): Promise<Finding> {
  const tasks = 10_000;
  say(`race: 8 processes work a queue of ${tasks} tasks empty`);
  const { reports, audit, ms } = await runRace({ tasks, processes: 8, sessions: 32 });
  const claimed = reports.flatMap((report) => report.claimed);
  const twice = claimed.length - new Set(claimed.map((attempt) => attempt.split(".")[0])).size;
  const well = claimed.length === tasks && twice === 0 && audit.done === tasks && audit.broken.length === 0;
  const said = `${claimed.length} claims, ${twice} twice, ${audit.done} done in ${(ms / 1000).toFixed(1)} s; ${wrongs(audit)}`;
  return { what: "race", well, said };
}

async function killed(): Promise<Finding> {
  say(`kills: ${kills} times SIGKILL at seeded moments, two processes at a time`);
  const deadlineMs = Math.max(0, deadline - performance.now());
  const report = await runKills({ kills, seed, deadlineMs, log: (line) => say(`  ${line}`) });
  const enough = report.kills >= Math.min(kills, 100);
  const well = enough && report.audit.lost.length + report.audit.broken.length === 0;
  const said = `${report.kills} kills, ${report.audit.acknowledged} acknowledged; ${wrongs(report.audit)}`;
  return { what: "kills", well, said };
}

async function announcedOn(name: string, open: (now: () => number) => Promise<Peer>): Promise<Finding> {
  const announcements = 2200;
  say(`announcements: ${announcements} to a ${name} that breaks in every way, by processes that are killed`);
  const options = { announcements, kills: 40, seed, log: (line: string) => say(`  ${line}`) };
  const report = await runAnnouncements(open, options);
  const { twice, lost, stray, unsettled, faults } = report;
  const wrong = twice.length + lost.length + stray.length + unsettled;
  const many = report.kills.beforePost + report.kills.afterPost;
  const said = `${report.announced} announced, ${twice.length} twice, ${lost.length} lost, ${stray.length} stray, ${unsettled} unsettled; ${many} kills, ${JSON.stringify(faults)}`;
  const well = wrong === 0 && report.announced === announcements;
  return { what: `announcements on ${name}`, well, said };
}

say(`soak: seed ${seed}, at most about ${minutes} minutes`);
const findings = [
  await storm(),
  await race(),
  await killed(),
  await announcedOn("Discord", (now) => discordPeer(now)),
  await announcedOn("Slack", (now) => slackPeer(now)),
];
say("");
for (const { what, well, said } of findings) say(`${well ? "well " : "WRONG"} ${what}: ${said}`);
const wrong = findings.filter(({ well }) => !well).length;
say(
  wrong === 0 ? "nothing was lost" : `${wrong} of ${findings.length} went wrong: again with --seed ${seed}`,
);
process.exitCode = wrong === 0 ? 0 : 1;
