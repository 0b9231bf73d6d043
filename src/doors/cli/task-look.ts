import { type Command, Option } from "commander";
import { type House, noTask } from "../../commands/house.ts";
import { proofLacks } from "../../core/proof-progress.ts";
import { routeName } from "../../core/route.ts";
import { STATUSES, type Status } from "../../core/task.ts";
import { tidyLine, tidyText } from "../../core/text.ts";
import type { TaskHistory } from "../../ports/listing.ts";
import type { TaskFacts } from "../../ports/queue.ts";
import type { Cli, ExitStatus } from "./cli.ts";
import { isoTime, printJson, printLine, printRefusal, printTable } from "./print.ts";
import { readWholeNumber } from "./read-arguments.ts";

const PAGE = 50;
const PAGE_MAX = 1000;

interface ListOptions {
  readonly status?: Status;
  readonly lane?: string;
  readonly epic?: string;
  readonly runnable?: boolean;
  readonly text?: string;
  readonly after?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

export function listVerb(task: Command, cli: Cli): void {
  task
    .command("list")
    .description("list tasks in the order they were added")
    .addOption(new Option("--status <status>", "only tasks that are this").choices(STATUSES))
    .option("--lane <lane>", "only tasks of this lane")
    .option("--epic <key>", "only tasks of this epic")
    .option("--runnable", "only tasks that may be pulled now")
    .option("--text <text>", "only tasks with this in their key or title")
    .option("--limit <n>", `how many (without: ${PAGE})`, readWholeNumber)
    .option("--after <cursor>", "go on after this page", readWholeNumber)
    .option("--json", "print JSON: {tasks, nextCursor}")
    .action(({ json, limit, ...filter }: ListOptions) =>
      cli.inHouse(async (house) => {
        const most = Math.max(1, Math.min(limit ?? PAGE, PAGE_MAX));
        const page = await house.listing.list({ ...filter, limit: most });
        if (json === true) {
          const { TaskSummaryJson, taskSummaryJson } = await import("../http/task-json.ts");
          const tasks = page.tasks.map((each) => TaskSummaryJson.parse(taskSummaryJson(each)));
          printJson(cli, { tasks, nextCursor: page.next === null ? null : String(page.next) });
          return 0;
        }
        printTable(
          cli,
          ["KEY", "PRIORITY", "STATUS", "LANE", "TITLE", "HELD BY"],
          page.tasks.map((each) => [
            each.key,
            each.priority,
            each.runnable ? `${each.status} (runnable)` : each.status,
            each.lane,
            each.title,
            each.holder?.agent ?? "",
          ]),
        );
        if (page.next !== null) cli.host.terminal.err(`There are more: --after ${page.next}\n`);
        return 0;
      }),
    );
}

export function showVerb(task: Command, cli: Cli): void {
  task
    .command("show")
    .description("show one task with its attempts, proofs and events, and why it waits")
    .argument("<key>", "the task, such as CLIP-12, or the id it was imported under")
    .option("--json", "print JSON")
    .action((key: string, { json }: { readonly json?: boolean }) =>
      cli.inHouse(async (house) => {
        const found = (await house.queue.task(key)) === null ? await house.imports.byExternalId(key) : key;
        return showTask(cli, house, found ?? key, json === true);
      }),
    );
}

export function whyVerb(task: Command, cli: Cli): void {
  task
    .command("why")
    .description("say in plain words what a task still lacks until it is done")
    .argument("<key>", "the task, such as CLIP-12")
    .option("--json", "print JSON: {task, status, why}")
    .action((key: string, { json }: { readonly json?: boolean }) =>
      cli.inHouse(async (house) => {
        const [facts, lanes] = await Promise.all([house.queue.task(key), house.roster.lanes()]);
        if (facts === null) return printRefusal(cli, noTask(key));
        const { task: found, attempt } = facts;
        const living = lanes.find(({ name }) => name === found.lane)?.living ?? 0;
        const { whyNot } = await import("../http/task-json.ts");
        const why = [...(found.status === "queued" ? whyNot(facts, living) : []), ...proofLacks(facts)];
        if (json === true) {
          printJson(cli, { task: found.key, status: found.status, why });
          return 0;
        }
        const held = attempt === null ? "" : `, held by ${attempt.agent}`;
        printLine(cli, `${found.key} is ${found.status}${held}.`);
        for (const { detail } of why) printLine(cli, `- ${tidyLine(detail)}`);
        if (why.length === 0) printLine(cli, `- ${nothingLacking(facts)}`);
        return 0;
      }),
    );
}

/** What is next where neither the queue nor a requirement says that anything is lacking. */
function nothingLacking({ task }: TaskFacts): string {
  if (task.block !== null) return `${tidyLine(task.block.owner)} is asked: ${tidyLine(task.block.question)}`;
  const next: Record<Status, string> = {
    draft: "It is a draft: queue it with an acceptance and a policy.",
    queued: `Nothing: an agent of lane ${task.lane ?? ""} may pull it now.`,
    offered: "Every requirement has passed: its holder submits next.",
    active: "Every requirement has passed: its holder submits next.",
    verifying: "Every requirement has passed: it is being completed.",
    blocked: "A person unblocks it.",
    dead: "Its attempts are used up: a person requeues it.",
    cancelled: "It was cancelled: nothing will complete it.",
    done: "Nothing: every requirement passed.",
  };
  return next[task.status];
}

async function showTask(cli: Cli, house: House, key: string, json: boolean): Promise<ExitStatus> {
  const [facts, history, lanes] = await Promise.all([
    house.queue.task(key),
    house.listing.history(key),
    house.roster.lanes(),
  ]);
  if (facts === null || history === null) return printRefusal(cli, noTask(key));
  const living = lanes.find(({ name }) => name === facts.task.lane)?.living ?? 0;
  const { TaskDetailJson, taskDetailJson, whyNot } = await import("../http/task-json.ts");
  if (json) {
    printJson(cli, TaskDetailJson.parse(taskDetailJson(facts, history, living)));
    return 0;
  }
  printHead(cli, facts, whyNot(facts, living));
  printHistory(cli, facts.task.key, history);
  return 0;
}

function printHead(cli: Cli, facts: TaskFacts, why: readonly { readonly detail: string }[]): void {
  const { task } = facts;
  const fact = (name: string, value: string | null) => {
    if (value !== null && value !== "") printLine(cli, `${name.padEnd(12)} ${tidyLine(value)}`);
  };
  printLine(cli, `${task.key}  ${tidyLine(task.title)}`);
  fact(
    "status",
    `${task.status}, version ${task.version}${task.completion === null ? "" : `, ${task.completion}`}`,
  );
  fact("waits for", task.status === "queued" ? why.map(({ detail }) => detail).join("; ") : null);
  for (const { detail } of proofLacks(facts)) fact("still needs", detail);
  fact("priority", task.priority);
  fact("lane", task.lane);
  fact("epic", task.epic);
  fact("not before", isoTime(task.notBefore));
  fact("depends on", task.dependencies.map(({ key, status }) => `${key} (${status})`).join(", "));
  if (task.block !== null) {
    const { kind, reason, owner, question, choices } = task.block;
    fact("blocked", `${kind}: ${reason}`);
    fact(
      "question",
      `${question}${choices.length === 0 ? "" : ` (${choices.join(" / ")})`} — asked of ${owner}`,
    );
  }
  fact("accepted if", task.acceptance);
  for (const { name, kind, ...fields } of task.requirements)
    fact("requires", `${name}: ${kind} ${JSON.stringify(fields)}`);
  if (task.body !== "") printLine(cli, `\n${tidyText(task.body)}`);
}

function printHistory(cli: Cli, key: string, { attempts, proofs, events }: TaskHistory): void {
  const section = (head: readonly string[], rows: Parameters<typeof printTable>[2]) => {
    if (rows.length === 0) return;
    printLine(cli, "");
    printTable(cli, head, rows);
  };
  section(
    ["ATTEMPT", "AGENT", "ROUTE", "STARTED", "LAST BEAT", "OUTCOME"],
    attempts.map((each) => [
      each.id,
      each.agent,
      routeName(each.route),
      isoTime(each.startedAt),
      isoTime(each.lastHeartbeatAt),
      each.outcome ?? `open, lease until ${isoTime(each.leaseExpiresAt)}`,
    ]),
  );
  section(
    ["PROOF OF", "ATTEMPT", "VERDICT", "LINK", "REASON"],
    proofs.map((each) => [
      each.requirement,
      `${key}.${each.attempt}`,
      each.superseded ? `${each.verdict}, superseded` : each.verdict,
      each.uri,
      each.reason,
    ]),
  );
  section(
    ["AT", "VERSION", "EVENT", "BY"],
    events.map((each) => [isoTime(each.at), each.version, each.kind, each.actor]),
  );
}
