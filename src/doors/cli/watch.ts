import { acknowledgeContradiction } from "../../commands/acknowledge-contradiction.ts";
import { watching } from "../../commands/job-work.ts";
import { runJob } from "../../commands/run-job.ts";
import { snoozeContradiction } from "../../commands/snooze-contradiction.ts";
import { undoHealing } from "../../commands/undo-healing.ts";
import {
  CONTRADICTION_STATES,
  type Contradiction,
  type ContradictionState,
  isOver,
} from "../../core/contradiction.ts";
import { sourceName } from "../../core/source.ts";
import { byHand } from "./by-hand.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { WrongUsage } from "./cli.ts";
import { conclude, isoTime, printJson, printLine, printRefusal, printTable } from "./print.ts";
import { readDuration, readWholeNumber } from "./read-arguments.ts";

interface Json {
  readonly json?: boolean;
}

const PAGE = 200;
const STANDING = CONTRADICTION_STATES.filter((state) => !isOver({ state }));

export const watchVerbs: VerbGroup = (program, cli) => {
  program
    .command("autonomy-verify-watch")
    .description("look for contradictions, mend what is safe, tell people; ends with 1 where any stands")
    .option("--json", "print JSON: {checkedAt, opened, healed, escalated, resolved, contradictions}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const run = await runJob(house, byHand("autonomy-verify-watch", cli), () => watching(house));
        if (!run.ok) return printRefusal(cli, run.refusal);
        const { standing, ...counts } = run.value;
        if (json === true) printJson(cli, { ...counts, contradictions: standing.map(recordJson) });
        else {
          const { opened, healed, escalated, resolved } = counts;
          printLine(
            cli,
            `${standing.length} contradictions stand: ${opened} opened, ${healed} healed, ${escalated} escalated, ${resolved} resolved`,
          );
          if (standing.length > 0) printRecords(cli, standing);
        }
        return standing.length === 0 ? 0 : 1;
      }),
    );
  const group = program
    .command("contradiction")
    .description("look at contradictions, and say what is done about them");
  looking(group, cli);
  acting(group, cli);
};

type Group = ReturnType<Parameters<VerbGroup>[0]["command"]>;

function looking(group: Group, cli: Cli): void {
  group
    .command("list")
    .description("list those that stand, or those in one state")
    .option("--state <state>", `one of ${CONTRADICTION_STATES.join(", ")}`)
    .option("--after <id>", "only after this one", readWholeNumber)
    .option("--json", "print JSON: {contradictions}")
    .action(({ state, after = 0, json }: Json & { state?: string; after?: number }) => {
      const states = state === undefined ? STANDING : [readState(state)];
      return cli.inHouse(async (house) => {
        const found = await house.contradictions.list({ states, after, limit: PAGE });
        if (json === true) printJson(cli, { contradictions: found.map(recordJson) });
        else printRecords(cli, found);
        return 0;
      });
    });
  group
    .command("healings")
    .description("list what the watch mended by itself, the newest first")
    .option("--json", "print JSON: {healings}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const healings = await house.contradictions.healings(PAGE);
        if (json === true) {
          printJson(cli, {
            healings: healings.map((one) => ({
              ...one,
              at: isoTime(one.at),
              undoneAt: isoTime(one.undoneAt),
            })),
          });
        } else {
          printTable(
            cli,
            ["ID", "AT", "RULE", "BY", "TASK", "SOURCE", "UNDONE"],
            healings.map((one) => [
              one.id,
              isoTime(one.at),
              one.rule,
              one.healing,
              one.task,
              sourceName(one.source),
              one.undoneBy,
            ]),
          );
        }
        return 0;
      }),
    );
}

function acting(group: Group, cli: Cli): void {
  group
    .command("ack <number>")
    .description("say that you look after it: it escalates no more")
    .option("--note <text>", "what you do about it")
    .option("--changed <text>", "what you changed at its source, where the queue cannot see it")
    .action((number: string, { note, changed }: { note?: string; changed?: string }) =>
      cli.inHouse(async (house) => {
        const input = { id: readWholeNumber(number), note, changed };
        return conclude(cli, await acknowledgeContradiction(house, input, cli.caller), ({ id, rule }) =>
          printLine(cli, `#${id} ${rule} is looked after by ${cli.caller.actor}`),
        );
      }),
    );
  group
    .command("snooze <number> <for>")
    .description("hear nothing of it for a while, at most 7d")
    .action((number: string, length: string) =>
      cli.inHouse(async (house) => {
        const input = { id: readWholeNumber(number), forMs: readDuration(length) };
        return conclude(cli, await snoozeContradiction(house, input, cli.caller), ({ id, snoozedUntil }) =>
          printLine(cli, `#${id} is silent until ${isoTime(snoozedUntil)}`),
        );
      }),
    );
  group
    .command("undo <healing>")
    .description("take back what the watch mended, where that is possible")
    .action((healing: string) =>
      cli.inHouse(async (house) =>
        conclude(cli, await undoHealing(house, readWholeNumber(healing), cli.caller), ({ id, task }) =>
          printLine(cli, `Healing ${id} of ${task ?? "the queue"} was taken back`),
        ),
      ),
    );
}

function readState(text: string): ContradictionState {
  const state = CONTRADICTION_STATES.find((one) => one === text);
  if (state === undefined) throw new WrongUsage(`--state takes one of ${CONTRADICTION_STATES.join(", ")}.`);
  return state;
}

function printRecords(cli: Cli, records: readonly Contradiction[]): void {
  printTable(
    cli,
    ["ID", "STATE", "RULE", "TASK", "SINCE", "SEEN", "WHAT"],
    records.map((one) => [
      one.id,
      one.state,
      one.rule,
      one.task,
      isoTime(one.openedAt),
      one.count,
      one.detail,
    ]),
  );
}

function recordJson(whole: Contradiction) {
  const { revision: _, told: __, ...record } = whole;
  return {
    ...record,
    openedAt: isoTime(record.openedAt),
    lastSeenAt: isoTime(record.lastSeenAt),
    snoozedUntil: isoTime(record.snoozedUntil),
    escalatedAt: isoTime(record.escalatedAt),
    overAt: isoTime(record.overAt),
  };
}
