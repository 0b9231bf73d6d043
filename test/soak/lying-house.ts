// SABOTAGE, to see the soak turn red: a house that says a write is done before it is. What such a store answers comes
// true nearly always, and nobody notices until a process dies.
import type { House } from "../../src/commands/house.ts";

/** How long it keeps a write to itself, in milliseconds. */
const KEEPS_MS = 30;

export function lyingHouse(house: House): House {
  const later = (write: () => Promise<void>): Promise<void> => {
    setTimeout(() => void write(), KEEPS_MS);
    return Promise.resolve();
  };
  return {
    ...house,
    outbox: {
      ...house.outbox,
      post: (notice, task) => later(() => house.outbox.post(notice, task)),
      sent: (delivery, anchor) => later(() => house.outbox.sent(delivery, anchor)),
    },
  };
}
