import { type Command, Option } from "commander";
import { pauseLane, resumeLane } from "../../commands/pause-lane.ts";
import { setLane } from "../../commands/set-lane.ts";
import type { Outcome } from "../../core/refusal.ts";
import { type Route, routeName } from "../../core/route.ts";
import { OBSERVE, type Observe } from "../../core/route-facts.ts";
import type { Lane } from "../../core/task.ts";
import type { Cli, ExitStatus, VerbGroup } from "./cli.ts";
import { type DispatchOptions, dispatchOf, readArgv } from "./lane-dispatch.ts";
import { conclude, duration, printJson, printLine, printTable } from "./print.ts";
import { collect, readDuration, readRoute, readWholeNumber } from "./read-arguments.ts";

interface Json {
  readonly json?: boolean;
}

interface SetOptions extends Json, DispatchOptions {
  readonly route?: Route;
  readonly capacity?: number;
  readonly lease?: number;
  readonly heartbeat?: number;
  readonly dispatch?: string;
  readonly observe?: Observe;
  readonly routeAlias?: readonly string[];
}

export const laneVerbs: VerbGroup = (program, cli) => {
  const lane = program.command("lane").description("set, look at, pause and resume lanes");
  setVerb(lane, cli);
  listVerb(lane, cli);
  lane
    .command("pause")
    .description("let nothing more be pulled from a lane; what is worked on goes on")
    .argument("<name>", "the lane")
    .requiredOption("--reason <text>", "why; whoever asks for work is told")
    .option("--json", "print the lane as JSON")
    .action((name: string, { reason, json }: Json & { readonly reason: string }) =>
      cli.inHouse(async (house) =>
        answer(cli, await pauseLane(house, { name, reason }, cli.caller), json, () => `is paused: ${reason}`),
      ),
    );
  lane
    .command("resume")
    .description("let a paused lane be pulled from again")
    .argument("<name>", "the lane")
    .option("--json", "print the lane as JSON")
    .action((name: string, { json }: Json) =>
      cli.inHouse(async (house) =>
        answer(cli, await resumeLane(house, name, cli.caller), json, () => "is open"),
      ),
    );
};

function setVerb(lane: Command, cli: Cli): void {
  lane
    .command("set")
    .description("add a lane, or change what is said of one")
    .argument("<name>", "the lane, such as builder")
    .option("--route <provider/model>", "the one route its sessions run on, compared exactly", readRoute)
    .option("--capacity <n>", "how many may work in it at once (new lanes: 1)", readWholeNumber)
    .option(
      "--lease <time>",
      "how long silence lasts before the work is given to another (new lanes: 15m)",
      readDuration,
    )
    .option("--heartbeat <time>", "how often a holder says that it is there (new lanes: 5m)", readDuration)
    .option("--dispatch <way>", "how work reaches agents: pull, webhook, command or chat (docs/dispatch.md)")
    .option("--dispatch-agent <name>", "for which agent of the lane offers are made")
    .option("--dispatch-url <url>", "webhook: where offers are posted")
    .option("--dispatch-argv <json>", "command: the program and its arguments, as a JSON array", readArgv)
    .option("--dispatch-timeout <time>", "command: how long the program may run (1m)", readDuration)
    .option("--dispatch-channel <platform:channel>", "chat: where the card is posted")
    .option("--dispatch-mention <name>", "chat: who is mentioned (the agent)")
    .option("--offer <time>", "how long an offer waits for its first heartbeat (2m)", readDuration)
    .addOption(
      new Option(
        "--observe <how>",
        "required: what no instrument saw on the route is never done (new lanes: optional)",
      ).choices(OBSERVE),
    )
    .option(
      "--route-alias <model>",
      "another name the provider gives the model; may be said more than once, and replaces those before",
      collect,
    )
    .option("--json", "print the lane as JSON")
    .action((name: string, { route, capacity, lease, heartbeat, dispatch, ...rest }: SetOptions) =>
      cli.inHouse(async (house) => {
        const settings = {
          name,
          route,
          capacity,
          leaseMs: lease,
          heartbeatMs: heartbeat,
          dispatch: dispatch === undefined ? undefined : dispatchOf(dispatch, rest),
          observe: rest.observe,
          routeAliases: rest.routeAlias,
        };
        const set = await setLane(house, settings, cli.caller);
        return answer(cli, set, rest.json, (now) => {
          const times = `lease ${duration(now.leaseMs)}, a heartbeat every ${duration(now.heartbeatMs)}`;
          return `runs on ${routeName(now.route)}: capacity ${now.capacity}, ${times}`;
        });
      }),
    );
}

function listVerb(lane: Command, cli: Cli): void {
  lane
    .command("list")
    .description("list the lanes, who works in them and what waits")
    .option("--json", "print JSON: {lanes}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const lanes = await house.roster.lanes();
        if (json === true) {
          printJson(cli, {
            lanes: lanes.map((each) => ({ ...laneJson(each), living: each.living, runnable: each.runnable })),
          });
          return 0;
        }
        printTable(
          cli,
          ["LANE", "ROUTE", "AT WORK", "RUNNABLE", "LEASE", "HEARTBEAT", "PAUSED"],
          lanes.map((each) => [
            each.name,
            routeName(each.route),
            `${each.living} of ${each.capacity}`,
            each.runnable,
            duration(each.leaseMs),
            duration(each.heartbeatMs),
            each.pausedReason ?? "",
          ]),
        );
        return 0;
      }),
    );
}

function answer(
  cli: Cli,
  outcome: Outcome<Lane>,
  json: boolean | undefined,
  said: (lane: Lane) => string,
): ExitStatus {
  return conclude(cli, outcome, (lane) =>
    json === true ? printJson(cli, laneJson(lane)) : printLine(cli, `Lane ${lane.name} ${said(lane)}`),
  );
}

function laneJson({
  name,
  route,
  capacity,
  leaseMs,
  heartbeatMs,
  dispatch,
  pausedReason,
  version,
  ...rest
}: Lane) {
  return {
    name,
    route,
    capacity,
    leaseSeconds: leaseMs / 1000,
    heartbeatSeconds: heartbeatMs / 1000,
    dispatch,
    pausedReason,
    version,
    observe: rest.observe,
    routeAliases: rest.routeAliases,
  };
}
