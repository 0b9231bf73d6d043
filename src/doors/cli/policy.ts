import { type Command, InvalidArgumentError } from "commander";
import { placeOf, setPolicy } from "../../commands/set-policy.ts";
import { type Trial, tryProof } from "../../commands/try-proof.ts";
import { POLICY_TEMPLATES, type PolicyTemplate } from "../../core/policy-templates.ts";
import type { DefaultPolicy } from "../../ports/policies.ts";
import { type Cli, type ExitStatus, type VerbGroup, WrongUsage } from "./cli.ts";
import { isoTime, printJson, printLine, printRefusal, printTable } from "./print.ts";

interface Json {
  readonly json?: boolean;
}

type Given = { readonly [placeholder: string]: string };

export const policyVerbs: VerbGroup = (program, cli) => {
  const policy = program
    .command("policy")
    .description("say what tasks must show by default, and try what would show it");
  listVerb(policy, cli);
  showVerb(policy, cli);
  setVerb(policy, cli);
  tryVerb(policy, cli);
};

function listVerb(policy: Command, cli: Cli): void {
  policy
    .command("list")
    .description("list the templates, and the lanes and epics that have a default")
    .option("--json", "print JSON: {templates, policies}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const policies = await house.policies.policies();
        if (json === true) {
          printJson(cli, {
            templates: POLICY_TEMPLATES.map((each) => templateJson(each)),
            policies: policies.map((each) => policyJson(each)),
          });
          return 0;
        }
        printTable(
          cli,
          ["TEMPLATE", "WHAT MUST BE SHOWN", "TAKES"],
          POLICY_TEMPLATES.map(({ name, about, takes }) => [
            name,
            about,
            takes
              .map(({ name: placeholder, usual }) =>
                usual === undefined ? `${placeholder}=…` : `[${placeholder}=${usual}]`,
              )
              .join(" "),
          ]),
        );
        if (policies.length > 0) {
          printLine(cli, "");
          printTable(
            cli,
            ["DEFAULT OF", "TEMPLATE", "REQUIREMENTS", "SET BY", "AT"],
            policies.map(({ on, template, requirements, setBy, setAt }) => [
              `${on.kind} ${on.name}`,
              template,
              requirements.map(({ name, kind }) => `${name} (${kind})`).join(", "),
              setBy,
              isoTime(setAt),
            ]),
          );
        }
        return 0;
      }),
    );
}

function showVerb(policy: Command, cli: Cli): void {
  policy
    .command("show")
    .description("show a template, or the default of a lane or an epic")
    .argument("<name>", "a template, a lane or an epic")
    .option("--json", "print JSON")
    .action((name: string, { json }: Json) =>
      cli.inHouse(async (house) => {
        const template = POLICY_TEMPLATES.find((each) => each.name === name);
        if (template !== undefined) {
          if (json === true) printJson(cli, templateJson(template));
          else printTemplate(cli, template);
          return 0;
        }
        const place = await placeOf(house, name);
        if (!place.ok) return printRefusal(cli, place.refusal);
        const found = await house.policies.policy(place.value);
        if (json === true) printJson(cli, found === null ? null : policyJson(found));
        else if (found === null)
          printLine(
            cli,
            `The ${place.value.kind} ${place.value.name} has no default: tasks say it themselves.`,
          );
        else printPolicy(cli, found);
        return 0;
      }),
    );
}

interface SetOptions extends Json {
  readonly from?: string;
  readonly with?: Given;
  readonly clear?: boolean;
}

