import type { House } from "../commands/house.ts";
import { validateQueue } from "../commands/validate-queue.ts";
import type { Validation } from "../core/validation.ts";

/** One run: the whole queue against every rule. Changes nothing, so that it may run anywhere and at any time. */
export function queueValidate(house: House): Promise<Validation> {
  return validateQueue(house);
}
