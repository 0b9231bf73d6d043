// Core's word on every task of a queue, asked without any narrowing: what queue-validate must never fall short of.
import type { House } from "../../src/commands/house.ts";
import { requirementJudge } from "../../src/commands/validate-queue.ts";
import { taskFindings } from "../../src/core/validation/judge.ts";
import { cycleFinding, cycles } from "../../src/core/validation/waiting.ts";
import type { Finding } from "../../src/core/validation.ts";

export interface Verdicts {
  readonly tasks: readonly { readonly id: number; readonly findings: readonly Finding[] }[];
  readonly circles: readonly Finding[];
}

export async function judgeEverything(house: House): Promise<Verdicts> {
  const { lastId } = await house.validation.extent();
  const ids = Array.from({ length: lastId }, (_, index) => index + 1);
  const records = await house.validation.records(ids);
  const judge = requirementJudge(house);
  const { edges, keys } = await house.validation.dependenciesAmong(ids);
  return {
    tasks: records.map((record) => ({ id: record.task.id, findings: taskFindings(record, judge) })),
    circles: cycles(edges).map((part) => cycleFinding(part.map((id) => keys.get(id) ?? ""))),
  };
}