function setVerb(policy: Command, cli: Cli): void {
  policy
    .command("set")
    .description("give a lane or an epic a default; tasks that are here keep what they have")
    .argument("<lane-or-epic>", "a lane's name or an epic's key; an epic's default goes before its lane's")
    .option("--from <template>", "the template; `gatehouse policy list` shows them")
    .option("--with <name=value>", "what the template leaves open; may be said more than once", readGiven)
    .option("--clear", "take the default away")
    .option("--json", "print the default as JSON")
    .action((on: string, { from, with: given = {}, clear, json }: SetOptions) => {
      if ((from === undefined) !== (clear === true)) throw new WrongUsage("Say --from TEMPLATE, or --clear.");
      return cli.inHouse(async (house) => {
        const set = await setPolicy(house, { on, from: from ?? null, given }, cli.caller);
        if (!set.ok) return printRefusal(cli, set.refusal);
        if (json === true) printJson(cli, set.value === null ? null : policyJson(set.value));
        else if (set.value === null) printLine(cli, `${on} has no default any more.`);
        else printPolicy(cli, set.value);
        return 0;
      });
    });
}

function tryVerb(policy: Command, cli: Cli): void {
  policy
    .command("try")
    .description("say what a link would come to as a task's proof; attaches and writes nothing")
    .argument("<task>", "the task, such as CLIP-12")
    .argument("<uri>", "the link: https://…, file:relative/path or command:NAME")
    .option("--requirement <name>", "only this requirement, whether such a link fits it or not")
    .option("--json", "print JSON: {task, uri, attempt, claimedAt, checks}")
    .action((key: string, uri: string, { requirement, json }: Json & { readonly requirement?: string }) =>
      cli.inHouse(async (house) => {
        const tried = await tryProof(house, { key, uri, requirement }, new AbortController().signal);
        if (!tried.ok) return printRefusal(cli, tried.refusal);
        if (json === true) printJson(cli, { ...tried.value, claimedAt: isoTime(tried.value.claimedAt) });
        else printTrial(cli, tried.value);
        return holds(tried.value);
      }),
    );
}

/** Well where it would prove something and nothing it fits is against it. */
function holds({ checks }: Trial): ExitStatus {
  const asked = checks.filter(({ verdict }) => verdict !== null);
  return asked.length > 0 && asked.every(({ verdict }) => verdict === "passed") ? 0 : 1;
}

function readGiven(text: string, before: Given | undefined): Given {
  const cut = text.indexOf("=");
  if (cut < 1) throw new InvalidArgumentError("It takes name=value, such as repo=acme/clip.");
  return { ...before, [text.slice(0, cut).trim()]: text.slice(cut + 1) };
}

function templateJson({ name, about, takes }: PolicyTemplate) {
  return { name, about, takes: takes.map((each) => ({ ...each, usual: each.usual ?? null })) };
}

function policyJson({ on, template, given, requirements, setBy, setAt }: DefaultPolicy) {
  return { [on.kind]: on.name, template, given, requirements, setBy, setAt: isoTime(setAt) };
}

function printTemplate(cli: Cli, { name, about, takes }: PolicyTemplate): void {
  printLine(cli, `${name}: ${about}`);
  for (const { name: placeholder, about: what, example, usual } of takes) {
    const value = usual === undefined ? `must be given, such as ${example}` : `${usual} unless given`;
    printLine(cli, `  --with ${placeholder}=…  ${what} (${value})`);
  }
}

function printPolicy(cli: Cli, { on, template, requirements }: DefaultPolicy): void {
  printLine(cli, `Tasks of ${on.kind} ${on.name} that say nothing else must show (${template}):`);
  for (const { name, kind, ...fields } of requirements) {
    printLine(cli, `  ${name}: ${kind} ${JSON.stringify(fields)}`);
  }
}

function printTrial(cli: Cli, { task, attempt, claimedAt, checks }: Trial): void {
  const since = isoTime(claimedAt);
  const against =
    attempt === null ? `${task}, which nobody has claimed; its time counts from ${since}` : attempt;
  printLine(cli, `Tried on ${against}. Nothing was attached.`);
  printTable(
    cli,
    ["REQUIREMENT", "KIND", "VERDICT", "WHY"],
    checks.map(({ requirement, kind, verdict, reason }) => [
      requirement,
      kind,
      verdict ?? "not asked",
      reason,
    ]),
  );
}
