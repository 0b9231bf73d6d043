import { type Command, Option } from "commander";
import { addAgent } from "../../commands/add-agent.ts";
import { type ChangeAgent, changeAgent } from "../../commands/change-agent.ts";
import type { AgentRecord } from "../../ports/roster.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { conclude, isoTime, printJson, printLine, printTable } from "./print.ts";
import { collect } from "./read-arguments.ts";

interface Json {
  readonly json?: boolean;
}

interface AddOptions extends Json {
  readonly lane?: readonly string[];
  readonly role: AgentRecord["role"];
}

const CHANGES = [
  { change: "pause", past: "paused", about: "let an agent pull nothing more; what it holds it may finish" },
  { change: "resume", past: "resumed", about: "let a paused agent pull again" },
  { change: "revoke", past: "revoked", about: "make an agent's key worthless, for good" },
] as const;

export const agentVerbs: VerbGroup = (program, cli) => {
  const agent = program.command("agent").description("add agents and look after their keys");
  addVerb(agent, cli);
  listVerb(agent, cli);
  for (const each of CHANGES) changeVerb(agent, cli, each);
};

function addVerb(agent: Command, cli: Cli): void {
  agent
    .command("add")
    .description("add an agent and print its key, once")
    .argument("<name>", "the agent, such as ada")
    .option("--lane <lane>", "a lane it may pull from; may be said more than once", collect)
    .addOption(
      new Option("--role <role>", "operator: may manage tasks as well")
        .choices(["agent", "operator"])
        .default("agent"),
    )
    .option("--json", "print JSON: {name, key}")
    .action((name: string, { lane: lanes = [], role, json }: AddOptions) =>
      cli.inHouse(async (house) =>
        conclude(cli, await addAgent(house, { name, lanes, role }, cli.caller), ({ agent: added, key }) => {
          if (json === true) printJson(cli, { name: added.name, key });
          else {
            printLine(cli, key);
            cli.host.terminal.err(
              `This is ${added.name}'s key. It is shown only now: keep it where the agent reads it.\n`,
            );
          }
        }),
      ),
    );
}

function listVerb(agent: Command, cli: Cli): void {
  agent
    .command("list")
    .description("list the agents")
    .option("--json", "print JSON: {agents}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const agents = await house.roster.agents();
        if (json === true) printJson(cli, { agents: agents.map(agentJson) });
        else {
          printTable(
            cli,
            ["AGENT", "ROLE", "LANES", "STATE", "ADDED"],
            agents.map((each) => [
              each.name,
              each.role,
              each.lanes.join(", "),
              each.revoked ? "revoked" : each.paused ? "paused" : "active",
              isoTime(each.createdAt),
            ]),
          );
        }
        return 0;
      }),
    );
}

function changeVerb(
  agent: Command,
  cli: Cli,
  {
    change,
    past,
    about,
  }: { readonly change: ChangeAgent["change"]; readonly past: string; readonly about: string },
): void {
  agent
    .command(change)
    .description(about)
    .argument("<name>", "the agent")
    .option("--json", "print the agent as JSON")
    .action((name: string, { json }: Json) =>
      cli.inHouse(async (house) =>
        conclude(cli, await changeAgent(house, { name, change }, cli.caller), (changed) =>
          json === true
            ? printJson(cli, agentJson(changed))
            : printLine(cli, `Agent ${changed.name} is ${past}`),
        ),
      ),
    );
}

function agentJson({ name, role, lanes, paused, revoked, createdAt }: AgentRecord) {
  return { name, role, lanes, paused, revoked, createdAt: isoTime(createdAt) };
}
