/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("../floor.ts").Floor} Floor
 * @typedef {"live" | "waiting"} LinkState
 */

const RETRY_MS = 1000;

/**
 * Follows the channel from a change on. The browser comes back by itself after a lost connection and names the last
 * change it got; where it gives up, a new stream begins at the same place.
 *
 * @param {{
 *   after: number,
 *   onMessage: (message: LocalMessage) => void,
 *   onFloor: (floor: Floor) => void,
 *   onState: (state: LinkState) => void,
 *   onReset: () => void,
 * }} listeners
 */
export function follow({ after, onMessage, onFloor, onState, onReset }) {
  let last = after;
  const open = () => {
    const source = new EventSource(`/chat/stream?after=${last}`);
    source.addEventListener("open", () => onState("live"));
    source.addEventListener("message", (event) => {
      last = Math.max(last, Number(event.lastEventId));
      onMessage(/** @type {LocalMessage} */ (JSON.parse(String(event.data))));
    });
    source.addEventListener("floor", (event) =>
      onFloor(/** @type {Floor} */ (JSON.parse(String(event.data)))),
    );
    source.addEventListener("reset", () => {
      source.close();
      onReset();
    });
    source.addEventListener("error", () => {
      onState("waiting");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, RETRY_MS);
    });
    // A page that is left must not hold its connection until somebody notices.
    addEventListener("pagehide", () => source.close(), { once: true });
  };
  open();
}
