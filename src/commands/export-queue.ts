import { ARCHIVE_FORMAT, ARCHIVE_VERSION, type ArchivedTask } from "../core/archive.ts";
import type { House } from "./house.ts";

/** Tasks read at once, each with its whole history. */
const PAGE = 50;

/**
 * Writes the queue line by line, in an order that depends on nothing but its content: header, lanes, epics, agents, the
 * events that are no task's, then each task with its attempts, proofs, events and announcements. Each task is read in one snapshot. No
 * keys and no targets of dispatch are in it. Answers how many lines it wrote.
 */
export async function exportQueue(
  house: House,
  write: (line: string) => Promise<void> | void,
): Promise<number> {
  let lines = 0;
  const put = async (record: object): Promise<void> => {
    await write(JSON.stringify(record));
    lines += 1;
  };
  await put({ format: ARCHIVE_FORMAT, version: ARCHIVE_VERSION });
  const { lanes, epics, agents, events } = await house.imports.roster();
  for (const lane of lanes) await put({ record: "lane", ...lane });
  for (const epic of epics) await put({ record: "epic", ...epic });
  for (const agent of agents) await put({ record: "agent", ...agent });
  for (const event of events)
    await put({ record: "event", task: null, version: null, attempt: null, ...event });
  for (let after = ""; ; ) {
    const tasks = await house.imports.tasks(after, PAGE);
    for (const task of tasks) await putTask(put, task);
    const last = tasks.at(-1);
    if (last === undefined || tasks.length < PAGE) return lines;
    after = last.row.key;
  }
}

async function putTask(
  put: (record: object) => Promise<void>,
  { row, history }: ArchivedTask,
): Promise<void> {
  await put({ record: "task", ...row });
  const task = row.key;
  for (const attempt of history.attempts) await put({ record: "attempt", task, ...attempt });
  for (const proof of history.proofs) await put({ record: "proof", task, ...proof });
  for (const event of history.events) await put({ record: "event", task, ...event });
  for (const announcement of history.announcements)
    await put({ record: "announcement", task, ...announcement });
}
