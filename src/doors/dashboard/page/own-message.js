import { ask } from "./ask.js";
import { el } from "./element.js";

/**
 * @typedef {import("../../../ports/local-chat.ts").LocalMessage} LocalMessage
 * @typedef {import("./ask.js").Problem} Problem
 */

/** Whoever sits at this page; the server takes changes of nobody else's messages. */
const ME = "person:local:operator";

/**
 * Editing and deleting what one said oneself in a thread; null for every other message. The stream brings what became
 * of it.
 *
 * @param {LocalMessage} message
 * @param {(problem: Problem) => void} tell
 */
export function ownActs(message, tell) {
  if (message.kind !== "said" || message.author !== ME || message.data["deletedAt"] !== undefined)
    return null;
  /** @param {string} path @param {object} body */
  const send = async (path, body) => {
    const answered = await ask(`/chat/messages/${message.id}${path}`, body);
    if ("problem" in answered) tell(answered.problem);
    return "value" in answered;
  };
  const acts = el("div", { class: "own" });
  const show = () => {
    acts.replaceChildren(
      button("Edit", () => acts.replaceChildren(editor(message, send, show))),
      button("Delete", () => {
        acts.replaceChildren(
          el("span", { class: "fine" }, "Delete it? Proof it attached is withdrawn. "),
          button("Delete it", () => void send("/delete", {})),
          button("Keep it", show),
        );
        acts.querySelector("button")?.focus();
      }),
    );
  };
  show();
  return acts;
}

/**
 * @param {LocalMessage} message
 * @param {(path: string, body: object) => Promise<boolean>} send
 * @param {() => void} close
 */
function editor(message, send, close) {
  const text = el("textarea", { rows: 2, "aria-label": "Your message, to be changed" });
  text.value = message.text;
  const save = async () => {
    if (text.value.trim() !== "" && (await send("", { text: text.value }))) close();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void save();
  });
  queueMicrotask(() => text.focus());
  return el(
    "div",
    {},
    text,
    button("Save", () => void save()),
    button("Leave it", close),
  );
}

/**
 * @param {string} name
 * @param {() => void} click
 */
function button(name, click) {
  return el("button", { type: "button", class: "quiet", click }, name);
}
