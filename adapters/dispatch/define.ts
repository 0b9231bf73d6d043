import { z } from "zod";
import type { Dispatch } from "../../src/core/dispatch.ts";
import type { Dispatcher, DispatchFault, Offer } from "../../src/ports/dispatcher.ts";

/** What every lane that hands work out says, whichever way. */
const SHARED: ReadonlySet<string> = new Set(["kind", "agent", "offerSeconds"]);

/** A dispatcher from its own settings' shape. `send` gets them checked once more: a lane may be older than this version. */
export function defineDispatcher<Fields extends z.ZodRawShape>(definition: {
  readonly kind: string;
  readonly fields: Fields;
  readonly send: (settings: z.infer<z.ZodObject<Fields>>, offer: Offer, signal: AbortSignal) => Promise<void>;
}): Dispatcher {
  const { kind, fields, send } = definition;
  const shape = z.strictObject({ ...fields });
  const own = (dispatch: Dispatch): unknown =>
    Object.fromEntries(Object.entries(dispatch).filter(([field]) => !SHARED.has(field)));
  return {
    kind,
    check(dispatch): readonly DispatchFault[] {
      const result = shape.safeParse(own(dispatch));
      return (result.error?.issues ?? []).map((issue) => {
        const [name] = issue.code === "unrecognized_keys" ? issue.keys : issue.path;
        const field = String(name ?? "");
        return { field, expected: issue.message, got: dispatch[field] ?? null };
      });
    },
    send: (offer, signal) => send(shape.parse(own(offer.dispatch)), offer, signal),
  };
}
