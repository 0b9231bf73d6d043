import { announce } from "./announce.js";
import { asides } from "./asides.js";
import { ask } from "./ask.js";
import { drawLeases } from "./card.js";
import { Channel } from "./channel.js";
import { Composer } from "./composer.js";
import { byId, el } from "./element.js";
import { drawFloor } from "./floor.js";
import { follow } from "./live.js";
import { themeButton } from "./theme-button.js";
import { Thread } from "./thread.js";
import { setDatabaseTime } from "./time.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("../floor.ts").Floor} Floor
 * @typedef {import("../../../ports/local-speech.ts").Spoken} Spoken
 * @typedef {import("./ask.js").Problem} Problem
 */

/** @type {Floor | null} */
let floor = null;

const acts = {
  /** @param {string} line */
  prefill: (line) => commandLine.prefill(line),
  /** @param {string} line */
  run: (line) => void send(line),
  /** @param {number} id */
  openThread: (id) => void thread.open(id),
  /** @param {string} line */
  confirm: (line) => void send(line, true),
  focusLine: () => commandLine.focus(),
};
const channel = new Channel(acts);
const thread = new Thread(acts, (id) => channel.focus(id));
const aside = asides(acts);
const commandLine = new Composer({ send: (line) => send(line), dismiss: () => aside.dismiss() });

/**
 * Sends a line. True where the server took it, whatever it answered.
 *
 * @param {string} line
 */
async function send(line, confirmed = false) {
  /** @type {{ value: Spoken } | { problem: Problem }} */
  const answered = await ask("/chat/lines", confirmed ? { line, confirmed } : { line });
  if ("problem" in answered) {
    aside.problem(line, answered.problem);
    return false;
  }
  const { answer, message } = answered.value;
  if (answer !== null && message === null) aside.answer(line, answer);
  return true;
}

/** @param {"live" | "waiting"} state */
function drawLink(state) {
  const link = byId("link");
  if (link.dataset["state"] === state) return;
  link.dataset["state"] = state;
  link.replaceChildren(el("span", {}, state === "live" ? "Live" : "Reconnecting…"));
}

const earlier = /** @type {HTMLButtonElement} */ (byId("earlier"));

/** @typedef {{ change: number, messages: LocalMessage[], more: boolean }} Page */

/** Shows the newest messages, then follows what comes. */
async function begin() {
  /** @type {{ value: Page } | { problem: Problem }} */
  const answered = await ask("/chat/messages");
  if ("problem" in answered) {
    drawLink("waiting");
    setTimeout(() => void begin(), 1000);
    return;
  }
  const { change, messages, more } = answered.value;
  channel.clear();
  channel.fill(messages);
  earlier.hidden = !more;
  follow({
    after: change,
    onMessage(message) {
      channel.show(message);
      thread.show(message);
    },
    onFloor(seen) {
      setDatabaseTime(seen.now);
      floor = seen;
      drawFloor(seen, acts);
      drawLeases(seen.work);
    },
    onState: drawLink,
    onReset: () => {
      thread.close();
      void begin();
    },
  });
}

async function lookBack() {
  /** @type {{ value: Page } | { problem: Problem }} */
  const answered = await ask(`/chat/messages?before=${channel.oldest ?? 0}`);
  if ("problem" in answered) {
    announce(answered.problem.title);
    return;
  }
  channel.fill(answered.value.messages);
  earlier.hidden = !answered.value.more;
}
earlier.addEventListener("click", () => void lookBack());

setInterval(() => {
  if (!document.hidden) drawLeases(floor?.work ?? []);
}, 1000);

// A slash goes to the command line from wherever nothing is being typed.
addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  commandLine.prefill("/");
});

themeButton();
await begin();
